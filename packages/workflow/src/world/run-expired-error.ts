import type { RunStatus } from "./entities.ts";
import { isNamed, WorkflowWorldError } from "./errors.ts";

interface Expiry {
  readonly runId?: string;
  readonly runStatus?: RunStatus;
  readonly expiredAt?: Date;
}

/** The run is over, or its data is gone. Trying again does not help. */
export class RunExpiredError extends WorkflowWorldError {
  override readonly name = "RunExpiredError";
  readonly runId: string | undefined;
  readonly runStatus: RunStatus | undefined;
  /** When the data went; undefined where it is there, and only the run is over. */
  readonly expiredAt: Date | undefined;

  constructor(message: string, { runId, runStatus, expiredAt }: Expiry = {}) {
    super("RUN_EXPIRED", message);
    this.runId = runId;
    this.runStatus = runStatus;
    this.expiredAt = expiredAt;
  }

  static override is(value: unknown): value is RunExpiredError {
    return isNamed(value, "RunExpiredError");
  }
}
