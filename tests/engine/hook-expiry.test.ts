import { createTestClock } from "@workflow/world/testkit";
import { expect, test } from "vitest";
import { resumeHook, start } from "workflow/api";
import { HookNotFoundError } from "workflow/errors";
import { deploy, passTime, realmCode, workflow } from "../support/engine.ts";
import { describeEngine, eventTypes, untilEvent } from "../support/scenario.ts";

const HOUR = 60 * 60 * 1_000;

describeEngine("hooks that expire", ({ openWorld, startEngine }) => {
  test("what came in time is taken, then the end is thrown; a restart sees it the same", async () => {
    deploy(
      realmCode(
        [],
        `const { HookExpiredError } = __workflow.modules["workflow/errors"];
         workflow("main", async () => {
          const hook = createHook({ token: "t", expiresIn: "1h" });
          const seen = [];
          try { for await (const x of hook) seen.push(x); } catch (e) { seen.push(e instanceof HookExpiredError, e.token); }
          seen.push(await createHook({ token: "t" }));
          return seen;
        });`,
      ),
    );
    const clock = createTestClock();
    const world = await openWorld(clock);
    const engine = await startEngine({ world });
    const run = await start(workflow("main"), []);
    await untilEvent(world, run.runId, "hook_created");
    await resumeHook("t", "in time");
    await clock.advanceSettled(HOUR);
    await passTime(clock, async () => (await eventTypes(world, run.runId)).includes("hook_disposed"));
    await untilEvent(world, run.runId, "hook_created", 2);
    await engine.stop();
    const next = await startEngine({ world });
    await resumeHook("t", "for the second hook");
    expect(await run.returnValue).toEqual(["in time", true, "t", "for the second hook"]);
    expect(next.problems).toEqual([]);
  });

  test("nothing is taken after the end, also when no worker has seen it yet", async () => {
    deploy(realmCode([], `workflow("main", async () => createHook({ token: "t", expiresIn: "1h" }));`));
    const clock = createTestClock();
    const world = await openWorld(clock);
    const engine = await startEngine({ world });
    const run = await start(workflow("main"), []);
    await untilEvent(world, run.runId, "hook_created");
    await engine.stop();
    await clock.advanceSettled(HOUR);
    await expect(resumeHook("t", "late")).rejects.toThrow(HookNotFoundError);
    expect(await eventTypes(world, run.runId)).not.toContain("hook_received");
  });

  test("what was accepted in the last moment is taken, also when nothing told the run of it", async () => {
    deploy(
      realmCode(
        [],
        `workflow("main", async () => {
          const seen = [];
          try { for await (const x of createHook({ token: "t", expiresIn: "1h" })) seen.push(x); } catch { seen.push("end"); }
          return seen;
        });`,
      ),
    );
    const clock = createTestClock();
    const raw = await openWorld(clock);
    const engine = await startEngine({ world: { ...raw, onHint: () => () => undefined } });
    const run = await start(workflow("main"), []);
    await untilEvent(raw, run.runId, "hook_created");
    await clock.advanceSettled(HOUR - 1);
    const fact = { type: "hook_received", data: {}, payload: 'devl["in time"]', at: clock.now() } as const;
    expect(await raw.deliver({ token: "t" }, fact)).toMatchObject({ status: "delivered" });
    await clock.advanceSettled(1);
    await untilEvent(raw, run.runId, "run_completed");
    expect(await run.returnValue).toEqual(["in time", "end"]);
    expect(engine.problems).toEqual([]);
  });

  test("what was held for a hook that is over at once is taken before its end", async () => {
    deploy(
      realmCode(
        [],
        `workflow("main", async () => {
          const hook = createHook({ token: "t", expiresIn: new Date(Date.now()) });
          const seen = [await hook.getConflict()];
          try { for await (const x of hook) seen.push(x); } catch { seen.push("end"); }
          return seen;
        });`,
      ),
    );
    const clock = createTestClock();
    const world = await openWorld(clock);
    const engine = await startEngine({ world });
    await resumeHook("t", "held", { hold: "10m" });
    const run = await start(workflow("main"), []);
    await clock.advanceSettled(1);
    expect(await run.returnValue).toEqual([null, "held", "end"]);
    expect(engine.problems).toEqual([]);
  });
});
