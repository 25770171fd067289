/** The errors of hooks and webhooks. */
import { type ErrorCode, isNamed, WorkflowError } from "./errors.ts";

/** No active hook has this token: it was never created, was disposed, or its run has ended. Nothing was written. */
export class HookNotFoundError extends WorkflowError {
  override readonly name = "HookNotFoundError";
  readonly token: string;

  constructor(token: string) {
    super(
      "HOOK_NOT_FOUND",
      `No active hook has the token ${JSON.stringify(token)}. Its run has ended, has disposed it, or has not created it yet`,
    );
    this.token = token;
  }

  static override is(value: unknown): value is HookNotFoundError {
    return isNamed(value, "HookNotFoundError");
  }
}

/** Another active hook holds the token; thrown where the hook that lost is awaited or iterated. */
export class HookConflictError extends WorkflowError {
  override readonly name = "HookConflictError";
  readonly token: string;
  readonly conflictingRunId: string | undefined;

  constructor(token: string, conflictingRunId?: string) {
    super(
      "HOOK_CONFLICT",
      `The token ${JSON.stringify(token)} belongs to ${conflictingRunId === undefined ? "another run" : `run ${conflictingRunId}`}. ` +
        "Use another token, or look at hook.getConflict() before waiting",
    );
    this.token = token;
    this.conflictingRunId = conflictingRunId;
  }

  static override is(value: unknown): value is HookConflictError {
    return isNamed(value, "HookConflictError");
  }
}

/** The time of a hook is over (`expiresIn`); thrown where it is awaited or iterated. */
export class HookExpiredError extends WorkflowError {
  override readonly name = "HookExpiredError";
  readonly token: string;

  constructor(token: string) {
    super(
      "HOOK_EXPIRED",
      `The hook with the token ${JSON.stringify(token)} has expired: it takes nothing any more. Catch this error to go ` +
        "on without an answer, or give the hook a longer expiresIn",
    );
    this.token = token;
  }

  static override is(value: unknown): value is HookExpiredError {
    return isNamed(value, "HookExpiredError");
  }
}

/** As much is held for the token as may be. Nothing was written. */
export class HoldLimitError extends WorkflowError {
  override readonly name = "HoldLimitError";
  readonly token: string;

  constructor(token: string) {
    super(
      "HOLD_LIMIT",
      `No more payloads can be held for the token ${JSON.stringify(token)}: no run has claimed those that wait. Is the ` +
        "token right? Send again once a run waits for it, or look at what is held with `workflow inspect held`",
    );
    this.token = token;
  }

  static override is(value: unknown): value is HoldLimitError {
    return isNamed(value, "HoldLimitError");
  }
}

/** A request for a webhook was not accepted, or got no answer. `status` is what its HTTP caller gets. */
export class WebhookError extends WorkflowError {
  override readonly name = "WebhookError";
  /** 401, 413, 500 or 504. */
  readonly status: number;

  constructor(code: ErrorCode & `WEBHOOK_${string}`, status: number, message: string, options?: ErrorOptions) {
    super(code, message, options);
    this.status = status;
  }

  static override is(value: unknown): value is WebhookError {
    return isNamed(value, "WebhookError");
  }
}
