import type { Event } from "../../world/entities.ts";
import { positionOf } from "../../world/ids.ts";
import type { World } from "../../world/world.ts";
import { type Answer, type Kind, listOptions, pageAnswer } from "../answer.ts";
import { markEvent } from "../expired.ts";
import type { Flags } from "../flags.ts";
import { isPayload, payloadsAsJson } from "../payloads.ts";

const EVENTS: Kind<Event> = {
  payloads: (event) => event.eventData,
  json: (event) => ({ ...event, eventData: payloadsAsJson(event.eventData) }),
  columns: () => [
    { title: "#", text: ({ eventId }) => String(positionOf(eventId) ?? eventId) },
    { title: "AT", text: (event) => event.createdAt.toISOString() },
    { title: "EVENT", text: (event) => event.eventType },
    { title: "OF", text: (event) => event.correlationId ?? "", keep: "start" },
    { title: "DETAILS", text: detailsOf, keep: "start" },
  ],
};

export async function readEvents(world: World, flags: Flags, runId: string): Promise<Answer> {
  const { expiredAt } = await world.runs.get(runId, { resolveData: "none" });
  const page = await world.events.list({ ...listOptions(flags), runId });
  const shown = flags.withData && expiredAt !== undefined ? { ...page, data: page.data.map(markEvent) } : page;
  return pageAnswer(shown, EVENTS, world.clock.now(), "No events");
}

/** The event's own fields, without those that say nothing. */
function detailsOf({ eventData }: Event): string {
  return Object.entries(eventData)
    .filter(([name, value]) => !isPayload(name) && !["false", "{}"].includes(JSON.stringify(value)))
    .map(([name, value]) => `${name}=${textOf(value)}`)
    .join(" ");
}

function textOf(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
