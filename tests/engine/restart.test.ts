import { expect, onTestFinished, test, vi } from "vitest";
import { resumeHook, start } from "workflow/api";
import { getStepMetadata } from "workflow";
import { createTestClock, withFaults } from "@workflow/world/testkit";
import { LEASE_TTL_MS, type StoredCode, type World } from "workflow/world";
import { setWorld } from "workflow/runtime";
import { deploy, passTime, realmCode, workflow } from "../support/engine.ts";
import { describeEngine, eventTypes, untilEvent, untilProblem } from "../support/scenario.ts";

/** A World whose writes fail from the moment `dead` is set: what is left of a process that died. */
function mortal(world: World): { readonly world: World; kill(): void } {
  let dead = false;
  return {
    world: withFaults(world, () => {
      if (dead) throw Object.assign(new Error("this process is dead"), { code: "WORLD_CLOSED" });
    }),
    kill() {
      dead = true;
    },
  };
}

/** The World with other code under every hash: what a broken deployment would do to running runs. */
function withCode(world: World, source: string): World {
  const code = {
    put: (stored: StoredCode) => world.code.put(stored),
    get: async (hash: string): Promise<StoredCode> => ({ hash, source, map: "" }),
    collect: (storedBefore: number) => world.code.collect(storedBefore),
  };
  return Object.create(world, { code: { value: code } }) as World;
}

describeEngine("restart", ({ openWorld, startEngine }) => {
  test("the base URL that a run began with stays, whatever the environment says at a replay", async () => {
    deploy(
      realmCode(
        [],
        `workflow("main", async () => {
          const urls = [getWorkflowMetadata().url, createWebhook().url];
          await createHook({ token: "go" });
          return [...urls, getWorkflowMetadata().url];
        });`,
      ),
    );
    const world = await openWorld();
    const first = await startEngine({ world });
    const run = await start(workflow("main"), []);
    await untilEvent(world, run.runId, "hook_created", 2);
    const webhook = (await world.hooks.list({ runId: run.runId })).data.find(({ isWebhook }) => isWebhook);
    await first.stop();
    vi.stubEnv("WORKFLOW_LOCAL_BASE_URL", "https://changed.example");
    onTestFinished(() => void vi.unstubAllEnvs());
    await startEngine({ world });
    await resumeHook("go", null);
    const base = "http://localhost:3000";
    expect(await run.returnValue).toEqual([base, `${base}/.well-known/workflow/v1/webhook/${webhook?.token}`, base]);
  });

  test("a thousand steps: no replay while the worker lives, one after a restart", async () => {
    deploy(
      realmCode(
        ["next"],
        `workflow("main", async () => {
          let x = 0;
          for (let i = 0; i < 1000; i++) x = await next(x);
          const more = await createHook({ token: "go" });
          return (await next(x)) + more;
        });`,
      ),
      { next: async (x) => (x as number) + 1 },
    );
    const world = await openWorld();
    const first = await startEngine({ world });
    const run = await start(workflow("main"), []);
    for (;;) {
      if ((await world.hooks.list({ runId: run.runId })).data.length > 0) break;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(first.worker.counts).toMatchObject({ replays: 0, stepsExecuted: 1000 });
    await first.stop();
    const second = await startEngine({ world });
    await resumeHook("go", 10);
    expect(await run.returnValue).toBe(1011);
    expect(second.worker.counts).toMatchObject({ replays: 1, stepsExecuted: 1 });
  });

  test("a worker that died in a step: another takes over after the lease, and only that step runs again [07-7.1.crash] [07-7.14.step] [07-7.18.1] [07-7.15.step-body]", async () => {
    const calls: string[] = [];
    let gate = Promise.withResolvers<void>();
    const note = (name: string) => async (): Promise<string> => {
      calls.push(`${name}:${getStepMetadata().attempt}`);
      if (name === "b") await gate.promise;
      return name;
    };
    deploy(realmCode(["a", "b", "c"], `workflow("main", async () => [await a(), await b(), await c()]);`), {
      a: note("a"),
      b: note("b"),
      c: note("c"),
    });
    const clock = createTestClock(Date.now());
    const world = await openWorld(clock);
    const { world: mine, kill } = mortal(world);
    await startEngine({ world: mine, graceMs: 1 });
    const run = await start(workflow("main"), []);
    await passTime(clock, async () => calls.length === 2);
    kill();
    setWorld(world);
    const old = gate;
    gate = Promise.withResolvers<void>();
    gate.resolve();
    const second = await startEngine({ world });
    const died = clock.now();
    expect(calls).toEqual(["a:1", "b:1"]);
    await passTime(clock, async () => (await run.status) === "completed");
    expect(clock.now() - died).toBeGreaterThan(LEASE_TTL_MS / 2);
    expect(await run.returnValue).toEqual(["a", "b", "c"]);
    expect(calls).toEqual(["a:1", "b:1", "b:2", "c:1"]);
    expect(second.worker.counts.replays).toBe(1);
    old.resolve();
    await clock.advanceSettled(100);
    expect((await eventTypes(world, run.runId)).filter((type) => type === "step_completed")).toHaveLength(3);
  });

  test("a step whose process dies in every attempt fails after maxRetries + 1 of them [07-7.1.crash-policy]", async () => {
    let calls = 0;
    const deadly = Object.assign(
      async () => {
        calls += 1;
        await new Promise(() => {});
      },
      { maxRetries: 1 },
    );
    deploy(
      realmCode(
        ["deadly"],
        `workflow("main", async () => { try { await deadly(); } catch (e) { return [e.fatal, e.message]; } });`,
      ),
      { deadly },
    );
    const clock = createTestClock(Date.now());
    const world = await openWorld(clock);
    setWorld(world);
    let runId = "";
    for (const attempt of [1, 2]) {
      const { world: mine, kill } = mortal(world);
      await startEngine({ world: mine, graceMs: 1 });
      if (attempt === 1) runId = (await start(workflow("main"), [])).runId;
      await passTime(clock, async () => calls === attempt);
      kill();
      clock.advance(LEASE_TTL_MS);
    }
    await startEngine({ world });
    await passTime(clock, async () => (await world.runs.get(runId)).status === "completed");
    expect(calls).toBe(2);
    const types = await eventTypes(world, runId);
    expect(types.filter((type) => type === "step_started")).toHaveLength(2);
    expect(types).toContain("step_failed");
    expect(types.at(-1)).toBe("run_completed");
  });

  test("a commit whose answer is lost is written once", async () => {
    let lose = false;
    let lost = 0;
    deploy(realmCode(["a"], `workflow("main", async () => [await a(), await a()]);`), {
      a: async () => {
        lose = true;
        return 1;
      },
    });
    const world = await openWorld();
    const lossy = withFaults(world, ({ write, phase }) => {
      if (write !== "commit" || phase !== "after" || !lose || lost > 0) return;
      lost += 1;
      throw Object.assign(new Error("connection reset"), { code: "WORLD_FAILED" });
    });
    await startEngine({ world: lossy });
    const run = await start(workflow("main"), []);
    expect(await run.returnValue).toEqual([1, 1]);
    expect(lost).toBe(1);
    expect((await eventTypes(world, run.runId)).filter((type) => type === "step_completed")).toHaveLength(2);
  });

  test("code that does not match the history puts the run aside with the reason, and the right code brings it home [07-7.6.divergence] [03-3.6.divergence]", async () => {
    const source = realmCode(
      ["a", "b"],
      `workflow("main", async () => [await a(), await createHook({ token: "d" })]);`,
    );
    const edited = source.replace("await a()", "await b()");
    const steps = { a: async () => "a", b: async () => "b" };
    deploy(source, steps);
    const world = await openWorld();
    const first = await startEngine({ world });
    const run = await start(workflow("main"), []);
    await untilEvent(world, run.runId, "hook_created");
    await first.stop();
    const before = await eventTypes(world, run.runId);

    const broken = await startEngine({ world: withCode(world, edited) });
    await resumeHook("d", 1);
    const problem = await untilProblem(world, run.runId);
    expect(problem.code).toBe("REPLAY_DIVERGED");
    expect(problem.message).toContain("step_created step//./test//a");
    expect(problem.message).toContain("step step//./test//b");
    expect(broken.problems).toHaveLength(1);
    await broken.stop();
    expect(await eventTypes(world, run.runId)).toEqual(before);

    await startEngine({ world });
    await resumeHook("d", 2);
    expect(await run.returnValue).toEqual(["a", 1]);
    expect((await world.runs.get(run.runId)).problem).toBeUndefined();
  });

  test("a run that was put aside can be cancelled, though its code cannot go on", async () => {
    const source = realmCode(
      ["a", "b"],
      `workflow("main", async () => [await a(), await createHook({ token: "x" })]);`,
    );
    deploy(source, { a: async () => "a" });
    const world = await openWorld();
    const first = await startEngine({ world });
    const run = await start(workflow("main"), []);
    await untilEvent(world, run.runId, "hook_created");
    await first.stop();
    await startEngine({ world: withCode(world, source.replace("await a()", "await b()")) });
    await resumeHook("x", 1);
    await untilProblem(world, run.runId);
    await run.cancel();
    expect(await run.status).toBe("cancelled");
    expect((await eventTypes(world, run.runId)).slice(-2)).toEqual(["hook_received", "run_cancelled"]);
  });

  test("a worker that stood still past its lease goes on where it was, if nobody took its runs", async () => {
    const calls: number[] = [];
    const gate = Promise.withResolvers<void>();
    deploy(realmCode(["slow"], `workflow("main", async () => slow());`), {
      slow: async () => {
        calls.push(getStepMetadata().attempt);
        await gate.promise;
        return "done";
      },
    });
    const clock = createTestClock(Date.now());
    const world = await openWorld(clock);
    const engine = await startEngine({ world });
    const run = await start(workflow("main"), []);
    await untilEvent(world, run.runId, "step_started");
    clock.advance(10 * LEASE_TTL_MS);
    gate.resolve();
    await passTime(clock, async () => (await run.status) === "completed");
    expect(await run.returnValue).toBe("done");
    expect(calls).toEqual([1]);
    expect(engine.problems).toEqual([]);
  });

  test("stop waits for running steps and records their results", async () => {
    const gate = Promise.withResolvers<void>();
    deploy(realmCode(["slow", "next"], `workflow("main", async () => [await slow(), await next()]);`), {
      slow: async () => {
        await gate.promise;
        return "slow";
      },
      next: async () => "next",
    });
    const world = await openWorld();
    const first = await startEngine({ world });
    const run = await start(workflow("main"), []);
    await untilEvent(world, run.runId, "step_started");
    const stopped = first.stop();
    gate.resolve();
    await stopped;
    const types = await eventTypes(world, run.runId);
    expect(types.filter((type) => type === "step_completed")).toHaveLength(1);
    expect(types.filter((type) => type === "step_started")).toHaveLength(1);
    const second = await startEngine({ world });
    expect(await run.returnValue).toEqual(["slow", "next"]);
    expect(second.worker.counts.stepsExecuted).toBe(1);
  });

  test("evicted runs are brought back by a fact, with one replay", async () => {
    deploy(realmCode([], `workflow("main", async (n) => [n, await createHook({ token: "e" + n })]);`));
    const world = await openWorld();
    const { worker } = await startEngine({ world, liveRuns: 3 });
    const runs = [];
    for (let n = 0; n < 10; n++) {
      const run = await start<[number], unknown>(workflow("main"), [n]);
      await untilEvent(world, run.runId, "hook_created");
      runs.push(run);
    }
    for (let n = 0; n < 10; n++) await resumeHook(`e${n}`, "x");
    for (const [n, run] of runs.entries()) expect(await run.returnValue).toEqual([n, "x"]);
    expect(worker.counts.replays).toBeGreaterThanOrEqual(7);
  });
});
