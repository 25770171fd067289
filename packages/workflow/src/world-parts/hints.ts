import type { StreamAddress } from "../world/streams.ts";
import type { Hint } from "../world/world.ts";

/** What one World tells others. */
export type SharedHint = Exclude<Hint, { readonly kind: "look" }>;

/** How hints reach other Worlds on the same data. A message that is lost costs a sweep. */
export interface Peers {
  /** A worker has joined (or left) through this World. */
  announce(worker: string, present: boolean): void;
  /** Tells the World through which `worker` joined; all of them when it is null or not known. */
  tell(hint: SharedHint, worker: string | null): void;
}

/** Who wants to be told, and the telling. */
export interface Hints {
  on(listener: (hint: Hint) => void): () => void;
  /** Tells one who waits for the end of this run. */
  onEnd(runId: string, listener: () => void): () => void;
  /** Tells one who waits for the answer to this request. */
  onAnswer(requestId: string, listener: () => void): () => void;
  /** A hint from another World. */
  hear(hint: Hint): void;
  /** A run may have something to do; `owner` is the worker that has it. */
  work(runId: string, owner: string | null): void;
  /** Runs may have something to do, which are not known by name. Told in this World only. */
  look(): void;
  /** Steps were offered. */
  offered(): void;
  ended(runId: string): void;
  answered(requestId: string): void;
  /** Tells one who waits for chunks of this stream. */
  onStream(stream: StreamAddress, listener: () => void): () => void;
  streamed(stream: StreamAddress): void;
  /** Tells one who waits for a payload of this system hook. */
  onPayload(hookId: string, listener: () => void): () => void;
  received(hookId: string): void;
  /** A worker has joined through this World, or left. */
  member(worker: string, present: boolean): void;
}

/** Who has to hear that a run has something to do. */
export function audienceOf(owner: string | null, own: ReadonlySet<string>): "own" | "owner" | "anyone" {
  if (owner !== null) return own.has(owner) ? "own" : "owner";
  return own.size > 0 ? "own" : "anyone";
}

/** What those wait for who are told by a hint; "" for hints that are for everybody. */
function subjectOf(hint: Hint): string {
  switch (hint.kind) {
    case "work":
    case "look":
    case "offered":
      return "";
    case "ended":
      return hint.runId;
    case "answered":
      return hint.requestId;
    case "received":
      return hint.hookId;
    case "streamed":
      return `${hint.runId} ${hint.name}`;
  }
}

export function createHints(peers: () => Peers): Hints {
  // An object for each call of `on`: a function may listen twice.
  const listeners = new Set<{ readonly call: (hint: Hint) => void }>();
  /** By run or request: many may wait, each for one. */
  const waiters = new Map<string, Set<() => void>>();
  const members = new Set<string>();

  /** Listeners are called later, each on its own, so that what they throw does not reach whoever tells. */
  const tell = (hint: Hint): void => {
    for (const waiter of waiters.get(subjectOf(hint)) ?? []) queueMicrotask(waiter);
    for (const listener of listeners) {
      queueMicrotask(() => {
        if (listeners.has(listener)) listener.call(hint);
      });
    }
  };

  const wait = (id: string, listener: () => void): (() => void) => {
    const others = waiters.get(id) ?? new Set();
    waiters.set(id, others.add(listener));
    return () => {
      others.delete(listener);
      if (others.size === 0 && waiters.get(id) === others) waiters.delete(id);
    };
  };

  return {
    on(call) {
      const listener = { call };
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    onEnd: wait,
    onAnswer: wait,
    onPayload: wait,
    onStream: ({ runId, name }, listener) => wait(`${runId} ${name}`, listener),
    hear: tell,
    work(runId, owner) {
      const hint: SharedHint = { kind: "work", runId };
      const audience = audienceOf(owner, members);
      if (audience !== "owner") tell(hint);
      if (audience !== "own") peers().tell(hint, owner);
    },
    look: () => tell({ kind: "look" }),
    offered() {
      const hint: SharedHint = { kind: "offered" };
      tell(hint);
      peers().tell(hint, null);
    },
    ended(runId) {
      const hint: SharedHint = { kind: "ended", runId };
      tell(hint);
      peers().tell(hint, null);
    },
    answered(requestId) {
      const hint: SharedHint = { kind: "answered", requestId };
      tell(hint);
      peers().tell(hint, null);
    },
    streamed({ runId, name }) {
      const hint: SharedHint = { kind: "streamed", runId, name };
      tell(hint);
      peers().tell(hint, null);
    },
    received(hookId) {
      const hint: SharedHint = { kind: "received", hookId };
      tell(hint);
      peers().tell(hint, null);
    },
    member(worker, present) {
      if (present) members.add(worker);
      else members.delete(worker);
      peers().announce(worker, present);
    },
  };
}
