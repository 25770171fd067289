import { expect, test } from "vitest";
import { getRun, resumeHook, start } from "workflow/api";
import type { World } from "workflow/world";
import { deploy, realmCode, workflow } from "../support/engine.ts";
import { describeEngine, eventTypes, untilEvent } from "../support/scenario.ts";

/** `owner` holds the token until it gets a payload; `loser` does with the owner what `body` says. */
function contest(body: string, owner = "return hook;"): string {
  return realmCode(
    ["hold"],
    `const errors = __workflow.modules["workflow/errors"];
     const said = (promise) => promise.then((got) => got, (e) => [e.constructor === errors[e.name], e.name, e.cause?.message]);
     workflow("owner", async () => { const hook = createHook({ token: "one" }); ${owner} });
     workflow("loser", async () => { const run = await createHook({ token: "one" }).getConflict(); ${body} });
     workflow("given", async (run) => { ${body} });`,
  );
}

async function startOwner(world: World): Promise<Awaited<ReturnType<typeof start>>> {
  const owner = await start(workflow("owner"), []);
  await untilEvent(world, owner.runId, "hook_created");
  return owner;
}

/** The steps of a run: their short names and how often each was attempted. */
async function stepsOf(world: World, runId: string): Promise<readonly (readonly [string, number])[]> {
  const { data } = await world.steps.list({ runId, pagination: { sortOrder: "asc" } });
  return data.map(({ stepName, attempt }) => [stepName.replace(/^.*\/\//, ""), attempt] as const);
}

/** A World whose runs cannot be read the first few times that someone asks. */
function failing(world: World, times: number): World {
  let left = times;
  const get: World["runs"]["get"] = (runId, options) => {
    left -= 1;
    return left >= 0 ? Promise.reject(new Error("no connection")) : world.runs.get(runId, options);
  };
  return new Proxy(world, {
    get: (_world, key) => (key === "runs" ? { ...world.runs, get } : (Reflect.get(world, key) as unknown)),
  });
}

describeEngine("the run that has the token", ({ openWorld, startEngine }) => {
  test("its accessors are steps: each use is recorded, and replayed as it was [01-1.6.owner-run] [07-7.10.strategies]", async () => {
    deploy(
      contest(
        `const seen = [await run.status, await run.exists, await run.workflowName, await run.createdAt, await run.startedAt, await run.completedAt];
         await createHook({ token: "again" });
         return [...seen, await run.status];`,
      ),
    );
    const world = await openWorld();
    const engine = await startEngine({ world });
    const owner = await startOwner(world);
    const loser = await start(workflow("loser"), []);
    await untilEvent(world, loser.runId, "hook_created");
    const { createdAt, startedAt } = await world.runs.get(owner.runId);
    await engine.stop();
    const next = await startEngine({ world });
    await resumeHook("one", null);
    await owner.returnValue;
    await resumeHook("again", null);
    const name = workflow("owner").workflowId;
    expect(await loser.returnValue).toEqual(["running", true, name, createdAt, startedAt, undefined, "completed"]);
    expect(await stepsOf(world, loser.runId)).toEqual(
      ["status", "exists", "workflowName", "createdAt", "startedAt", "completedAt", "status"].map((step) => [
        `run.${step}`,
        1,
      ]),
    );
    expect(next.problems).toEqual([]);
  });

  test("a use of it does not wait behind steps that wait for a place", async () => {
    const gone = Promise.withResolvers<void>();
    deploy(contest(`const held = hold(); const next = hold(); await Promise.all([held, next, run.cancel()]);`), {
      hold: () => gone.promise,
    });
    const world = await openWorld();
    await startEngine({ world, concurrency: 1 });
    const owner = await startOwner(world);
    const loser = await start(workflow("loser"), []);
    await untilEvent(world, owner.runId, "run_cancelled");
    gone.resolve();
    await loser.returnValue;
    expect((await world.runs.get(owner.runId)).status).toBe("cancelled");
  });

  test("returnValue waits for its end, and takes no place from the steps of others [07-7.9.no-slot] [07-7.10.strategies]", async () => {
    const gate = Promise.withResolvers<void>();
    deploy(contest(`return run.returnValue;`, `const got = await hook; await hold(); return { got };`), {
      hold: () => gate.promise,
    });
    const world = await openWorld();
    await startEngine({ world, concurrency: 1 });
    const owner = await startOwner(world);
    const losers = [await start(workflow("loser"), []), await start(workflow("loser"), [])];
    for (const { runId } of losers) await untilEvent(world, runId, "step_created");
    await resumeHook("one", "payload");
    await untilEvent(world, owner.runId, "step_started");
    gate.resolve();
    for (const loser of losers) expect(await loser.returnValue).toEqual({ got: "payload" });
  });

  test("a wait for its end outlasts any number of workers, and holds none of them up", async () => {
    deploy(contest(`return run.returnValue;`));
    const world = await openWorld();
    let engine = await startEngine({ world, graceMs: 3_600_000 });
    await startOwner(world);
    const loser = await start(workflow("loser"), []);
    await untilEvent(world, loser.runId, "step_created");
    for (let deaths = 1; deaths <= 6; deaths++) {
      await engine.stop();
      engine = await startEngine({ world, graceMs: 3_600_000 });
    }
    await resumeHook("one", "at last");
    expect(await loser.returnValue).toBe("at last");
    expect(await stepsOf(world, loser.runId)).toEqual([["run.returnValue", 0]]);
    expect(await eventTypes(world, loser.runId)).not.toContain("step_retrying");
  });

  test("its failure and its cancellation are thrown at once, as themselves", async () => {
    deploy(contest(`return said(run.returnValue);`, `await hook; throw new TypeError("broken");`));
    const world = await openWorld();
    await startEngine({ world });
    for (const end of ["fail", "cancel"]) {
      const owner = await startOwner(world);
      const loser = await start(workflow("loser"), []);
      await untilEvent(world, loser.runId, "step_created");
      if (end === "fail") await resumeHook("one", null);
      else await owner.cancel();
      expect(await loser.returnValue).toEqual(
        end === "fail" ? [true, "WorkflowRunFailedError", "broken"] : [true, "WorkflowRunCancelledError", undefined],
      );
      expect(await stepsOf(world, loser.runId)).toEqual([["run.returnValue", 0]]);
    }
  });

  test("cancel cancels it, with the reason; where that cannot be, the conflict is thrown at once [07-7.10.strategies] [02-2.3.cancel-reason]", async () => {
    deploy(
      contest(
        `const before = await said(run.cancel({ cancelReason: "taken over" }));
         return [before, await said(run.cancel()), await run.status];`,
      ),
    );
    const world = await openWorld();
    await startEngine({ world });
    const owner = await startOwner(world);
    const loser = await start(workflow("loser"), []);
    expect(await loser.returnValue).toEqual([undefined, undefined, "cancelled"]);
    expect(await world.runs.get(owner.runId)).toMatchObject({ status: "cancelled", cancelReason: "taken over" });

    const ended = await startOwner(world);
    await resumeHook("one", null);
    await ended.returnValue;
    const given = await start(workflow("given"), [getRun(ended.runId)]);
    const conflict = [true, "EntityConflictError", undefined];
    expect(await given.returnValue).toEqual([conflict, conflict, "completed"]);
    expect(await stepsOf(world, given.runId)).toEqual([
      ["run.cancel", 1],
      ["run.cancel", 1],
      ["run.status", 1],
    ]);
  });

  test("a run that came in a payload and does not exist says so, in one attempt [02-2.3.serde] [06-6.3.run]", async () => {
    deploy(
      contest(
        `void run.status; void run.returnValue;
         return [await run.exists, ...(await Promise.all([said(run.status), said(run.returnValue), said(run.cancel()), said(run.wakeUp())]))];`,
      ),
    );
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("given"), [getRun("wrun_01ARZ3NDEKTSV4RRFFQ69G5FAV")]);
    const missing = [true, "WorkflowRunNotFoundError", undefined];
    expect(await run.returnValue).toEqual([false, missing, missing, missing, missing]);
    expect(
      (await stepsOf(world, run.runId)).every(([name, attempts]) => attempts === (name === "run.returnValue" ? 0 : 1)),
    ).toBe(true);
  });

  test("wakeUp ends its sleeps, and says how many", async () => {
    deploy(
      contest(
        `return [await run.wakeUp({ correlationIds: ["wait_other"] }), await run.wakeUp(), await run.returnValue];`,
        `await hook.receive({ timeout: "1 day" }); return "woke";`,
      ),
    );
    const world = await openWorld();
    await startEngine({ world });
    await startOwner(world);
    const loser = await start(workflow("loser"), []);
    expect(await loser.returnValue).toEqual([{ stoppedCount: 0 }, { stoppedCount: 1 }, "woke"]);
  });

  test("a World that fails is asked until it answers [03-3.5.transient]", async () => {
    deploy(contest(`return run.status;`));
    const world = await openWorld();
    await startEngine({ world: failing(world, 5) });
    await startOwner(world);
    const loser = await start(workflow("loser"), []);
    await untilEvent(world, loser.runId, "step_completed");
    expect(await stepsOf(world, loser.runId)).toEqual([["run.status", 6]]);
  });
});
