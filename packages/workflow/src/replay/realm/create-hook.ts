import { serialize } from "../../serialization/serialize.ts";
import { WorkflowError } from "../../world/errors.ts";
import {
  type ConflictingRun,
  type Hook,
  type HookOptions,
  LONGEST_TOKEN,
  type ReceiveOptions,
  type Received,
} from "../primitives.ts";
import type { Bridge } from "./bridge.ts";
import { callingRun, type RunContext } from "./context.ts";
import { emit } from "./emit.ts";
import { conflictOf, createRecord, end, type HookRecord, revive, take } from "./hook.ts";
import { drawId, tokenOf } from "./identity.ts";
import { pending } from "./pending.ts";
import { receiveOf } from "./receive.ts";
import { RealmRun } from "./run.ts";
import { TENTATIVELY, type Tentative } from "./tentative.ts";
import { timeOf } from "./time-of.ts";

/** The longest time that a token may be kept from others. */
const LONGEST_RETENTION = 30 * 24 * 60 * 60 * 1000;

export function createHookFactory(bridge: Bridge): (options?: HookOptions) => Hook {
  return (options = {}) => {
    const run = callingRun();
    if (options.token !== undefined) checkToken(options.token);
    const times = timesOf(options, run.now);
    const id = drawId(bridge, run, "hook", options.token ?? "");
    const token = options.token ?? tokenOf(bridge, run, id);
    const metadata =
      options.metadata === undefined ? undefined : serialize(options.metadata, { what: "hook metadata", of: token });
    emit(run, { type: "hook", id, token, isWebhook: options.isWebhook === true, ...times }, metadata);
    return openHook(run, id, token);
  };
}

/** When the hook ends by itself, and until when its token is kept. */
function timesOf(
  { expiresIn, experimental_minRetention: retention }: HookOptions,
  now: number,
): { readonly expiresAt?: number; readonly tokenRetentionUntil?: number } {
  return {
    ...(expiresIn !== undefined && { expiresAt: timeOf(expiresIn, now, "expiresIn of createHook()") }),
    ...(retention !== undefined && {
      tokenRetentionUntil: Math.min(
        timeOf(retention, now, "experimental_minRetention of createHook()"),
        now + LONGEST_RETENTION,
      ),
    }),
  };
}

/** The hook that workflow code holds, of a command that was emitted. */
export function openHook(run: RunContext, id: string, token: string): Hook {
  const record = createRecord(id, token);
  run.hooks.set(id, record);
  return new RealmHook(run, record);
}

function checkToken(token: unknown): void {
  const isText = typeof token === "string" && token.isWellFormed();
  if (isText && token.length > 0 && token.length <= LONGEST_TOKEN) return;
  const found = isText ? `one of ${token.length} characters` : JSON.stringify(token);
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

  receive({ timeout }: ReceiveOptions = {}): Promise<Received<unknown>> {
    const run = this.#run;
    const until = timeout === undefined ? undefined : timeOf(timeout, run.now, "timeout of hook.receive()");
    return receiveOf(run, this.#record, until);
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
    if (conflictOf(record) === undefined && !record.expired) emit(this.#run, { type: "dispose", id: record.id });
    end(record);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
