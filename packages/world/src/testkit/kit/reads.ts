import { describe, expect } from "vitest";
import { AT, CODE, completed, failed, hookCreated, newRunOf, payload, runIdOf, stepCreated } from "./events.ts";
import { walk } from "./walk.ts";
import type { Check } from "./scene.ts";

/** What people see (contract 04 sections 4.4 to 4.7). */
export function describeReads(check: Check): void {
  describe("reads: runs", () => {
    describeRuns(check);
  });
}

function describeRuns(check: Check): void {
  check("a run is read as it was created", async ({ world }) => {
    await world.createRun(newRunOf(1, { attributes: { plan: "pro", "": "" } }));
    expect(await world.runs.get(runIdOf(1))).toEqual({
      runId: runIdOf(1),
      status: "pending",
      workflowName: "workflow//shop//order",
      deploymentId: CODE.hash,
      input: payload("input 1"),
      attributes: { plan: "pro", "": "" },
      createdAt: new Date(AT + 1),
      updatedAt: new Date(AT + 1),
    });
    await expect(world.runs.get(runIdOf(2))).rejects.toMatchObject({
      name: "WorkflowRunNotFoundError",
      code: "RUN_NOT_FOUND",
      runId: runIdOf(2),
    });
  });

  check("without data, a run has no input, output or error", async ({ world, own }) => {
    const done = await own();
    await done.commit(completed);
    const broken = await own();
    await broken.commit(failed);
    for (const { runId } of [done, broken]) {
      const { input: _input, output: _output, error: _error, ...rest } = await world.runs.get(runId);
      expect(await world.runs.get(runId, { resolveData: "all" })).toMatchObject({
        input: expect.any(String),
      });
      expect(await world.runs.get(runId, { resolveData: "none" })).toEqual(rest);
      const { data } = await world.runs.list({ resolveData: "none" });
      expect(data.find((run) => run.runId === runId)).toEqual(rest);
    }
  });

  check("runs are listed by workflow and status", async ({ world, create, own }) => {
    const other = { workflowName: "workflow//shop//refund" };
    const ids = [await create(), (await own()).runId, await create(other)];
    const ended = [await own(), await own("wrkr_a", other)];
    await ended[0]?.commit(completed);
    await ended[1]?.commit(failed);
    ids.push(...ended.map((owner) => owner.runId));
    const listed = async (filter: Parameters<typeof world.runs.list>[0]): Promise<readonly number[]> => {
      const page = await world.runs.list({ ...filter, pagination: { sortOrder: "asc" } });
      return page.data.map((run) => ids.indexOf(run.runId));
    };
    expect(await listed({})).toEqual([0, 1, 2, 3, 4]);
    expect(await listed({ status: "pending" })).toEqual([0, 2]);
    expect(await listed({ status: ["completed", "failed"] })).toEqual([3, 4]);
    expect(await listed({ status: [] })).toEqual([]);
    expect(await listed({ status: "cancelled" })).toEqual([]);
    expect(await listed(other)).toEqual([2, 4]);
    expect(await listed({ ...other, status: ["pending", "running"] })).toEqual([2]);
    expect(await listed({ workflowName: "workflow//shop" })).toEqual([]);
  });

  check("a filter holds over every page", async ({ world, create }) => {
    for (let n = 0; n < 12; n += 1) await create({ workflowName: n % 3 === 0 ? "workflow//a//a" : "workflow//b//b" });
    const found = await walk((pagination) => world.runs.list({ workflowName: "workflow//a//a", pagination }), {
      limit: 1,
    });
    expect(found.map((run) => run.runId)).toEqual([10, 7, 4, 1].map(runIdOf));
  });

  check("the seed of a run is in no read for people", async ({ world, own }) => {
    const seed = "0123456789abcdef0123456789abcdef";
    const owner = await own("wrkr_a", { seed });
    await owner.commit(hookCreated("hook_1", "door"), stepCreated("step_1"));
    const { runId } = owner;
    const shown = [
      await world.runs.get(runId),
      await world.runs.list(),
      await world.steps.list({ runId }),
      await world.hooks.list(),
      await world.events.list({ runId }),
    ];
    expect(JSON.stringify(shown)).not.toContain(seed);
    expect((await world.read(runId, 0)).seed).toBe(seed);
  });
}
