import { describe, expect } from "vitest";
import { FIRST_EPOCH, type NewFact } from "workflow/world";
import { admit, cancelled, completed, continued, entry, failed, payload, runIdOf, stepAwaiting } from "./events.ts";
import type { Check, Owner } from "./scene.ts";

/** Steps that end when another run does. */
export function describeAwaited(check: Check): void {
  describe("awaited runs", () => {
    describeEnds(check);
    describeLosses(check);
  });
}

async function outcomeIn(owner: Owner): Promise<readonly Pick<NewFact, "type" | "correlationId" | "data">[]> {
  return (await owner.inbox()).map(({ event }) => {
    const { at: _, ...rest } = event;
    return rest;
  });
}

function describeEnds(check: Check): void {
  check("the outcome is in the inbox once the run has ended, and the one that waits is due", async ({ own, world }) => {
    const parent = await own();
    const child = await own();
    expect(await parent.commit(stepAwaiting("step_1", child.runId))).toEqual({ conflicts: {}, unread: false });
    await parent.park(null);
    expect(await parent.inbox()).toEqual([]);
    expect(await world.lease("wrkr_a", 10)).toEqual([]);
    await child.commit(completed);
    const outcome = { type: "step_completed", correlationId: "step_1", data: {}, payload: payload("done") };
    expect(await outcomeIn(parent)).toEqual([outcome]);
    const [lease] = await world.lease("wrkr_a", 10);
    expect(lease).toEqual({ runId: parent.runId, worker: "wrkr_a", epoch: FIRST_EPOCH + 1 });
  });

  check("a run that has ended already, or was never there, gives the outcome at once", async ({ own }) => {
    const child = await own();
    await child.commit(failed);
    const parent = await own();
    const events = [stepAwaiting("step_1", child.runId), stepAwaiting("step_2", runIdOf(77))];
    expect(await parent.commit(...events)).toEqual({ conflicts: {}, unread: true });
    expect(await outcomeIn(parent)).toEqual([
      {
        type: "step_failed",
        correlationId: "step_1",
        data: { run: { runId: child.runId, status: "failed", errorCode: "USER_ERROR" } },
        payload: payload("broken"),
      },
      { type: "step_failed", correlationId: "step_2", data: { run: { runId: runIdOf(77), status: "missing" } } },
    ]);
  });

  check("a cancelled run's outcome says why, whoever cancelled it", async ({ own, world }) => {
    const parent = await own();
    const child = await own();
    await parent.commit(stepAwaiting("step_1", child.runId));
    await world.deliver({ runId: child.runId }, cancelled("late"));
    const [fact] = await child.inbox();
    await child.turn({ entries: [admit(fact?.id ?? 0)] });
    expect(await outcomeIn(parent)).toEqual([
      {
        type: "step_failed",
        correlationId: "step_1",
        data: { run: { runId: child.runId, status: "cancelled", cancelReason: "late" } },
      },
    ]);
  });

  check("many steps of many runs await one run, each once", async ({ own }) => {
    const child = await own();
    const parents = [await own(), await own(), await own()];
    for (const parent of parents) {
      await parent.commit(stepAwaiting("step_1", child.runId), stepAwaiting("step_2", child.runId));
    }
    await child.commit(completed);
    for (const parent of parents) {
      expect((await parent.inbox()).map(({ event }) => event.correlationId)).toEqual(["step_1", "step_2"]);
    }
  });

  check("a worker is told, whichever process it is in", async ({ own, world }) => {
    const parent = await own();
    const child = await own();
    await parent.commit(stepAwaiting("step_1", child.runId));
    const told = new Promise<void>((resolve) => {
      world.onHint((hint) => {
        if (hint.kind === "work" && hint.runId === parent.runId) resolve();
      });
    });
    await child.commit(completed);
    await expect(told).resolves.toBeUndefined();
  });
}

function describeLosses(check: Check): void {
  check("a run that has ended, or goes on as new, awaits nothing", async ({ own }) => {
    const child = await own();
    const over = await own();
    await over.turn({ entries: [entry(stepAwaiting("step_1", child.runId)), entry(completed)] });
    const next = await own();
    await next.turn({ entries: [entry(stepAwaiting("step_1", child.runId)), continued()] });
    await child.commit(completed);
    expect(await next.inbox()).toEqual([]);
    expect(await over.inbox()).toEqual([]);
  });

  check("awaiting itself, a run waits until it is ended from outside", async ({ own }) => {
    const owner = await own();
    await owner.commit(stepAwaiting("step_1", owner.runId));
    expect(await owner.commit(completed)).toEqual({ conflicts: {}, unread: false });
  });
}
