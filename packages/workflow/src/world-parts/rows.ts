import type { Hook, RunStatus, WorkflowRun } from "../world/entities.ts";
import { NO_RETENTION, OWN } from "../world/attributes.ts";
import type { EventData, EventType, StoredEvent } from "../world/events.ts";
import { settingsOf, TENANCY } from "../world/reduce.ts";
import type { Fact, NewFact } from "../world/world.ts";
import type { Open } from "./stored.ts";
import type { FlatHook } from "./flat.ts";

/** What a row says of an event, whether it stands in a history or in an inbox. */
interface ContentRow {
  readonly type: EventType;
  readonly correlation_id: string | null;
  readonly at: number;
  readonly data: string | null;
  /** Null also when payloads were not asked for. */
  readonly payload: string | null;
}

export interface EventRow extends ContentRow {
  readonly position: number;
  readonly turn: number;
}

export interface FactRow extends ContentRow {
  readonly id: number;
}

/** Rows are read by the thousand: no object is made that is thrown away at once. */
interface Content {
  type: EventType;
  data: unknown;
  at: number;
  correlationId?: string;
  payload?: string;
  position?: number;
  turn?: number;
}

const NO_DATA = Object.freeze({});

export function toEvent(row: EventRow, open: Open): StoredEvent {
  const content = contentOf(row, open);
  content.position = row.position;
  content.turn = row.turn;
  return content as StoredEvent;
}

export function toFact(row: FactRow, open: Open): Fact {
  return { id: row.id, event: contentOf(row, open) as NewFact };
}

function contentOf(row: ContentRow, open: Open): Content {
  const data: unknown = row.data === null ? NO_DATA : JSON.parse(row.data);
  const content: Content = { type: row.type, data, at: row.at };
  if (row.correlation_id !== null) content.correlationId = row.correlation_id;
  if (row.payload !== null) content.payload = open(row.payload);
  return content;
}

/** A run with the two events that hold its payloads: the first, and the last one of a run that has ended. */
export interface RunRow {
  readonly id: number;
  readonly run_id: string;
  readonly workflow_name: string;
  readonly hash: string;
  readonly status: RunStatus;
  readonly created_at: number;
  readonly started_at: number | null;
  readonly ended_at: number | null;
  readonly updated_at: number | null;
  readonly problem: string | null;
  readonly cancelling: string | null;
  /** JSON. */
  readonly attributes: string;
  readonly first_data: string;
  readonly first_payload: string | null;
  readonly last_data: string | null;
  readonly last_payload: string | null;
}

export function toRun(row: RunRow, open: Open): WorkflowRun {
  const { generation } = JSON.parse(row.first_data) as EventData["run_created"];
  const attributes = JSON.parse(row.attributes) as WorkflowRun["attributes"];
  const isExpired = row.ended_at !== null && attributes[OWN.retention] === NO_RETENTION;
  return {
    runId: row.run_id,
    status: row.status,
    workflowName: row.workflow_name,
    deploymentId: row.hash,
    attributes,
    createdAt: new Date(row.created_at),
    updatedAt: new Date(row.updated_at ?? row.ended_at ?? row.started_at ?? row.created_at),
    ...(row.first_payload !== null && { input: open(row.first_payload) }),
    ...(row.started_at !== null && { startedAt: new Date(row.started_at) }),
    ...(row.ended_at !== null && { completedAt: new Date(row.ended_at), ...endOf(row, open) }),
    ...(generation !== undefined && { generation }),
    ...(row.cancelling !== null && row.ended_at === null && { cancelling: cancellingOf(row.cancelling) }),
    ...(isExpired && { expiredAt: new Date(row.ended_at ?? 0) }),
    ...(row.problem !== null && { problem: JSON.parse(row.problem) }),
  };
}

function cancellingOf(text: string): NonNullable<WorkflowRun["cancelling"]> {
  const { deadline, reason } = JSON.parse(text) as { readonly deadline: string; readonly reason?: string };
  return { deadline: new Date(deadline), ...(reason !== undefined && { reason }) };
}

function endOf(row: RunRow, open: Open): Pick<WorkflowRun, "output" | "error" | "errorCode" | "cancelReason"> {
  // Of a failed run only the error code is there, of a cancelled one only the reason.
  const { errorCode, cancelReason } = JSON.parse(row.last_data ?? "{}") as Pick<
    WorkflowRun,
    "errorCode" | "cancelReason"
  >;
  return {
    ...(row.last_payload !== null && {
      [row.status === "failed" ? "error" : "output"]: open(row.last_payload),
    }),
    ...(errorCode !== undefined && { errorCode }),
    ...(cancelReason !== undefined && { cancelReason }),
  };
}

export interface HookRow {
  readonly id: number;
  readonly run_id: string;
  readonly token: string;
  readonly hook_id: string;
  readonly is_webhook: number;
  readonly created_at: number;
  readonly metadata: string | null;
  readonly settings: string | null;
}

export function toHook(row: HookRow, open: Open): Hook {
  const { hook_id: hookId, is_webhook, created_at: createdAt, metadata, settings } = row;
  return hookOf(row.run_id, row.token, [hookId, is_webhook === 1, createdAt, metadata && open(metadata), settings]);
}

export function hookOf(
  runId: string,
  token: string,
  [hookId, isWebhook, createdAt, metadata, settings]: FlatHook,
): Hook {
  return {
    runId,
    hookId,
    token,
    ...TENANCY,
    createdAt: new Date(createdAt),
    isWebhook,
    ...(settings !== null && settingsOf(JSON.parse(settings) as EventData["hook_created"])),
    ...(metadata !== null && { metadata }),
  };
}
