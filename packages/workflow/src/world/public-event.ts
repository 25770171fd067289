import type { Event } from "./entities.ts";
import { PAYLOAD_FIELD, type StoredEvent } from "./events.ts";
import { eventIdOf } from "./ids.ts";
import type { ResolveData } from "./reads.ts";

/** A stored event as people read it: payload under its contract name, times as dates (contract 05). */
export function publicEvent(runId: string, event: StoredEvent, resolveData: ResolveData = "all"): Event {
  const data: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(event.data)) {
    data[key] = DATES.has(key) && typeof value === "number" ? new Date(value) : value;
  }
  const field = PAYLOAD_FIELD[event.type];
  if (resolveData === "all" && field !== undefined && event.payload !== undefined) data[field] = event.payload;
  return {
    runId,
    eventId: eventIdOf(event.position),
    eventType: event.type,
    ...(event.correlationId !== undefined && { correlationId: event.correlationId }),
    eventData: data,
    createdAt: new Date(event.at),
  };
}

const DATES: ReadonlySet<string> = new Set(["resumeAt", "retryAfter", "expiresAt", "tokenRetentionUntil"]);
