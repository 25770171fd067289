import { vi } from "vitest";
import type { World } from "workflow/world";

/** What a stream gives until it ends. */
export async function all(stream: unknown): Promise<unknown[]> {
  return Array.fromAsync(stream as ReadableStream);
}

/** A stream that gives what is pushed. `cancel`: told why nobody wants more. */
export function source<T>(cancel = (_reason: unknown): void => {}): {
  readonly stream: ReadableStream<T>;
  readonly to: ReadableStreamDefaultController<T>;
} {
  let to!: ReadableStreamDefaultController<T>;
  const stream = new ReadableStream<T>({ start: (controller) => void (to = controller), cancel });
  return { stream, to };
}

/** The streams that were passed to a run as values and that somebody began to feed. */
export async function valueStreamsOf(world: World, runId: string): Promise<readonly string[]> {
  return (await world.streams.list(runId)).filter((name) => name.endsWith("_value"));
}

/** The name of the first of them, once there is one. */
export async function firstValueStream(world: World, runId: string): Promise<string> {
  const names = await vi.waitUntil(async () => {
    const found = await valueStreamsOf(world, runId);
    return found.length > 0 && found;
  });
  return names[0] ?? "";
}
