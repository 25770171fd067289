import type { Clock, Hint } from "workflow/world";

/** Who wants to be told, and the telling. */
export interface Hints {
  on(listener: (hint: Hint) => void): () => void;
  /** Told in a later microtask: a listener that throws cannot undo a write that has happened. */
  tell(hint: Hint): void;
}

export function createHints(): Hints {
  // By registration, so that a function that listens twice is told twice and stops once.
  const listeners = new Map<symbol, (hint: Hint) => void>();
  return {
    on(listener) {
      const registration = Symbol("listener");
      listeners.set(registration, listener);
      return () => void listeners.delete(registration);
    },
    tell(hint) {
      for (const registration of listeners.keys()) queueMicrotask(() => listeners.get(registration)?.(hint));
    },
  };
}

/** Resolves when `met` is true of a hint, when `timeoutMs` are over, or when `signal` aborts. */
export function untilTold(
  hints: Hints,
  clock: Clock,
  wait: { readonly met: (hint: Hint) => boolean; readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      stopListening();
      stopTimer();
      wait.signal.removeEventListener("abort", finish);
      resolve();
    };
    const stopListening = hints.on((hint) => wait.met(hint) && finish());
    const stopTimer = clock.delay(wait.timeoutMs, finish);
    wait.signal.addEventListener("abort", finish);
    if (wait.signal.aborted) finish();
  });
}
