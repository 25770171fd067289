import { describe, expect } from "vitest";
import { eventIdOf, type Pagination } from "workflow/world";
import {
  AT,
  completed,
  hookCreated,
  hookDisposed,
  payload,
  runIdOf,
  said,
  stepCompleted,
  stepCreated,
  stepRetrying,
  stepStarted,
  waitCreated,
} from "./events.ts";
import { walk } from "./walk.ts";
import type { Check, Scene } from "./scene.ts";
import { expectRefused } from "./snapshot.ts";

/** Steps, hooks and events, as people see them. */
export function describeParts(check: Check): void {
  describe("reads: steps, hooks and events", () => {
    describeSteps(check);
    describeHooks(check);
    describeEvents(check);
  });
}

function describeSteps(check: Check): void {
  check("steps are listed newest first, in pages, of one run only", async ({ world, own }) => {
    const { runId, commit } = await own();
    const ids = Array.from({ length: 23 }, (_, n) => `step_${22 - n}`);
    await commit(...ids.slice(0, 10).map(stepCreated));
    for (const id of ids.slice(10)) await commit(stepCreated(id));
    await (await own()).commit(stepCreated("step_other"));
    const idsOf = async (pagination: Pagination): Promise<readonly string[]> =>
      (await walk((page) => world.steps.list({ runId, pagination: page }), pagination)).map((step) => step.stepId);
    expect(await idsOf({})).toEqual(ids.toReversed());
    expect(await idsOf({ limit: 4 })).toEqual(ids.toReversed());
    expect(await idsOf({ limit: 4, sortOrder: "asc" })).toEqual(ids);
  });

  check("without data, a step has no input, output or error", async ({ world, own }) => {
    const { runId, commit } = await own();
    await commit(stepCreated("step_1"), stepStarted("step_1"), stepRetrying("step_1", AT + 1));
    await commit(stepStarted("step_1", 2), stepCompleted("step_1"));
    const { input, output, error, ...rest } = await world.steps.get(runId, "step_1");
    expect([input, output, error]).toEqual([payload("of step_1"), payload("result"), payload("flaky")]);
    expect(await world.steps.get(runId, "step_1", { resolveData: "none" })).toEqual(rest);
    expect((await world.steps.list({ runId, resolveData: "none" })).data).toEqual([rest]);
  });

  check("a step is found in its own run only", async ({ world, own }) => {
    const one = await own();
    const other = await own();
    await one.commit(stepCreated("step_1"));
    for (const [runId, stepId] of [
      [other.runId, "step_1"],
      [one.runId, "step_2"],
      [runIdOf(999), "step_1"],
    ] as const) {
      await expect(world.steps.get(runId, stepId)).rejects.toMatchObject({
        name: "WorkflowWorldError",
        code: "NOT_FOUND",
      });
    }
  });
}

function describeHooks(check: Check): void {
  check("only active hooks are found", async ({ world, own }) => {
    const owner = await own();
    await owner.commit(hookCreated("hook_1", "door"), hookCreated("hook_2", "gate"), hookDisposed("hook_2"));
    expect((await world.hooks.get("hook_1")).token).toBe("door");
    for (const lookup of [
      () => world.hooks.get("hook_2"),
      () => world.hooks.getByToken("gate"),
      () => world.hooks.getByToken("hook_1"),
    ]) {
      await expect(lookup()).rejects.toMatchObject({
        name: "HookNotFoundError",
        code: "HOOK_NOT_FOUND",
      });
    }
    expect((await world.hooks.list()).data.map((hook) => hook.hookId)).toEqual(["hook_1"]);
    await owner.commit(completed);
    for (const lookup of [() => world.hooks.get("hook_1"), () => world.hooks.getByToken("door")]) {
      await expect(lookup()).rejects.toMatchObject({
        name: "HookNotFoundError",
        code: "HOOK_NOT_FOUND",
      });
    }
    expect((await world.hooks.list({ runId: owner.runId })).data).toEqual([]);
  });

  check("hooks are listed newest first, of all runs or of one", async ({ world, own }) => {
    const one = await own();
    const other = await own();
    for (let n = 0; n < 9; n += 1) {
      const hook = { ...hookCreated(`hook_${n}`, `door ${n}`, payload("meta")), at: AT + n };
      await (n % 3 === 0 ? one : other).commit(hook);
    }
    const list = async (rest: { runId?: string }, pagination: Pagination): Promise<readonly string[]> =>
      (await walk((page) => world.hooks.list({ ...rest, pagination: page }), pagination)).map((hook) => hook.hookId);
    const all = Array.from({ length: 9 }, (_, n) => `hook_${n}`);
    expect(await list({}, { limit: 2 })).toEqual(all.toReversed());
    expect(await list({}, { limit: 2, sortOrder: "asc" })).toEqual(all);
    expect(await list({ runId: one.runId }, { limit: 2 })).toEqual(["hook_6", "hook_3", "hook_0"]);
    const { data } = await world.hooks.list({ resolveData: "none" });
    for (const hook of data) expect(hook).not.toHaveProperty("metadata");
    expect((await world.hooks.list()).data[0]?.metadata).toBe(payload("meta"));
  });
}

async function eventful({ world, own }: Scene): Promise<string> {
  const owner = await own();
  await owner.commit(
    stepCreated("step_1"),
    hookCreated("hook_1", "door", payload("meta")),
    waitCreated("wait_1", AT + 9),
  );
  await owner.commit(stepStarted("step_1"), stepRetrying("step_1", AT + 7), stepStarted("step_1", 2));
  await owner.commit(stepCompleted("step_1"));
  await world.deliver({ token: "door" }, said("late"));
  await owner.commit({ ...completed, at: AT + 99 });
  return owner.runId;
}

function describeEvents(check: Check): void {
  check("events are listed oldest first, with their payload under its public name", async (scene) => {
    const { world } = scene;
    const runId = await eventful(scene);
    const { data } = await world.events.list({ runId });
    expect(data.map((event) => event.eventId)).toEqual(data.map((_, index) => eventIdOf(index + 1)));
    expect(data.map((event) => [event.eventType, event.correlationId])).toEqual([
      ["run_created", undefined],
      ["run_started", undefined],
      ["step_created", "step_1"],
      ["hook_created", "hook_1"],
      ["wait_created", "wait_1"],
      ["step_started", "step_1"],
      ["step_retrying", "step_1"],
      ["step_started", "step_1"],
      ["step_completed", "step_1"],
      ["hook_received", "hook_1"],
      ["run_completed", undefined],
    ]);
    expect(data[0]?.eventData).toMatchObject({
      workflowName: "workflow//shop//order",
      input: payload("input 1"),
    });
    expect(data[3]?.eventData).toEqual({
      token: "door",
      isWebhook: false,
      metadata: payload("meta"),
    });
    expect(data[4]?.eventData).toEqual({ resumeAt: new Date(AT + 9) });
    expect(data[6]?.eventData).toEqual({ retryAfter: new Date(AT + 7), error: payload("flaky") });
    expect(data[9]?.eventData).toEqual({ payload: payload("late"), undelivered: true });
    expect(data[10]).toMatchObject({
      runId,
      createdAt: new Date(AT + 99),
      eventData: { output: payload("done") },
    });
  });

  check("without data, events keep everything but their payload", async (scene) => {
    const { world } = scene;
    const runId = await eventful(scene);
    const { data } = await world.events.list({ runId, resolveData: "none" });
    expect(data).toHaveLength(11);
    expect(JSON.stringify(data)).not.toContain("devl");
    expect(data[6]?.eventData).toEqual({ retryAfter: new Date(AT + 7) });
  });

  check("one event is read by its id, within its run", async (scene) => {
    const { world } = scene;
    const runId = await eventful(scene);
    const { data } = await world.events.list({ runId });
    for (const event of data) expect(await world.events.get(runId, event.eventId)).toEqual(event);
    const missing = [eventIdOf(12), eventIdOf(0), "evnt_1", "", "1", "step_1"];
    for (const eventId of missing) {
      await expect(world.events.get(runId, eventId)).rejects.toMatchObject({ code: "NOT_FOUND" });
    }
    await expect(world.events.get(runIdOf(999), eventIdOf(1))).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
  });

  check("events are listed by what they belong to", async (scene) => {
    const { world } = scene;
    const runId = await eventful(scene);
    const list = (pagination: Pagination): Promise<readonly string[]> =>
      walk(
        (page) => world.events.listByCorrelationId({ runId, correlationId: "step_1", pagination: page }),
        pagination,
      ).then((events) => events.map((event) => event.eventType));
    const types = ["step_created", "step_started", "step_retrying", "step_started", "step_completed"];
    expect(await list({})).toEqual(types);
    expect(await list({ limit: 2 })).toEqual(types);
    expect(await list({ limit: 2, sortOrder: "desc" })).toEqual(types.toReversed());
  });

  check("the cursor of the last page of events leads to those that come later", async ({ world, own }) => {
    const { runId, commit } = await own();
    const first = await world.events.list({ runId });
    expect(first.hasMore).toBe(false);
    const pagination = { cursor: String(first.cursor) };
    const nothingNew = await world.events.list({ runId, pagination });
    expect(nothingNew.data).toEqual([]);
    await commit(stepCreated("step_1"), completed);
    const later = await world.events.list({ runId, pagination: { cursor: String(nothingNew.cursor) } });
    expect(later.data.map((event) => event.eventType)).toEqual(["step_created", "run_completed"]);
  });

  check("reading writes nothing", async (scene) => {
    const { world } = scene;
    const runId = await eventful(scene);
    await expectRefused(world, () => world.events.list({ runId, pagination: { limit: 0 } }), "INVALID_ARGUMENT");
  });
}
