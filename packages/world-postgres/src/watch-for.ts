import { watch } from "workflow/world-parts";
import type { Core } from "./core.ts";

interface Sought<T> {
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  /** Has the listener called when a hint says that there may be something. Returns what ends that. */
  listen(listener: () => void): () => void;
  /** What is stored. */
  look(): Promise<T>;
  /** Whether that is what is waited for. */
  isOver(found: T): boolean;
}

/** What is stored once it is what is waited for, or when the time is over or the signal aborts; at once if it is. */
export async function watchFor<T>(
  { clock, poll, closing, method }: Core,
  { timeoutMs, signal, listen, look, isOver }: Sought<T>,
): Promise<T> {
  const signals = signal === undefined ? [closing.signal] : [closing.signal, signal];
  // Listening begins before reading, so that nothing falls between the two.
  const watching = watch(clock, poll, { timeoutMs, signals, listen, isOver: async () => isOver(await look()) });
  // It looks as well, and may fail while nobody waits for it.
  watching.over.catch(() => undefined);
  try {
    const found = await look();
    if (isOver(found)) return found;
    await watching.over;
    return await method(look)();
  } finally {
    watching.stop();
  }
}

/** Listens to several hints. */
export function listenTo(
  ...hints: readonly ((listener: () => void) => () => void)[]
): (listener: () => void) => () => void {
  return (listener) => {
    const stops = hints.map((hint) => hint(listener));
    return () => stops.forEach((stop) => stop());
  };
}
