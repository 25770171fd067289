/**
 * Errors of the public API (contract 03 section 3.3) that no World of this project has a reason to throw: they are
 * for other Worlds, and for programs that look for them.
 */
import { type ErrorCode, isNamed, WorkflowError, WorkflowWorldError } from "./errors.ts";

interface RetryOptions {
  /** Seconds to wait before trying again. */
  readonly retryAfter?: number;
}

abstract class RetryLaterError extends WorkflowWorldError {
  /** Seconds to wait before trying again. */
  readonly retryAfter: number | undefined;

  constructor(code: ErrorCode, message: string, { retryAfter }: RetryOptions) {
    super(code, message);
    this.retryAfter = retryAfter;
  }
}

/** The World takes no more requests for the moment. */
export class ThrottleError extends RetryLaterError {
  override readonly name = "ThrottleError";

  constructor(message: string, options: RetryOptions = {}) {
    super("THROTTLED", message, options);
  }

  static override is(value: unknown): value is ThrottleError {
    return isNamed(value, "ThrottleError");
  }
}

/** What was asked for may not happen before a time that has not come. */
export class TooEarlyError extends RetryLaterError {
  override readonly name = "TooEarlyError";

  constructor(message: string, options: RetryOptions = {}) {
    super("TOO_EARLY", message, options);
  }

  static override is(value: unknown): value is TooEarlyError {
    return isNamed(value, "TooEarlyError");
  }
}

/** The writer's view of a run is out of date. */
export class PreconditionFailedError extends RetryLaterError {
  override readonly name = "PreconditionFailedError";

  constructor(message: string, options: RetryOptions = {}) {
    super("PRECONDITION_FAILED", message, options);
  }

  static override is(value: unknown): value is PreconditionFailedError {
    return isNamed(value, "PreconditionFailedError");
  }
}

/** A stream could not be read or written. */
export class StreamError extends WorkflowWorldError {
  override readonly name = "StreamError";

  constructor(message: string, options?: ErrorOptions) {
    super("STREAM_FAILED", message, options);
  }

  static override is(value: unknown): value is StreamError {
    return isNamed(value, "StreamError");
  }
}

/** What a stream had is gone: its run was started to keep no data after its end. */
export class StreamExpiredError extends WorkflowWorldError {
  override readonly name = "StreamExpiredError";
  readonly runId: string;
  readonly streamId: string;

  constructor(runId: string, streamId: string) {
    super("STREAM_FAILED", `The stream ${streamId} is gone: run ${runId} was started to keep no data after its end`);
    this.runId = runId;
    this.streamId = streamId;
  }

  static override is(value: unknown): value is StreamExpiredError {
    return isNamed(value, "StreamExpiredError");
  }
}

/** The run was written by a newer version than the one installed. */
export class RunNotSupportedError extends WorkflowError {
  override readonly name = "RunNotSupportedError";
  readonly runSpecVersion: number;
  readonly worldSpecVersion: number;

  constructor(runSpecVersion: number, worldSpecVersion: number) {
    super(
      "RUN_NOT_SUPPORTED",
      `The run was written by version ${runSpecVersion} of the protocol, this is version ${worldSpecVersion}. Upgrade`,
    );
    this.runSpecVersion = runSpecVersion;
    this.worldSpecVersion = worldSpecVersion;
  }

  static override is(value: unknown): value is RunNotSupportedError {
    return isNamed(value, "RunNotSupportedError");
  }
}
