import { expect, test } from "vitest";
import { getRun, resumeHook, start } from "workflow/api";
import { type World } from "workflow/world";
import { deploy, realmCode, workflow } from "../support/engine.ts";
import { describeEngine, eventTypes, untilEvent } from "../support/scenario.ts";

/** What the events say about the waits of a run. */
async function waitsOf(world: World, runId: string): Promise<unknown[]> {
  const { data } = await world.events.list({ runId, pagination: { limit: 1000, sortOrder: "asc" } });
  return data
    .filter(({ eventType }) => eventType.startsWith("wait"))
    .map(({ eventType, eventData }) => ("closed" in eventData ? "closed" : eventType));
}

describeEngine("receive", ({ openWorld, startEngine }) => {
  test("a payload that is there is taken at once, and nothing is waited for", async () => {
    const gate = Promise.withResolvers<void>();
    deploy(
      realmCode(
        ["hold"],
        `workflow("main", async () => {
          const hook = createHook({ token: "t" });
          await hold();
          return [await hook.receive({ timeout: "1 day" }), await hook.receive()];
        });`,
      ),
      { hold: () => gate.promise },
    );
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"), []);
    await untilEvent(world, run.runId, "step_started");
    await resumeHook("t", { n: 1 });
    await resumeHook("t", 2);
    gate.resolve();
    expect(await run.returnValue).toEqual([
      { status: "received", payload: { n: 1 } },
      { status: "received", payload: 2 },
    ]);
    expect(await waitsOf(world, run.runId)).toEqual([]);
  });

  test("the payload wins: its wait is closed, and a restart sees it the same", async () => {
    deploy(
      realmCode(
        [],
        `workflow("main", async () => {
          const hook = createHook({ token: "t" });
          return [await hook.receive({ timeout: "1 day" }), await hook];
        });`,
      ),
    );
    const world = await openWorld();
    const engine = await startEngine({ world });
    const run = await start(workflow("main"), []);
    await untilEvent(world, run.runId, "wait_created");
    await resumeHook("t", "in time");
    await untilEvent(world, run.runId, "wait_completed");
    expect(await getRun(run.runId).wakeUp()).toEqual({ stoppedCount: 0 });
    await engine.stop();
    const next = await startEngine({ world });
    await resumeHook("t", "next");
    expect(await run.returnValue).toEqual([{ status: "received", payload: "in time" }, "next"]);
    expect(await waitsOf(world, run.runId)).toEqual(["wait_created", "closed"]);
    expect(next.problems).toEqual([]);
  });

  test("the time wins: later payloads are for whoever waits next", async () => {
    deploy(
      realmCode(
        [],
        `workflow("main", async () => {
          const hook = createHook({ token: "t" });
          const first = await hook.receive({ timeout: 1 });
          return [first, await hook.receive({ timeout: new Date(Date.now() + 86400000) }), await hook];
        });`,
      ),
    );
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"), []);
    await untilEvent(world, run.runId, "wait_created", 2);
    await resumeHook("t", 1);
    await resumeHook("t", 2);
    expect(await run.returnValue).toEqual([{ status: "timeout" }, { status: "received", payload: 1 }, 2]);
    expect(await waitsOf(world, run.runId)).toEqual(["wait_created", "wait_completed", "wait_created", "closed"]);
  });

  test("two receivers and one payload: the first gets it, the second waits on", async () => {
    deploy(
      realmCode(
        [],
        `workflow("main", async () => {
          const hook = createHook({ token: "t" });
          return Promise.all([hook.receive({ timeout: "1 day" }), hook.receive({ timeout: "2 days" })]);
        });`,
      ),
    );
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"), []);
    await untilEvent(world, run.runId, "wait_created", 2);
    await resumeHook("t", 1);
    await untilEvent(world, run.runId, "wait_completed");
    expect(await run.wakeUp()).toEqual({ stoppedCount: 1 });
    expect(await run.returnValue).toEqual([{ status: "received", payload: 1 }, { status: "timeout" }]);
  });

  test("a hook in conflict rejects, and leaves no wait behind", async () => {
    deploy(
      realmCode(
        [],
        `workflow("owner", async () => createHook({ token: "t" }));
         workflow("loser", async () => {
           const hook = createHook({ token: "t" });
           const say = (e) => e instanceof HookConflictError;
           return [await hook.receive({ timeout: "1 day" }).catch(say), await hook.receive().catch(say), await sleep(1)];
         });`,
      ),
    );
    const world = await openWorld();
    await startEngine({ world });
    const owner = await start(workflow("owner"), []);
    await untilEvent(world, owner.runId, "hook_created");
    const loser = await start(workflow("loser"), []);
    expect(await loser.returnValue).toEqual([true, true, undefined]);
    expect((await waitsOf(world, loser.runId)).filter((wait) => wait === "closed")).toHaveLength(1);
  });

  test("a hook that is disposed gives nothing: the time ends the waiting", async () => {
    deploy(
      realmCode(
        [],
        `workflow("main", async () => {
          const hook = createHook({ token: "t" });
          const waiting = hook.receive({ timeout: 5 });
          hook.dispose();
          return [await waiting, await hook.receive({ timeout: 5 })];
        });`,
      ),
    );
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"), []);
    expect(await run.returnValue).toEqual([{ status: "timeout" }, { status: "timeout" }]);
  });

  test("a timeout that is none is refused at the call", async () => {
    deploy(
      realmCode(
        [],
        `workflow("main", async () => {
          const hook = createHook({ token: "t" });
          try { hook.receive({ timeout: {} }); } catch (e) { return [e.code, e.message]; }
        });`,
      ),
    );
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"), []);
    const [code, message] = (await run.returnValue) as string[];
    expect(code).toBe("INVALID_ARGUMENT");
    expect(message).toContain("timeout of hook.receive() takes a duration");
    expect(await eventTypes(world, run.runId)).not.toContain("wait_created");
  });
});
