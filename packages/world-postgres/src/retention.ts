import { WorkflowWorldError } from "workflow/world";
import { parseDuration } from "workflow/world-parts";

/** How long runs are kept after they have ended. */
export interface RetentionOption {
  /**
   * Runs that have ended for longer are deleted, with their events and streams: `30d`, `12h` and so on, or milliseconds.
   * Default: `WORKFLOW_POSTGRES_RETENTION`, else they are kept for ever. A run stays for seven days after it has accepted
   * a payload with an idempotency key, and as long as it retains a token.
   */
  readonly retention?: string | number;
}

/** In milliseconds; undefined: for ever. @throws `WorkflowWorldError` `INVALID_ARGUMENT` for what is no duration. */
export function readRetention(given: RetentionOption, env: NodeJS.ProcessEnv = process.env): number | undefined {
  const value = given.retention ?? (env["WORKFLOW_POSTGRES_RETENTION"] || undefined);
  if (value === undefined) return undefined;
  const ms = typeof value === "number" ? value : durationOf(value);
  if (ms >= 0 && Number.isFinite(ms)) return ms;
  throw invalid(value);
}

function durationOf(text: string): number {
  try {
    return parseDuration(text);
  } catch (error) {
    throw invalid(text, error);
  }
}

function invalid(value: string | number, cause?: unknown): WorkflowWorldError {
  const message = `retention is ${JSON.stringify(value)}. It takes a duration such as "30d" or "12h", or milliseconds, not below 0`;
  return new WorkflowWorldError("INVALID_ARGUMENT", message, { field: "retention", cause });
}
