import type { Report } from "./membership-messages.ts";

/** The workers of a process, and what the present session does not yet do for them. */
export interface Members {
  add(id: number): void;
  remove(id: number): void;
  /** Those who are to beat. */
  all(): readonly number[];
  /** Those who lack a lock in the present session. */
  missing(): readonly number[];
  /** Those who have left, and whose locks are still held. */
  leaving(): readonly number[];
  /** The session does for this one what it can. */
  settle(id: number): void;
  /** Nothing is held for this one any more. */
  forget(id: number): void;
  /** The session has ended, and all locks with it. */
  unsettle(): void;
}

export function createMembers(report: (message: Report) => void): Members {
  const states = new Map<number, "missing" | "settled" | "leaving">();
  const inState = (wanted: string): readonly number[] =>
    [...states].filter(([, state]) => state === wanted).map(([id]) => id);

  const forget = (id: number): void => {
    states.delete(id);
    report({ kind: "removed", id });
  };

  return {
    add: (id) => void states.set(id, "missing"),
    remove(id) {
      if (states.get(id) === "settled") states.set(id, "leaving");
      else forget(id);
    },
    all: () => [...inState("missing"), ...inState("settled")],
    missing: () => inState("missing"),
    leaving: () => inState("leaving"),
    settle(id) {
      // It may have left while its lock was being taken; then that is given back next.
      states.set(id, states.has(id) ? "settled" : "leaving");
      report({ kind: "added", id });
    },
    forget,
    unsettle() {
      for (const id of inState("leaving")) forget(id);
      for (const id of states.keys()) states.set(id, "missing");
    },
  };
}
