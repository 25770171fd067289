import type { Hint } from "../world/world.ts";

/** Who wants to be told, and the telling. */
export interface Hints {
  on(listener: (hint: Hint) => void): () => void;
  /** Listeners are called later, each on its own, so that what they throw does not reach whoever tells. */
  tell(hint: Hint): void;
}

export function createHints(): Hints {
  // An object for each call of `on`: a function may listen twice.
  const listeners = new Set<{ readonly call: (hint: Hint) => void }>();
  return {
    on(call) {
      const listener = { call };
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    tell(hint) {
      for (const listener of listeners) {
        queueMicrotask(() => {
          if (listeners.has(listener)) listener.call(hint);
        });
      }
    },
  };
}
