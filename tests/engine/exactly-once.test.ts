import { expect, test } from "vitest";
import { resumeHook, start } from "workflow/api";
import { HookNotFoundError } from "workflow/errors";
import { createTestClock, withFaults } from "@workflow/world/testkit";
import { deploy, realmCode, workflow } from "../support/engine.ts";
import { describeEngine, eventTypes, untilEvent } from "../support/scenario.ts";

const COLLECT = realmCode(
  [],
  `workflow("collect", async (token) => {
    const seen = [];
    for await (const word of createHook({ token, metadata: "for " + token })) {
      if (word === "stop") return seen;
      seen.push(word);
    }
  });`,
);

describeEngine("exactly once (I5)", ({ openWorld, startEngine }) => {
  test("of a hundred calls with one key at once, one delivers; all get the hook [02-2.4.again]", async () => {
    deploy(COLLECT);
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("collect"), ["t"]);
    await untilEvent(world, run.runId, "hook_created");
    const calls = Array.from({ length: 100 }, (_, n) => resumeHook("t", n, { idempotencyKey: "order-7" }));
    const hooks = await Promise.all(calls);
    expect(hooks.filter(({ status }) => status === "delivered")).toHaveLength(1);
    expect(hooks.filter(({ status }) => status === "duplicate")).toHaveLength(99);
    for (const hook of hooks) {
      expect(hook).toMatchObject({ runId: run.runId, token: "t", hookId: hooks[0]?.hookId, isWebhook: false });
      expect(await hook.metadata).toBe("for t");
    }
    await resumeHook("t", "stop");
    expect(await run.returnValue).toHaveLength(1);
  });

  test("a key is of its token; the event says which key", async () => {
    deploy(COLLECT);
    const world = await openWorld();
    await startEngine({ world });
    const [one, two] = [await start(workflow("collect"), ["one"]), await start(workflow("collect"), ["two"])];
    for (const { runId } of [one, two]) await untilEvent(world, runId, "hook_created");
    for (const token of ["one", "two", "one"]) await resumeHook(token, token, { idempotencyKey: "k" });
    for (const token of ["one", "two"]) await resumeHook(token, "stop");
    expect([await one.returnValue, await two.returnValue]).toEqual([["one"], ["two"]]);
    const { data } = await world.events.list({ runId: one.runId });
    expect(data.find(({ eventType }) => eventType === "hook_received")?.eventData).toMatchObject({
      idempotencyKey: "k",
    });
  });

  test("a repeat after the run has ended, or after another run got the token, is a duplicate of the first", async () => {
    deploy(COLLECT);
    const world = await openWorld();
    await startEngine({ world });
    const first = await start(workflow("collect"), ["t"]);
    await untilEvent(world, first.runId, "hook_created");
    const delivered = await resumeHook("t", "a", { idempotencyKey: "k" });
    await resumeHook("t", "stop");
    await first.returnValue;
    expect(await resumeHook("t", "a", { idempotencyKey: "k" })).toEqual({ ...delivered, status: "duplicate" });
    const second = await start(workflow("collect"), ["t"]);
    await untilEvent(world, second.runId, "hook_created");
    expect(await resumeHook("t", "a", { idempotencyKey: "k" })).toMatchObject({
      status: "duplicate",
      runId: first.runId,
    });
    await resumeHook("t", "stop", { idempotencyKey: "another" });
    expect(await second.returnValue).toEqual([]);
  });

  test("a call whose answer was lost is made again: the payload is there once [02-2.4.again]", async () => {
    deploy(COLLECT);
    let losing = false;
    const world = withFaults(await openWorld(), ({ write, phase }) => {
      if (!losing || write !== "deliver" || phase !== "after") return;
      losing = false;
      throw Object.assign(new Error("the answer was lost"), { code: "WORLD_FAILED" });
    });
    await startEngine({ world });
    const run = await start(workflow("collect"), ["t"]);
    await untilEvent(world, run.runId, "hook_created");
    losing = true;
    await expect(resumeHook("t", "once", { idempotencyKey: "k" })).rejects.toThrow("the answer was lost");
    expect((await resumeHook("t", "once", { idempotencyKey: "k" })).status).toBe("duplicate");
    await resumeHook("t", "stop");
    expect(await run.returnValue).toEqual(["once"]);
  });

  test("a key is forgotten after seven days, but not while its hook is active", async () => {
    deploy(COLLECT);
    const clock = createTestClock();
    const world = await openWorld(clock);
    await startEngine({ world });
    const run = await start(workflow("collect"), ["t"]);
    await clock.advanceSettled(0);
    await untilEvent(world, run.runId, "hook_created");
    await resumeHook("t", "a", { idempotencyKey: "k" });
    clock.advance(8 * 24 * 60 * 60 * 1000);
    expect((await resumeHook("t", "a", { idempotencyKey: "k" })).status).toBe("duplicate");
    await resumeHook("t", "stop");
    await run.returnValue;
    await expect(resumeHook("t", "a", { idempotencyKey: "k" })).rejects.toSatisfy(HookNotFoundError.is);
  });

  test("keys that cannot be stored are refused, and nothing is written", async () => {
    deploy(COLLECT);
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("collect"), ["t"]);
    await untilEvent(world, run.runId, "hook_created");
    for (const idempotencyKey of ["", "x".repeat(256), "\ud800", 7 as never]) {
      await expect(resumeHook("t", "a", { idempotencyKey })).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
    }
    expect(await eventTypes(world, run.runId)).not.toContain("hook_received");
  });
});

describeEngine("keyed starts", ({ openWorld, startEngine }) => {
  const ECHO = realmCode([], `workflow("echo", async (word) => word); workflow("other", async (word) => word);`);

  test("of a hundred starts with one key at once, one starts a run; all get it", async () => {
    deploy(ECHO);
    const world = await openWorld();
    await startEngine({ world });
    const options = { idempotencyKey: "order-7" };
    const runs = await Promise.all(Array.from({ length: 100 }, (_, n) => start(workflow("echo"), [n], options)));
    expect(new Set(runs.map(({ runId }) => runId)).size).toBe(1);
    expect(new Set(await Promise.all(runs.map((run) => run.returnValue)))).toEqual(new Set([0]));
    expect((await world.runs.list()).data).toHaveLength(1);
  });

  test("a repeat gets the run that was started, also when it has ended; a key is of its workflow", async () => {
    deploy(ECHO);
    const world = await openWorld();
    await startEngine({ world });
    const options = { idempotencyKey: "k" };
    const first = await start(workflow("echo"), ["first"], options);
    await first.returnValue;
    const again = await start(workflow("echo"), ["again"], options);
    expect(again.runId).toBe(first.runId);
    expect(await again.returnValue).toBe("first");
    expect((await start(workflow("other"), ["first"], options)).runId).not.toBe(first.runId);
    expect((await start(workflow("echo"), ["first"], { idempotencyKey: "k2" })).runId).not.toBe(first.runId);
    expect((await start(workflow("echo"), ["first"])).runId).not.toBe(first.runId);
  });

  test("what is not started does nothing that anyone could notice", async () => {
    deploy(realmCode([], `workflow("main", async (word) => { console.log(word); return word; });`));
    const world = await openWorld();
    const engine = await startEngine({ world });
    const options = { idempotencyKey: "k" };
    for (const word of ["first", "again", "and again"]) {
      expect(await (await start(workflow("main"), [word], options)).returnValue).toBe("first");
    }
    expect(engine.lines).toEqual(["first"]);
    expect(engine.problems).toEqual([]);
  });

  test("works where no worker runs, and with a lost answer", async () => {
    deploy(ECHO);
    let losing = true;
    const world = withFaults(await openWorld(), ({ write, phase }) => {
      if (!losing || write !== "createRun" || phase !== "after") return;
      losing = false;
      throw Object.assign(new Error("the answer was lost"), { code: "WORLD_FAILED" });
    });
    const options = { world, idempotencyKey: "k" };
    await expect(start(workflow("echo"), ["first"], options)).rejects.toThrow("the answer was lost");
    const again = await start(workflow("echo"), ["again"], options);
    await startEngine({ world });
    expect(await again.returnValue).toBe("first");
    expect((await world.runs.list()).data).toHaveLength(1);
  });

  test("keys that cannot be stored are refused", async () => {
    deploy(ECHO);
    const world = await openWorld();
    for (const idempotencyKey of ["", "x".repeat(256), "\ud800"]) {
      const refused = start(workflow("echo"), ["first"], { world, idempotencyKey });
      await expect(refused).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
    }
    expect((await world.runs.list()).data).toHaveLength(0);
  });
});
