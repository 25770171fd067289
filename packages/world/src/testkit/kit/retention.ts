import { describe, expect } from "vitest";
import type { NewEvent, World } from "workflow/world";
import {
  AT,
  cancelled,
  admit,
  completed,
  failed,
  hookCreated,
  hookLasting,
  payload,
  said,
  stepCompleted,
  stepCreated,
  stepFailed,
  stepRetrying,
  stepStarted,
} from "./events.ts";
import type { Check, Owner, Scene } from "./scene.ts";

const NONE = { attributes: { $retention: "0", customer: "c1" } };

/** A run with payloads of every kind, that the owner has not ended. */
async function eventful({ world, own }: Scene, attributes: Record<string, string> = NONE.attributes): Promise<Owner> {
  const owner = await own("wrkr_a", { attributes });
  await owner.commit(stepCreated("step_1"), stepStarted("step_1"), stepRetrying("step_1", AT + 1));
  await owner.commit(stepStarted("step_1", 2), stepCompleted("step_1"), stepCreated("step_2"), stepStarted("step_2"));
  await owner.commit(stepFailed("step_2"), hookCreated(`hook_${owner.runId}`, owner.runId, payload("meta")));
  await world.deliver({ token: owner.runId }, said("one"));
  await owner.turn({ entries: (await owner.inbox()).map(({ id }) => admit(id)) });
  await world.deliver({ token: owner.runId }, said("late"));
  return owner;
}

async function shown(world: World, runId: string): Promise<string> {
  const page = { pagination: { limit: 100 } };
  const reads = [
    await world.runs.get(runId),
    await world.steps.list({ runId, ...page }),
    await world.steps.get(runId, "step_1"),
    await world.events.list({ runId, ...page }),
    await world.events.listByCorrelationId({ runId, correlationId: "step_1" }),
    await world.read(runId, 0),
  ];
  return JSON.stringify(reads);
}

/** Contract 07 section 7.12. */
export function describeRetention(check: Check): void {
  describe("data that goes with the end of its run", () => {
    describeGoing(check);
    describeStaying(check);
  });
}

function describeGoing(check: Check): void {
  const ends: readonly (readonly [string, NewEvent])[] = [
    ["completes", { ...completed, at: AT + 5 }],
    ["fails", { ...failed, at: AT + 5 }],
  ];
  for (const [how, end] of ends) {
    check(`of a run that ${how}, no payload is left, and everything else is [07-7.12]`, async (scene) => {
      const { world } = scene;
      const owner = await eventful(scene);
      expect(await shown(world, owner.runId)).toContain("devl");
      const before = await owner.history();
      await owner.commit(end);
      expect(await shown(world, owner.runId)).not.toContain("devl");
      const { history, inbox } = await world.read(owner.runId, 0);
      const bare = before.map(({ payload: _payload, ...event }) => event);
      expect(history.slice(0, before.length)).toEqual(bare);
      expect(history.slice(before.length).map(({ type }) => type)).toEqual(["hook_received", end.type]);
      expect(inbox).toEqual([]);
      const run = await world.runs.get(owner.runId);
      expect(run).toEqual({
        ...(await world.runs.get(owner.runId, { resolveData: "none" })),
        ...NONE,
        completedAt: new Date(AT + 5),
        expiredAt: new Date(AT + 5),
      });
      const { data } = await world.steps.list({ runId: owner.runId });
      expect(data.map(({ stepId, status, attempt }) => [stepId, status, attempt])).toEqual([
        ["step_2", "failed", 1],
        ["step_1", "completed", 2],
      ]);
      const events = await world.events.list({ runId: owner.runId });
      expect(events.data).toHaveLength(history.length);
    });
  }

  check("a cancelled run's data goes too, and its reason stays", async (scene) => {
    const { world } = scene;
    const owner = await eventful(scene);
    await world.deliver({ runId: owner.runId }, cancelled("enough"));
    await owner.turn({ entries: [admit((await owner.inbox()).at(-1)?.id ?? 0)] });
    expect(await shown(world, owner.runId)).not.toContain("devl");
    const run = await world.runs.get(owner.runId);
    expect(run).toMatchObject({ status: "cancelled", cancelReason: "enough", expiredAt: run.completedAt });
  });

  check("a hook that outlives such a run has lost its metadata", async ({ world, clock, own }) => {
    const owner = await own("wrkr_a", NONE);
    const lasting = hookLasting("hook_1", "door", { tokenRetentionUntil: clock.now() + 60_000 });
    await owner.commit({ ...lasting, payload: payload("meta") });
    expect(await world.hooks.getByToken("door")).toMatchObject({ metadata: payload("meta") });
    await owner.commit(completed);
    expect(await world.hooks.getByToken("door")).not.toHaveProperty("metadata");
  });
}

function describeStaying(check: Check): void {
  check("data is there until the end, and other runs keep theirs [07-7.12]", async (scene) => {
    const { world } = scene;
    const before = await eventful(scene, {});
    const owner = await eventful(scene);
    const after = await eventful(scene, { $retention: "1" });
    const texts = await Promise.all([before, after].map(({ runId }) => shown(world, runId)));
    expect(await world.runs.get(owner.runId)).not.toHaveProperty("expiredAt");
    await owner.commit(completed);
    expect(await Promise.all([before, after].map(({ runId }) => shown(world, runId)))).toEqual(texts);
    for (const { runId, commit } of [before, after]) {
      await commit(completed);
      const run = await world.runs.get(runId);
      expect(run).toMatchObject({ input: expect.any(String), output: payload("done") });
      expect(run).not.toHaveProperty("expiredAt");
    }
  });
}
