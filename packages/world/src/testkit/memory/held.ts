import {
  DROPPED_MEMORY_MS,
  MOST_HELD,
  MOST_HELD_SIZE,
  type Delivery,
  type HeldPayload,
  type HeldReads,
  type ResolveData,
} from "workflow/world";
import { remember } from "./keys.ts";
import { pageOf } from "./page.ts";
import type { Instantly } from "./reads.ts";
import type { Held, Received, Tables } from "./tables.ts";

/** Keeps a payload for the first run that claims the token before `until`. */
export function hold(tables: Tables, token: string, event: Received, until: number, now: number): Delivery {
  const before = heldFor(tables, token, now);
  const size = before.reduce((sum, held) => sum + sizeOf(held.event), sizeOf(event));
  if (before.length >= MOST_HELD || size > MOST_HELD_SIZE) return { status: "full" };
  tables.lastHeld += 1;
  tables.held = [...tables.held, { number: tables.lastHeld, token, event, heldUntil: until }];
  remember(tables, token, event.data.idempotencyKey, { acceptedAt: now, went: { to: "held", until } });
  return { status: "held", until, repeated: false };
}

/** What whoever claims `token` at `now` gets, in the order of acceptance. */
export function heldFor(tables: Tables, token: string, now: number): readonly Held[] {
  return tables.held.filter((held) => held.token === token && held.heldUntil > now);
}

/** Payloads that somebody got are no longer held. */
export function handOver(tables: Tables, taken: readonly Held[]): void {
  tables.held = tables.held.filter((held) => !taken.includes(held));
}

function sizeOf(event: Received): number {
  return event.payload?.length ?? 0;
}

export function heldReads(tables: Tables, now: () => number): Instantly<HeldReads> {
  return {
    list(options = {}) {
      const { token, pagination, resolveData } = options;
      const items = tables.held
        .filter((held) => held.heldUntil > now() - DROPPED_MEMORY_MS)
        .filter((held) => token === undefined || held.token === token)
        .map((held) => ({ key: [held.number], value: publicHeld(held, now(), resolveData) }));
      return pageOf(items, pagination, "desc");
    },
  };
}

function publicHeld({ number, token, event, heldUntil }: Held, now: number, resolveData?: ResolveData): HeldPayload {
  const { idempotencyKey } = event.data;
  return {
    heldId: `held_${String(number).padStart(26, "0")}`,
    token,
    status: heldUntil > now ? "held" : "dropped",
    ...(resolveData !== "none" && event.payload !== undefined && { payload: event.payload }),
    size: sizeOf(event),
    ...(idempotencyKey !== undefined && { idempotencyKey }),
    receivedAt: new Date(event.at),
    heldUntil: new Date(heldUntil),
  };
}
