import { describe, expect } from "vitest";
import type { NewFact } from "workflow/world";
import { AT, newRunOf, payload, said, stepCreated } from "./events.ts";
import type { Check } from "./scene.ts";

/** A World takes part in transactions of its own database, or says that it does not. */
export function describeTransactions(check: Check): void {
  describe("transactions of others", () => {
    check("what is no connection of the World's is refused, and nothing is written", async ({ world, own }) => {
      const owner = await own();
      const refused = { code: "INVALID_ARGUMENT", field: "tx" };
      const run = newRunOf(99);
      await expect(world.createRun(run, undefined, { tx: {} })).rejects.toMatchObject(refused);
      await expect(world.runs.get(run.runId)).rejects.toMatchObject({ code: "RUN_NOT_FOUND" });
      const held = { holdUntil: AT + 1e9, tx: "BEGIN" };
      await expect(world.deliver({ token: "door" }, said("knock"), held)).rejects.toMatchObject(refused);
      expect((await world.held.list()).data).toEqual([]);
      await expect(world.deliver({ runId: owner.runId }, outcome("step_1"), { tx: null })).rejects.toMatchObject(
        refused,
      );
      expect(await owner.inbox()).toEqual([]);
    });

    check("a fact is written with the transaction that it came from, or there is none", async ({ world, own }) => {
      const owner = await own();
      await owner.commit(stepCreated("step_1"));
      let asked = 0;
      const transacting = world.transact(owner.lease, (client) => {
        expect(client).toBeTypeOf("object");
        asked += 1;
        return Promise.resolve(outcome("step_1"));
      });
      const answer = await transacting.catch((error: unknown) => error);
      if (asked === 0) {
        expect(answer).toMatchObject({ code: "INVALID_ARGUMENT", field: "tx" });
        expect(await owner.inbox()).toEqual([]);
        return;
      }
      expect(answer).toEqual({ status: "delivered", runId: owner.runId });
      expect((await owner.inbox()).map(({ event }) => event)).toEqual([outcome("step_1")]);
      const failure = new RangeError("mine");
      await expect(world.transact(owner.lease, () => Promise.reject(failure))).rejects.toBe(failure);
      await owner.park();
      await expect(world.transact(owner.lease, () => Promise.resolve(outcome("step_2")))).rejects.toMatchObject({
        code: "LEASE_LOST",
      });
      expect(await owner.inbox()).toHaveLength(1);
    });
  });
}

function outcome(stepId: string): NewFact {
  return { type: "step_completed", correlationId: stepId, data: {}, payload: payload(`of ${stepId}`), at: AT };
}
