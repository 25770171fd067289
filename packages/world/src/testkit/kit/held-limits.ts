import { describe, expect } from "vitest";
import { MOST_HELD, MOST_HELD_SIZE, type Delivery } from "workflow/world";
import { hookCreated, said } from "./events.ts";
import type { Check, Scene } from "./scene.ts";

const MINUTE = 60_000;
/** Whole parts of the limit, so that it can be met exactly. */
const PARTS = 4;

/** How much of what nobody has asked for yet a World keeps (invariant I5). */
export function describeHeldLimits(check: Check): void {
  describe("I5 held payloads, bounded", () => {
    check("of one token so many payloads are held, and no more; dropped ones do not count", async (scene) => {
      const { world, clock, own } = scene;
      const first = await Promise.all(Array.from({ length: MOST_HELD - 1 }, (_, n) => keep(scene, "door", String(n))));
      expect(first.filter(({ status }) => status !== "held")).toEqual([]);
      const last = await keep(scene, "door", "last", 2 * MINUTE, "k");
      expect(await keep(scene, "door", "too many")).toEqual({ status: "full" });
      expect(await keep(scene, "door", "last", MINUTE, "k")).toEqual({ ...last, repeated: true });
      expect(await keep(scene, "gate", "of another token")).toMatchObject({ status: "held" });
      expect((await world.held.list({ token: "door", pagination: { limit: 1000 } })).data).toHaveLength(MOST_HELD);
      clock.advance(MINUTE);
      expect(await keep(scene, "door", "there is room")).toMatchObject({ status: "held" });
      const owner = await own();
      await owner.commit(hookCreated("hook_1", "door"));
      expect(await owner.inbox()).toHaveLength(2);
      expect(await keep(scene, "door", "delivered")).toMatchObject({ status: "delivered" });
    });

    check("of one token so many characters are held, and no more", async (scene) => {
      const { own } = scene;
      const part = "x".repeat(MOST_HELD_SIZE / PARTS);
      for (let n = 1; n < PARTS; n += 1) expect(await keepExactly(scene, part)).toMatchObject({ status: "held" });
      expect(await keepExactly(scene, `${part}x`)).toEqual({ status: "full" });
      expect(await keepExactly(scene, part)).toMatchObject({ status: "held" });
      expect(await keepExactly(scene, "x")).toEqual({ status: "full" });
      const owner = await own();
      await owner.commit(hookCreated("hook_1", "door"));
      const sizes = (await owner.inbox()).map((fact) => fact.event.payload?.length);
      expect(sizes).toEqual(Array.from({ length: PARTS }, () => part.length));
    });
  });
}

function keep(
  { world, clock }: Scene,
  token: string,
  text: string,
  ms = MINUTE,
  idempotencyKey?: string,
): Promise<Delivery> {
  const options = { holdUntil: clock.now() + ms, ...(idempotencyKey !== undefined && { idempotencyKey }) };
  return world.deliver({ token }, said(text), options);
}

function keepExactly({ world, clock }: Scene, payload: string): Promise<Delivery> {
  return world.deliver({ token: "door" }, { ...said(""), payload }, { holdUntil: clock.now() + MINUTE });
}
