import type { Event } from "../world/entities.ts";
import type { World } from "../world/world.ts";

export interface PendingWait {
  readonly waitId: string;
  readonly resumeAt: Date;
}

/**
 * The sleeps that a run has begun, that are not over, and that nobody has ended early. Only its events tell, and what
 * waits in its inbox.
 * @throws `WorkflowRunNotFoundError`
 */
export async function pendingWaits(world: World, runId: string): Promise<PendingWait[]> {
  await world.runs.get(runId, { resolveData: "none" });
  const pending = new Map<string, PendingWait>();
  let position = 0;
  for await (const { eventType, correlationId: waitId, eventData } of eventsOf(world, runId)) {
    position += 1;
    if (waitId === undefined) continue;
    if (eventType === "wait_created") pending.set(waitId, { waitId, resumeAt: eventData["resumeAt"] as Date });
    if (eventType === "wait_completed") pending.delete(waitId);
  }
  if (pending.size === 0) return [];
  const { history, inbox } = await world.read(runId, position);
  for (const event of [...history, ...inbox.map((fact) => fact.event)]) {
    if (event.type === "wait_completed") pending.delete(event.correlationId ?? "");
  }
  return [...pending.values()];
}

async function* eventsOf(world: World, runId: string): AsyncGenerator<Event> {
  for (let cursor: string | undefined; ;) {
    const pagination = { limit: 1000, sortOrder: "asc", ...(cursor !== undefined && { cursor }) } as const;
    const page = await world.events.list({ runId, resolveData: "none", pagination });
    yield* page.data;
    if (!page.hasMore || page.cursor === null) return;
    cursor = page.cursor;
  }
}
