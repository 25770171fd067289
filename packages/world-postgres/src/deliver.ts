import {
  type Delivery,
  type DeliverOptions,
  type EventData,
  type NewFact,
  type RunStatus,
  WorkflowWorldError,
  type World,
} from "workflow/world";
import { flatten, type FlatHook, hookOf, isFindable, packWhole } from "workflow/world-parts";
import { requireRoomFor } from "./attribute-room.ts";
import type { Batches, Write } from "./batches.ts";
import type { CallersTransactions } from "./callers-transaction.ts";
import type { Core } from "./core.ts";
import { requireStorableEvent, requireStorableText } from "./storable.ts";
import { isStorable } from "./texts.ts";

/** What the server says has become of a fact. */
export type ServerDelivery =
  | {
      readonly status: "delivered";
      readonly runId: string;
      readonly owner: string | null;
      /** Of payloads for tokens. */
      readonly hook?: FlatHook;
    }
  | { readonly status: "duplicate"; readonly runId: string; readonly hook: FlatHook }
  | { readonly status: "held"; readonly until: number; readonly repeated: boolean }
  | { readonly status: "full" | "nobody" }
  /** Of facts that their transaction depends on: the lease is not good any more, or the transaction is another one. */
  | { readonly status: "lost" | "left" }
  | { readonly status: "ended"; readonly runStatus: RunStatus };

export function createDeliver(core: Core, batches: Batches, callers: CallersTransactions): World["deliver"] {
  return core.method(async (to, fact, options = {}): Promise<Delivery> => {
    const token = "token" in to ? to.token : null;
    const runId = "runId" in to ? to.runId : null;
    const address = token ?? runId ?? "";
    if (!isStorable(address) || (token !== null && !isFindable(token))) return { status: "nobody" };
    if (token !== null && fact.type !== "hook_received") {
      const message = `A token takes hook_received, not ${fact.type}`;
      throw new WorkflowWorldError("INVALID_ARGUMENT", message, { field: "fact" });
    }
    const write = deliveryWrite(core, { token, runId }, fact, options);
    if (options.tx !== undefined) {
      const [answer] = (await callers.write(options.tx, write)) as readonly ServerDelivery[];
      return deliveryOf({ ...core, hints: callers.unheard }, token ?? "", runId ?? "", answer as ServerDelivery);
    }
    const answer =
      fact.type === "attr_set"
        ? await deliverAttributes(core, batches, write, runId ?? "", fact.data)
        : ((await batches.write(write))[0] as ServerDelivery);
    const isForHook = runId !== null && fact.type === "hook_received" && answer.status === "delivered";
    if (isForHook && fact.correlationId !== undefined) core.hints.received(fact.correlationId);
    return deliveryOf(core, token ?? "", runId ?? "", answer);
  });
}

/** How many attributes a run may have depends on what it has by then: asked and written under its lock. */
async function deliverAttributes(
  core: Core,
  batches: Batches,
  write: Write,
  runId: string,
  { changes }: EventData["attr_set"],
): Promise<ServerDelivery> {
  return await core.database.transaction(async (connection) => {
    await requireRoomFor(core, connection, runId, changes);
    return (await batches.writeAlone(write, connection))[0] as ServerDelivery;
  });
}

export function deliveryWrite(
  core: Core,
  to: { readonly token: string | null; readonly runId: string | null },
  fact: NewFact,
  { idempotencyKey, holdUntil }: DeliverOptions,
): Write {
  const body = factBody(core, fact, idempotencyKey);
  return {
    kind: "facts",
    body: {
      ...body,
      run: to.runId,
      token: to.token,
      order: to.token === null ? `run ${to.runId}` : tokenOrder(to.token),
      hold: holdUntil ?? null,
      now: core.clock.now(),
    },
  };
}

/** Payloads for a token, whether they may start a run or not, arrive in the order of the calls. */
export function tokenOrder(token: string): string {
  return `token ${token}`;
}

/** @throws `WorkflowWorldError` `INVALID_ARGUMENT` when a text cannot be stored as it is. */
export function factBody({ keys }: Core, fact: NewFact, key: string | undefined): object {
  const flat = flatten(fact);
  requireStorableEvent(flat);
  if (key !== undefined) requireStorableText(key, "idempotencyKey");
  const [type, c, at, data, payload] = flat;
  const d = key === undefined ? data : JSON.stringify({ ...JSON.parse(data ?? "{}"), idempotencyKey: key });
  const y = payload === null ? null : packWhole(payload, keys);
  return { type, c, at, d, y, size: payload?.length ?? 0, key: key ?? null };
}

/** What became of a fact; who has to hear of it is told. */
export function deliveryOf(
  { hints, open }: Pick<Core, "hints" | "open">,
  token: string,
  runId: string,
  answer: ServerDelivery,
): Delivery {
  const opened = ([hookId, isWebhook, createdAt, metadata, settings]: FlatHook): FlatHook => [
    hookId,
    isWebhook,
    createdAt,
    metadata === null ? null : open(metadata),
    settings,
  ];
  switch (answer.status) {
    case "delivered": {
      hints.work(answer.runId, answer.owner);
      if (answer.hook === undefined) return { status: "delivered", runId: answer.runId };
      const hook = hookOf(answer.runId, token, opened(answer.hook));
      if (hook.isSystem) hints.received(hook.hookId);
      return { status: "delivered", runId: answer.runId, hook };
    }
    case "duplicate":
      return { status: "duplicate", runId: answer.runId, hook: hookOf(answer.runId, token, opened(answer.hook)) };
    case "ended":
      return { status: "ended", runId, runStatus: answer.runStatus };
    case "held":
      return { status: "held", until: answer.until, repeated: answer.repeated };
    case "lost":
    case "left":
      throw new WorkflowWorldError("WORLD_FAILED", "The server gave an answer to a write that it has no reason for");
    default:
      return { status: answer.status };
  }
}
