import { deserialize } from "../../serialization/serialize.ts";
import { HookConflictError, HookExpiredError } from "../../world/hook-errors.ts";
import { RealmHandles } from "./handles.ts";
import type { RunContext } from "./context.ts";

/** One who waits for the next payload of a hook. */
export interface Waiter {
  readonly resolve: (payload: Taken) => void;
  readonly reject: (reason: unknown) => void;
  /** What the hook's end means to it. Awaiting ends in nothing; iterating ends. */
  readonly end?: () => void;
}

/** A payload as it was received, with its place in the order. */
export interface Taken {
  readonly position: number;
  readonly payload: string;
}

/** A hook of the run: payloads that nobody took yet, and those who wait for one; never both. */
export interface HookRecord {
  readonly id: string;
  readonly token: string;
  readonly buffer: Taken[];
  readonly waiters: Waiter[];
  registration: "open" | "registered" | { readonly conflictingRunId: string };
  readonly registrationWaiters: (() => void)[];
  disposed: boolean;
  expired: boolean;
}

export function createRecord(id: string, token: string): HookRecord {
  return {
    id,
    token,
    buffer: [],
    waiters: [],
    registration: "open",
    registrationWaiters: [],
    disposed: false,
    expired: false,
  };
}

export function conflictOf(hook: HookRecord): HookConflictError | undefined {
  if (typeof hook.registration === "string") return undefined;
  return new HookConflictError(hook.token, hook.registration.conflictingRunId);
}

/** Takes the next payload now, or waits for it. Returns what withdraws the wait, or gives the payload back. */
export function take(hook: HookRecord, waiter: Waiter): () => void {
  const conflict = conflictOf(hook);
  if (conflict !== undefined) {
    waiter.reject(conflict);
    return () => {};
  }
  const first = hook.buffer.shift();
  if (first !== undefined) {
    waiter.resolve(first);
    return () => giveBack(hook, first);
  }
  let got: Taken | undefined;
  const entry: Waiter = {
    ...waiter,
    resolve: (taken) => {
      got = taken;
      waiter.resolve(taken);
    },
  };
  if (hook.disposed) waiter.end?.();
  else if (hook.expired) waiter.reject(new HookExpiredError(hook.token));
  else hook.waiters.push(entry);
  return () => {
    const index = hook.waiters.indexOf(entry);
    if (index >= 0) hook.waiters.splice(index, 1);
    else if (got !== undefined) giveBack(hook, got);
  };
}

/** A payload whose taker lost a race goes to the next waiter, or back to its place in the order. */
function giveBack(hook: HookRecord, taken: Taken): void {
  if (hook.disposed) return;
  const next = hook.waiters.shift();
  if (next !== undefined) return next.resolve(taken);
  const index = hook.buffer.findIndex((other) => other.position > taken.position);
  hook.buffer.splice(index < 0 ? hook.buffer.length : index, 0, taken);
}

export function receive(hook: HookRecord, taken: Taken): void {
  if (hook.disposed || hook.expired) return;
  const next = hook.waiters.shift();
  if (next === undefined) hook.buffer.push(taken);
  else next.resolve(taken);
}

/** The World has decided about the token. */
export function register(hook: HookRecord, outcome: "registered" | { readonly conflictingRunId: string }): void {
  hook.registration = outcome;
  for (const tell of hook.registrationWaiters.splice(0)) tell();
  const conflict = conflictOf(hook);
  if (conflict === undefined) return;
  for (const waiter of hook.waiters.splice(0)) waiter.reject(conflict);
}

/** Its time is over. What came before that can still be taken. */
export function expire(hook: HookRecord): void {
  hook.expired = true;
  for (const waiter of hook.waiters.splice(0)) waiter.reject(new HookExpiredError(hook.token));
}

export function end(hook: HookRecord): void {
  hook.disposed = true;
  hook.buffer.length = 0;
  for (const waiter of hook.waiters.splice(0)) waiter.end?.();
}

export function revive(run: RunContext, taken: Taken): unknown {
  return deserialize(taken.payload, new RealmHandles(run));
}
