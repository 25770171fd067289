import type { RunStatus } from "../world/entities.ts";
import { type ErrorCode, WorkflowWorldError } from "../world/errors.ts";
import type { EventData, EventType, NewEvent } from "../world/events.ts";
import type { Continuation } from "../world/world.ts";

/** An event on its way to a row: flat, because every message to the writer is copied. Empty data is null. */
export type FlatEvent = readonly [
  type: EventType,
  correlationId: string | null,
  at: number,
  data: string | null,
  payload: string | null,
];

/** A fact of the inbox that enters history. */
export type FlatAdmission = readonly [factId: number, undelivered: boolean];

/** How a run goes on with a new history: as in the World's `Continuation`. */
export type FlatContinuation = Omit<Continuation, "kind">;

/** One place of a turn. */
export type FlatEntry = FlatEvent | FlatAdmission | FlatContinuation;

/**
 * @throws `WorkflowWorldError` `INVALID_ARGUMENT` when a text has half a surrogate pair: the file holds UTF-8, which
 *   would change it silently.
 */
export function flatten(event: NewEvent): FlatEvent {
  const { type, correlationId = null, payload = null, at } = event;
  if (payload?.isWellFormed() === false) throw illFormed("payload");
  if (event.type === "hook_created" && !event.data.token.isWellFormed()) throw illFormed("token");
  if (event.type === "attr_set" || event.type === "run_created") requireWellFormed(event.data);
  // JSON escapes half a pair, so data that is not looked at is safe.
  const data = JSON.stringify(event.data);
  return [type, correlationId, at, data === "{}" ? null : data, payload];
}

/** Attributes get rows of their own. */
function requireWellFormed(data: EventData["attr_set"] | EventData["run_created"]): void {
  const texts =
    "changes" in data ? data.changes.flatMap(({ key, value }) => [key, value ?? ""]) : ownTexts(data.attributes);
  if (!texts.every((text) => text.isWellFormed())) throw illFormed("attributes");
}

function ownTexts(attributes: Readonly<Record<string, string>> = {}): readonly string[] {
  return Object.entries(attributes).flat();
}

function illFormed(field: string): WorkflowWorldError {
  return new WorkflowWorldError("INVALID_ARGUMENT", `The ${field} has half a surrogate pair and cannot be stored`, {
    field,
  });
}

/** Whether a hook may have this token: an empty or ill-formed one is never found. */
export function isFindable(token: string): boolean {
  return token !== "" && token.isWellFormed();
}

/** A token that a new run is to own, and what waits for its hook. */
export interface FlatClaim {
  readonly token: string;
  readonly hookId: string;
  readonly fact: FlatEvent;
  readonly key: string | null;
}

export type FlatDelivery =
  | {
      readonly status: "delivered";
      readonly runId: string;
      readonly owner: string | null;
      readonly hook: FlatHook | null;
    }
  | { readonly status: "duplicate"; readonly runId: string; readonly hook: FlatHook }
  | { readonly status: "held"; readonly until: number; readonly repeated: boolean }
  | { readonly status: "full" }
  | { readonly status: "nobody" }
  | { readonly status: "ended"; readonly runStatus: RunStatus };

/** `settings`: the data of its event, where that says more than that the hook is a plain one. */
export type FlatHook = readonly [
  hookId: string,
  isWebhook: boolean,
  createdAt: number,
  metadata: string | null,
  settings: string | null,
];

/** Why the writer wrote nothing. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly message: string;
  readonly field?: string;
}

export type Outcome<T> = { readonly value: T } | { readonly refusal: Refusal };

export function refuse(code: ErrorCode, message: string, field?: string): { readonly refusal: Refusal } {
  return { refusal: { code, message, ...(field !== undefined && { field }) } };
}

export function leaseLost(runId: string, why: string): { readonly refusal: Refusal } {
  return refuse("LEASE_LOST", `The lease of run ${runId} is lost: ${why}`);
}

/** `due_at` of a run with unread facts: before everything that is due by time, and found without the inbox. */
export const UNREAD = -1;
