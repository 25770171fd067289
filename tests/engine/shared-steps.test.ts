import { afterEach, describe, expect, test } from "vitest";
import { getStepMetadata, getWorkflowMetadata } from "workflow";
import { getRun, resumeHook, start } from "workflow/api";
import { StepOutcomeUnknownError } from "workflow/errors";
import { setWorld } from "workflow/runtime";
import { LEASE_TTL_MS, type World } from "workflow/world";
import { createTestClock, type TestClock } from "@workflow/world/testkit";
import { currentStep } from "../../packages/workflow/src/worker/step-context.ts";
import { deploy, type Engine, passTime, realmCode, startEngine, workflow } from "../support/engine.ts";
import { eventTypes } from "../support/scenario.ts";
import { type Process, processOn, SHARING_WORLDS } from "../support/sharing-worlds.ts";

const CODE = realmCode(
  ["work", "undo"],
  `workflow("fan", async (n) => Promise.all(Array.from({ length: n }, (_, i) => work(i))));
   workflow("settled", async (n) => {
     const all = await Promise.allSettled(Array.from({ length: n }, (_, i) => work(i)));
     return all.map(({ status, value, reason }) => status === "fulfilled" ? value : reason.name);
   });
   workflow("first", async (n) => Promise.race([createHook({ token: "over" }), ...Array.from({ length: n }, (_, i) => work(i))]));
   workflow("again", async (n, round) => {
     const hook = createHook({ token: "over" });
     const all = Array.from({ length: n }, (_, i) => work(i));
     if (round === 0) { await hook; return continueAsNew(n, 1); }
     return Promise.all(all);
   });
   workflow("careful", async (n) => {
     cancellable({ cleanup: "1h" });
     try { await Promise.all(Array.from({ length: n }, (_, i) => work(i))); } finally { await undo(); }
   });`,
);

/** A body that has begun: by whom, and what ends it. */
interface Body {
  readonly n: number;
  readonly attempt: number;
  readonly by: World;
  readonly signal: AbortSignal;
  end(error?: Error): void;
}

describe.each(SHARING_WORLDS)("steps that other workers run ($name)", ({ open }) => {
  const engines: Engine[] = [];
  const worlds: World[] = [];
  let bodies: Body[] = [];
  let clock: TestClock;

  afterEach(async () => {
    for (const body of bodies) body.end();
    for (const engine of engines.splice(0)) await engine.stop();
    for (const world of worlds.splice(0)) await world.close();
    bodies = [];
  });

  /** Steps whose bodies wait for the test. */
  async function openWorld(options: object = {}): Promise<World> {
    const work = (n: unknown): Promise<unknown> => {
      const { promise, resolve, reject } = Promise.withResolvers<unknown>();
      const { attempt, signal } = getStepMetadata();
      const end = (error?: Error): void => (error === undefined ? resolve(n) : reject(error));
      bodies.push({ n: Number(n), attempt, by: currentStep()?.world as World, signal, end });
      return promise;
    };
    deploy(CODE, { work: Object.assign(work, options), undo: async () => {} });
    clock = createTestClock(Date.now());
    const world = await open(clock);
    worlds.push(world);
    setWorld(world);
    return world;
  }

  async function engineOn(world: World, concurrency: number): Promise<Process & { readonly engine: Engine }> {
    const process = processOn(world);
    const engine = await startEngine({ world: process.world, concurrency });
    engines.push(engine);
    return { ...process, engine };
  }

  /** Time passes no faster than the World answers: on a slow machine no worker may seem dead for that. */
  const until = (is: () => boolean | Promise<boolean>): Promise<void> =>
    passTime(clock, async () => {
      await worlds.at(-1)?.nextDueAt();
      return await is();
    });
  const by = ({ world }: Process): readonly Body[] => bodies.filter((body) => body.by === world);

  test("what the owner has no place for is run by others, and the results are in order", async () => {
    const world = await openWorld();
    const other = await engineOn(world, 3);
    const owner = await engineOn(world, 2);
    const run = await start(workflow("fan"), [9]);
    await until(() => bodies.length === 5);
    await clock.advanceSettled(5_000);
    expect([by(owner).length, by(other).length, bodies.length]).toEqual([2, 3, 5]);
    let ended = 0;
    await until(async () => {
      for (; ended < bodies.length; ended += 1) bodies[ended]?.end();
      return (await run.status) === "completed";
    });
    expect(await run.returnValue).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(bodies.map(({ n }) => n).toSorted()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(bodies.every(({ attempt }) => attempt === 1)).toBe(true);
    expect(owner.engine.problems).toEqual([]);
    expect(other.engine.problems).toEqual([]);
  });

  test("a worker that is alone offers nothing", async () => {
    const world = await openWorld();
    const owner = await engineOn(world, 2);
    const run = await start(workflow("fan"), [4]);
    await until(() => bodies.length === 2);
    await clock.advanceSettled(2_000);
    expect((await world.read(run.runId, 0)).offered ?? []).toEqual([]);
    expect((await eventTypes(world, run.runId)).filter((type) => type === "step_started")).toHaveLength(2);
    expect(by(owner)).toHaveLength(2);
  });

  test("the owner takes back what it has offered once it has places", async () => {
    const world = await openWorld();
    const busy = await engineOn(world, 1);
    const first = await start(workflow("fan"), [1]);
    await until(() => bodies.length === 1);
    const owner = await engineOn(world, 1);
    const run = await start(workflow("fan"), [3]);
    await until(() => by(owner).length === 1);
    expect((await world.read(run.runId, 0)).offered).toHaveLength(2);
    for (const n of [0, 1, 2]) {
      await until(() => by(owner).length === n + 1);
      by(owner)[n]?.end();
    }
    await until(async () => (await run.status) === "completed");
    expect(by(busy)).toHaveLength(1);
    expect(await first.status).toBe("running");
  });

  test("a failure elsewhere is retried after its delay, as often as the step says", async () => {
    const world = await openWorld({ maxRetries: 1 });
    const other = await engineOn(world, 2);
    const owner = await engineOn(world, 1);
    const run = await start(workflow("settled"), [2]);
    await until(() => by(other).length === 1);
    by(other)[0]?.end(new TypeError("flaky"));
    await until(() => bodies.length === 3);
    expect(bodies[2]).toMatchObject({ n: by(other)[0]?.n, attempt: 2 });
    bodies[2]?.end(new TypeError("still flaky"));
    by(owner)[0]?.end();
    await until(async () => (await run.status) === "completed");
    expect(await run.returnValue).toEqual([0, "TypeError"]);
    expect((await eventTypes(world, run.runId)).filter((type) => type === "step_retrying")).toHaveLength(1);
  });

  test("a worker that dies costs its steps an attempt, and nobody else", async () => {
    const world = await openWorld();
    const other = await engineOn(world, 2);
    const owner = await engineOn(world, 1);
    const run = await start(workflow("fan"), [3]);
    await until(() => bodies.length === 3);
    const lost = by(other).map(({ n }) => n);
    const since = clock.elapsed();
    other.kill();
    by(owner)[0]?.end();
    await until(() => bodies.length === 4);
    expect(clock.elapsed() - since).toBeGreaterThanOrEqual(LEASE_TTL_MS * 0.6);
    // What its bodies come to now is nobody's.
    for (const body of by(other)) body.end(new Error("too late"));
    await until(async () => {
      for (const body of by(owner)) body.end();
      return (await run.status) === "completed";
    });
    expect(await run.returnValue).toEqual([0, 1, 2]);
    expect(by(owner).slice(1)).toMatchObject(lost.map((n) => ({ n, attempt: 2 })));
  });

  test("a step that must not run twice has an unknown outcome when its worker dies", async () => {
    const world = await openWorld({ idempotent: false });
    const other = await engineOn(world, 1);
    const owner = await engineOn(world, 1);
    const run = await start(workflow("settled"), [2]);
    await until(() => bodies.length === 2);
    other.kill();
    by(owner)[0]?.end();
    await until(async () => (await run.status) === "completed");
    expect(await run.returnValue).toEqual([0, StepOutcomeUnknownError.name]);
    expect(bodies).toHaveLength(2);
  });

  test("the death of the owner interrupts its own bodies only", async () => {
    const world = await openWorld();
    const other = await engineOn(world, 2);
    const owner = await engineOn(world, 1);
    const run = await start(workflow("fan"), [5]);
    await until(() => bodies.length === 3);
    const own = by(owner)[0]?.n;
    const [first] = by(other);
    owner.kill();
    // It comes in while the run has no owner, or a new one.
    first?.end();
    let ended = 0;
    await until(async () => {
      const mine = by(other);
      for (; ended < mine.length; ended += 1) mine[ended]?.end();
      return (await getRun(run.runId).status) === "completed";
    });
    expect(await run.returnValue).toEqual([0, 1, 2, 3, 4]);
    const attempts = by(other).map(({ n, attempt }) => [n, attempt]);
    expect(attempts.toSorted()).toEqual([0, 1, 2, 3, 4].map((n) => [n, n === own ? 2 : 1]));
  });

  test("a worker that stood still for too long has lost its steps: they are aborted, and what they come to is nobody's", async () => {
    const world = await openWorld();
    const other = await engineOn(world, 1);
    const owner = await engineOn(world, 1);
    const run = await start(workflow("fan"), [2]);
    await until(() => bodies.length === 2);
    const [body] = by(other);
    // It does not renew, and somebody else looks for work.
    await world.leave(other.engine.worker.id);
    by(owner)[0]?.end();
    await until(() => body?.signal.aborted === true && bodies.length === 3);
    body?.end();
    await clock.advanceSettled(1_000);
    expect(await run.status).toBe("running");
    expect(bodies[2]).toMatchObject({ n: body?.n, attempt: 2 });
    bodies[2]?.end();
    await until(async () => (await run.status) === "completed");
  });

  test("a run that is over, or goes on as new, waits for nobody: bodies elsewhere are aborted", async () => {
    const world = await openWorld();
    const other = await engineOn(world, 2);
    await engineOn(world, 1);
    const run = await start(workflow("first"), [5]);
    await until(() => bodies.length === 3);
    await resumeHook("over", "done");
    await until(() => by(other).every(({ signal }) => signal.aborted));
    expect(await run.returnValue).toBe("done");
    expect((await world.read(run.runId, 0)).offered ?? []).toEqual([]);
    for (const body of bodies) body.end();
    await clock.advanceSettled(1_000);
    expect(bodies).toHaveLength(3);

    const next = await start(workflow("again"), [4, 0]);
    await until(() => bodies.length === 6);
    const before = bodies.slice(3);
    await resumeHook("over", "done");
    await until(() => before.some(({ signal, by: by_ }) => by_ === other.world && signal.aborted));
    let ended = 3;
    await until(async () => {
      for (; ended < bodies.length; ended += 1) bodies[ended]?.end();
      return (await next.status) === "completed";
    });
    expect(await next.returnValue).toEqual([0, 1, 2, 3]);
  });

  test("a run that is cancelled and cleans up gives its steps elsewhere up", async () => {
    const world = await openWorld();
    const other = await engineOn(world, 2);
    await engineOn(world, 1);
    const run = await start(workflow("careful"), [5]);
    await until(() => bodies.length === 3);
    const cancelling = run.cancel();
    await until(() => bodies.every(({ signal }) => signal.aborted));
    expect(by(other)[0]?.signal.reason).toMatchObject({ name: "WorkflowRunCancelledError" });
    for (const body of bodies) body.end();
    await until(async () => (await run.status) === "cancelled");
    await cancelling;
    expect(bodies).toHaveLength(3);
  });

  test("a worker that stops lets its steps of others end, and takes no more", async () => {
    const world = await openWorld();
    const other = await engineOn(world, 1);
    const owner = await engineOn(world, 1);
    const run = await start(workflow("fan"), [3]);
    await until(() => bodies.length === 2);
    const stopping = other.engine.worker.stop();
    by(other)[0]?.end();
    await until(async () => (await world.read(run.runId, 0)).offered?.length === 1);
    await stopping;
    for (const n of [0, 1]) {
      await until(() => by(owner).length === n + 1);
      by(owner)[n]?.end();
    }
    await until(async () => (await run.status) === "completed");
    expect(bodies.every(({ attempt }) => attempt === 1)).toBe(true);
  });

  test("the next attempt of a step that times out elsewhere waits for its body", async () => {
    const world = await openWorld({ timeout: 1_000, maxRetries: 1 });
    const other = await engineOn(world, 1);
    const owner = await engineOn(world, 1);
    const run = await start(workflow("fan"), [2]);
    await until(() => bodies.length === 2);
    by(owner)[0]?.end();
    await until(() => by(other)[0]?.signal.aborted === true);
    await clock.advanceSettled(5_000);
    expect(bodies).toHaveLength(2);
    by(other)[0]?.end();
    await until(() => bodies.length === 3);
    expect(bodies[2]?.attempt).toBe(2);
    bodies[2]?.end();
    await until(async () => (await run.status) === "completed");
    expect(await run.returnValue).toEqual([0, 1]);
  });

  test("a body elsewhere knows of its run what one of the owner knows", async () => {
    const world = await openWorld();
    const seen: unknown[] = [];
    const hold = Promise.withResolvers<void>();
    deploy(CODE, {
      async work() {
        const { stepId: _, ...step } = getStepMetadata();
        seen.push([getWorkflowMetadata(), currentStep()?.rootRunId, step.attempt, step.stepName]);
        await hold.promise;
      },
    });
    await engineOn(world, 1);
    await engineOn(world, 1);
    const run = await start(workflow("fan"), [2]);
    await until(() => seen.length === 2);
    hold.resolve();
    await until(async () => (await run.status) === "completed");
    expect(seen[1]).toEqual(seen[0]);
  });
});
