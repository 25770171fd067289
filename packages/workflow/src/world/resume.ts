/** The types of what resumes a hook, and of what comes of it. */
import type { StringValue } from "./duration.ts";
import type { Hook } from "./entities.ts";

export interface TransactionOptions {
  /**
   * A client of your own within a transaction on the database of the World (PostgreSQL): one of `pg`, or anything with
   * its `query(text, values)`. What the call writes is part of the transaction: it happens when that commits, and never
   * when it is rolled back. Until then others that write to the same run or token wait for it. Default: none.
   */
  readonly tx?: TransactionClient | undefined;
}

/** What a call needs of a client. */
export interface TransactionClient {
  // oxlint-disable-next-line typescript/no-explicit-any -- clients have overloads of many kinds
  query(text: string, values: any[]): PromiseLike<{ readonly rows: readonly any[] }>;
}

export interface KeyOptions extends TransactionOptions {
  /**
   * Names what is sent: of all calls for the same token with the same key, the payload of one is delivered, also when
   * they are made at the same time, by several processes, or again after a crash. Remembered for seven days at least.
   * 1 to 255 characters. Default: each call delivers.
   */
  readonly idempotencyKey?: string | undefined;
}

export interface HoldOptions extends KeyOptions {
  /**
   * Keeps the payload if no hook has the token yet, for the first run that claims it within this time: a duration like
   * `"10m"`, milliseconds, or the time of its end; at most 30 days.
   */
  readonly hold: StringValue | number | Date;
}

export interface ResumeOptions extends KeyOptions {
  /** As in {@link HoldOptions}. Default: a token that no hook has is a `HookNotFoundError`. */
  readonly hold?: HoldOptions["hold"] | undefined;
}

/** The hook that got a payload. */
export interface ResumedHook extends Hook {
  /** `duplicate`: it got it from an earlier call with the same idempotency key, and nothing from this one. */
  readonly status: "delivered" | "duplicate";
}

/** A payload that waits for its hook. */
export interface HeldResume {
  /** `duplicate`: since an earlier call with the same idempotency key. */
  readonly status: "held" | "duplicate";
  readonly token: string;
  /** It is dropped then, if no run has claimed the token. */
  readonly heldUntil: Date;
  readonly runId?: undefined;
  readonly hookId?: undefined;
}
