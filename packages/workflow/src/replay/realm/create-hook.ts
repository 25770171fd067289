import { serialize } from "../../serialization/serialize.ts";
import { WorkflowError } from "../../world/errors.ts";
import { type ConflictingRun, type Hook, type HookOptions, LONGEST_TOKEN, type Received } from "../primitives.ts";
import type { Bridge } from "./bridge.ts";
import { callingRun, type RunContext } from "./context.ts";
import { emit } from "./emit.ts";
import { conflictOf, createRecord, end, type HookRecord, revive, take } from "./hook.ts";
import { drawId, tokenOf } from "./identity.ts";
import { pending } from "./pending.ts";
import { RealmRun } from "./run.ts";

/** Found on hooks by `Promise.race`: waits for a payload in a way that can be taken back. */
export const TENTATIVELY: unique symbol = Symbol("tentatively");

export interface Tentative {
  readonly promise: Promise<unknown>;
  /** Called when another won: the payload, come or to come, is for the next waiter. */
  readonly withdraw: () => void;
}

export function createHookFactory(bridge: Bridge): (options?: HookOptions) => Hook {
  return (options = {}) => {
    const run = callingRun();
    if (options.token !== undefined) checkToken(options.token);
    const id = drawId(bridge, run, "hook", options.token ?? "");
    const token = options.token ?? tokenOf(bridge, run, id);
    const metadata =
      options.metadata === undefined ? undefined : serialize(options.metadata, { what: "hook metadata", of: token });
    emit(run, { type: "hook", id, token, isWebhook: options.isWebhook === true }, metadata);
    return openHook(run, id, token);
  };
}

/** The hook that workflow code holds, of a command that was emitted. */
export function openHook(run: RunContext, id: string, token: string): Hook {
  const record = createRecord(id, token);
  run.hooks.set(id, record);
  return new RealmHook(run, record);
}

function checkToken(token: unknown): void {
  if (typeof token === "string" && token.length > 0 && token.length <= LONGEST_TOKEN) return;
  const found = typeof token === "string" ? `one of ${token.length} characters` : String(token);
  throw new WorkflowError(
    "INVALID_ARGUMENT",
    `createHook() takes a token of 1 to ${LONGEST_TOKEN} characters, not ${found}. Leave it out to get a generated one`,
  );
}

class RealmHook implements Hook {
  readonly #run: RunContext;
  readonly #record: HookRecord;

  constructor(run: RunContext, record: HookRecord) {
    this.#run = run;
    this.#record = record;
  }

  get token(): string {
    return this.#record.token;
  }

  then<A = unknown, B = never>(
    onPayload?: ((payload: unknown) => A | PromiseLike<A>) | null,
    onError?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this[TENTATIVELY]().promise.then(onPayload, onError);
  }

  [TENTATIVELY](): Tentative {
    let withdraw = (): void => {};
    const promise = pending<unknown>(({ resolve, reject }) => {
      withdraw = take(this.#record, { resolve: (taken) => resolve(revive(this.#run, taken)), reject });
    });
    return { promise, withdraw };
  }

  [Symbol.asyncIterator](): AsyncIterator<unknown> {
    const next = (): Promise<IteratorResult<unknown>> =>
      pending(({ resolve, reject }) => {
        take(this.#record, {
          resolve: (taken) => resolve({ done: false, value: revive(this.#run, taken) }),
          reject,
          end: () => resolve({ done: true, value: undefined }),
        });
      });
    return { next, return: () => Promise.resolve({ done: true, value: undefined }) };
  }

  async receive(): Promise<Received<unknown>> {
    return { status: "received", payload: await this };
  }

  getConflict(): Promise<ConflictingRun | null> {
    const record = this.#record;
    return pending(({ resolve }) => {
      const tell = (): void => {
        const owner = conflictOf(record)?.conflictingRunId;
        resolve(owner === undefined ? null : new RealmRun(owner));
      };
      if (record.registration === "open") record.registrationWaiters.push(tell);
      else tell();
    });
  }

  dispose(): void {
    const record = this.#record;
    if (record.disposed) return;
    if (conflictOf(record) === undefined) emit(this.#run, { type: "dispose", id: record.id });
    end(record);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
