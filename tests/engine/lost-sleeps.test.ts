import { expect, test } from "vitest";
import { resumeHook, start } from "workflow/api";
import type { World } from "workflow/world";
import { deploy, realmCode, workflow } from "../support/engine.ts";
import { describeEngine, eventTypes, untilEvent } from "../support/scenario.ts";

const COUNT = 100;
const ALL = Array.from({ length: COUNT }, (_, n) => n);

/** Collects payloads; each may take a day. */
const COLLECT = `
  const collect = async (hook) => {
    const seen = [];
    while (seen.length < ${COUNT}) {
      const got = await Promise.race([hook, sleep("1 day")]);
      seen.push(got === undefined ? "late" : got);
    }
    return seen;
  };`;

async function counted(world: World, runId: string): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const type of await eventTypes(world, runId)) counts[type] = (counts[type] ?? 0) + 1;
  return counts;
}

describeEngine("sleeps that lost a race", ({ openWorld, startEngine }) => {
  test("a hundred payloads, each raced against a day: none is lost, and no sleep is left open", async () => {
    deploy(realmCode([], `${COLLECT} workflow("main", async () => collect(createHook({ token: "t" })));`));
    const world = await openWorld();
    const engine = await startEngine({ world });
    const run = await start(workflow("main"), []);
    await untilEvent(world, run.runId, "hook_created");
    const half = COUNT / 2;
    for (const n of ALL.slice(0, half)) await resumeHook("t", n);
    await untilEvent(world, run.runId, "wait_completed", half);
    await engine.stop();
    const next = await startEngine({ world });
    await Promise.all(ALL.slice(half, -2).map((n) => resumeHook("t", n)));
    await untilEvent(world, run.runId, "wait_completed", COUNT - 2);
    expect(await run.wakeUp()).toEqual({ stoppedCount: 1 });
    await untilEvent(world, run.runId, "wait_completed", COUNT - 1);
    await resumeHook("t", "last");
    expect(await run.returnValue).toEqual([...ALL.slice(0, -2), "late", "last"]);
    expect(await counted(world, run.runId)).toEqual({
      run_created: 1,
      run_started: 1,
      hook_created: 1,
      hook_received: COUNT - 1,
      wait_created: COUNT,
      wait_completed: COUNT - 1,
      run_completed: 1,
    });
    expect(next.problems).toEqual([]);
  });

  test("a hundred payloads that are there already cost no waits at all", async () => {
    const gate = Promise.withResolvers<void>();
    deploy(
      realmCode(
        ["hold"],
        `${COLLECT} workflow("main", async () => { const hook = createHook({ token: "t" }); await hold(); const seen = await collect(hook); await sleep(1); return seen; });`,
      ),
      { hold: () => gate.promise },
    );
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"), []);
    await untilEvent(world, run.runId, "step_started");
    for (const n of ALL) await resumeHook("t", n);
    gate.resolve();
    expect(await run.returnValue).toEqual(ALL);
    expect(await counted(world, run.runId)).toMatchObject({ hook_received: COUNT, wait_created: 1, wait_completed: 1 });
  });

  test("a deadline that all rounds share is one wait, and ends the loop", async () => {
    deploy(
      realmCode(
        [],
        `workflow("main", async () => {
          const hook = createHook({ token: "t" });
          const deadline = sleep("1h");
          const seen = [];
          for (;;) {
            const got = await Promise.race([hook, deadline]);
            if (got === undefined) return seen;
            seen.push(got);
          }
        });`,
      ),
    );
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"), []);
    await untilEvent(world, run.runId, "hook_created");
    for (const n of ALL) await resumeHook("t", n);
    await untilEvent(world, run.runId, "hook_received", COUNT);
    expect(await run.wakeUp()).toEqual({ stoppedCount: 1 });
    expect(await run.returnValue).toEqual(ALL);
    expect(await counted(world, run.runId)).toMatchObject({ hook_received: COUNT, wait_created: 1, wait_completed: 1 });
  });

  test("a sleep that lost to a step is closed, and the run goes on", async () => {
    deploy(
      realmCode(
        ["work"],
        `workflow("main", async () => { const got = await Promise.race([work(), sleep("1 day")]); return [got, await createHook({ token: "t" })]; });`,
      ),
      { work: async () => "worked" },
    );
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"), []);
    await untilEvent(world, run.runId, "hook_created");
    expect(await run.wakeUp()).toEqual({ stoppedCount: 0 });
    await resumeHook("t", "end");
    expect(await run.returnValue).toEqual(["worked", "end"]);
  });
});
