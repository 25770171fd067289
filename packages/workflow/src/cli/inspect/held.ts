import type { HeldPayload } from "../../world/entities.ts";
import type { World } from "../../world/world.ts";
import { type Answer, type Kind, listOptions, ownPayloads, pageAnswer } from "../answer.ts";
import type { Flags } from "../flags.ts";
import { printable } from "../printable.ts";
import { relativeTime } from "../relative-time.ts";
import { statusStyle } from "../status-style.ts";

const HELD: Kind<HeldPayload> = {
  ...ownPayloads,
  columns: (now) => [
    { title: "TOKEN", text: (held) => held.token, keep: "start" },
    { title: "STATUS", text: (held) => held.status, style: (held) => statusStyle(held.status) },
    { title: "RECEIVED", text: (held) => relativeTime(held.receivedAt, now) },
    { title: "HELD UNTIL", text: (held) => relativeTime(held.heldUntil, now) },
    { title: "SIZE", text: (held) => String(held.size) },
    { title: "KEY", text: (held) => held.idempotencyKey ?? "", keep: "start" },
  ],
};

export async function readHeld(world: World, flags: Flags): Promise<Answer> {
  const { token } = flags;
  const page = await world.held.list({ ...listOptions(flags), ...(token !== undefined && { token }) });
  const none = token === undefined ? "No held payloads" : `No held payloads for ${printable(token)}`;
  return pageAnswer(page, HELD, world.clock.now(), none);
}
