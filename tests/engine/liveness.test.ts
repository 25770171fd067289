import { expect, test } from "vitest";
import { start } from "workflow/api";
import { setWorld } from "workflow/runtime";
import { createTestClock } from "@workflow/world/testkit";
import type { World } from "workflow/world";
import { deploy, passTime, realmCode, workflow } from "../support/engine.ts";
import { describeEngine, eventTypes } from "../support/scenario.ts";

const HOUR = 3_600_000;

/** A World that tells nobody anything. */
function silent(world: World): World {
  return Object.create(world, { onHint: { value: () => () => {} } }) as World;
}

const EVERYTHING = realmCode(
  ["a", "flaky"],
  `workflow("main", async () => {
    const one = await a("one");
    await sleep(300);
    const hook = createHook({ token: "door" });
    const payloads = [await hook, await hook];
    const two = await flaky();
    return [one, payloads, two];
  });
  workflow("nap", async (ms) => { await sleep(ms); return a("woken"); });
  workflow("waiting", async () => [await createHook({ token: "door" })]);`,
);

const knock = (text: string) => ({ type: "hook_received", data: {}, payload: `devl["${text}"]`, at: 0 }) as const;

describeEngine("I8 liveness", ({ openWorld, startEngine }) => {
  /** Steps that note their calls. */
  function deployed(): string[] {
    const calls: string[] = [];
    let failures = 1;
    deploy(EVERYTHING, {
      a: async (name) => {
        calls.push(String(name));
        return name;
      },
      flaky: async () => {
        calls.push("flaky");
        if (failures-- > 0) throw new Error("not yet");
        return "two";
      },
    });
    return calls;
  }

  test("with every notification suppressed everything completes by the sweep alone", async () => {
    const calls = deployed();
    const clock = createTestClock(Date.now());
    const world = await openWorld(clock);
    setWorld(world);
    // Started by a process without a worker, before and while there is one elsewhere.
    const run = await start(workflow("main"), []);
    await startEngine({ world: silent(world) });
    setWorld(world);
    await passTime(clock, async () => (await world.hooks.list()).data.length === 1);
    for (const text of ["x", "y"]) await world.deliver({ token: "door" }, knock(text));
    await passTime(clock, async () => (await run.status) === "completed");
    expect(await run.returnValue).toEqual(["one", ["x", "y"], "two"]);
    expect(calls).toEqual(["one", "flaky", "flaky"]);
  });

  test("a worker that is down over the wake time of a sleep: late, once [07-7.14.wait] [07-7.15.sleep] [01-1.5.completion]", async () => {
    const calls = deployed();
    const clock = createTestClock(Date.now());
    const world = await openWorld(clock);
    const first = await startEngine({ world });
    const run = await start(workflow("nap"), [HOUR]);
    await passTime(clock, async () => (await eventTypes(world, run.runId)).includes("wait_created"));
    await first.stop();
    clock.advance(2 * HOUR);
    await startEngine({ world });
    await passTime(clock, async () => (await run.status) === "completed");
    expect(calls).toEqual(["woken"]);
    expect((await eventTypes(world, run.runId)).filter((type) => type === "wait_completed")).toHaveLength(1);
  });

  test("a clock that is set forward by an hour: what is due by then happens within a sweep, once", async () => {
    const calls = deployed();
    const clock = createTestClock(Date.now());
    const world = await openWorld(clock);
    await startEngine({ world });
    const run = await start(workflow("nap"), [HOUR / 2]);
    await passTime(clock, async () => (await eventTypes(world, run.runId)).includes("wait_created"));
    clock.jump(HOUR);
    const jumped = clock.elapsed();
    await passTime(clock, async () => (await run.status) === "completed");
    expect(clock.elapsed() - jumped).toBeLessThan(2_000);
    expect(calls).toEqual(["woken"]);
  });

  test("a clock that is set back by an hour: sleeps are late at most, and nothing else waits for the hour", async () => {
    const calls = deployed();
    const clock = createTestClock(Date.now());
    const world = await openWorld(clock);
    await startEngine({ world: silent(world) });
    setWorld(world);
    const napping = await start(workflow("nap"), [1_000]);
    const waiting = await start(workflow("waiting"), []);
    await passTime(clock, async () => (await world.hooks.list()).data.length === 1);
    await passTime(clock, async () => (await eventTypes(world, napping.runId)).includes("wait_created"));
    clock.jump(-HOUR);
    await world.deliver({ token: "door" }, knock("in the past"));
    const jumped = clock.elapsed();
    await passTime(clock, async () => (await waiting.status) === "completed");
    expect(clock.elapsed() - jumped).toBeLessThan(2_000);
    expect(await napping.status).toBe("running");
    clock.jump(HOUR);
    await passTime(clock, async () => (await napping.status) === "completed");
    expect(calls).toEqual(["woken"]);
  });
});
