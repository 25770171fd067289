import { expect, test } from "vitest";
import { FatalError, getStepMetadata, RetryableError } from "workflow";
import { getRun, start } from "workflow/api";
import { createTestClock, type TestClock, withFaults } from "@workflow/world/testkit";
import { type Event, LEASE_TTL_MS, type World } from "workflow/world";
import { setWorld } from "workflow/runtime";
import { deploy, passTime, realmCode, workflow } from "../support/engine.ts";
import { describeEngine, eventTypes, untilEvent } from "../support/scenario.ts";

const CAUGHT = `workflow("main", async () => { try { return await work(); } catch (e) { return [e.name, e.message]; } });`;

async function events(world: World, runId: string, type: Event["eventType"]): Promise<readonly Event[]> {
  const page = await world.events.list({ runId, pagination: { limit: 1000, sortOrder: "asc" } });
  return page.data.filter((event) => event.eventType === type);
}

/** How long each retry was put off. */
async function waits(world: World, runId: string): Promise<readonly number[]> {
  const retries = await events(world, runId, "step_retrying");
  return retries.map(({ eventData, createdAt }) => (eventData["retryAfter"] as number) - createdAt.getTime());
}

describeEngine("step options", ({ openWorld, startEngine }) => {
  test("a backoff says how long each retry waits; the time that an error names wins [07-7.1]", async () => {
    const work = async (): Promise<string> => {
      const { attempt } = getStepMetadata();
      if (attempt === 6) return "done";
      if (attempt === 3) throw new RetryableError("busy", { retryAfter: new Date(clock.now() + 50) });
      throw new Error("not yet");
    };
    const backoff = { initial: "1s", factor: 3, max: 4_000 };
    deploy(realmCode(["work"], CAUGHT), { work: Object.assign(work, { maxRetries: 5, backoff }) });
    const clock = createTestClock(Date.now());
    const world = await openWorld(clock);
    await startEngine({ world });
    const run = await start(workflow("main"), []);
    await passTime(clock, async () => (await run.status) === "completed");
    expect(await run.returnValue).toBe("done");
    expect(await waits(world, run.runId)).toEqual([1_000, 3_000, 50, 4_000, 4_000]);
  });

  test("what workflow code assigned is recorded with the call and holds; the host's own wins [01-1.2.max-retries]", async () => {
    const inner = async (): Promise<never> => {
      throw new Error("no");
    };
    deploy(
      realmCode(
        ["work"],
        `work.maxRetries = 3; work.timeout = "1m"; work.backoff = { initial: "20ms", factor: 1 }; ${CAUGHT}`,
      ),
      { work: Object.assign(inner, { maxRetries: 2 }) },
    );
    const clock = createTestClock(Date.now());
    const world = await openWorld(clock);
    await startEngine({ world });
    const run = await start(workflow("main"), []);
    await passTime(clock, async () => (await run.status) === "completed");
    const [created] = await events(world, run.runId, "step_created");
    expect(created?.eventData).toMatchObject({
      maxRetries: 3,
      timeout: 60_000,
      backoff: { initial: 20, factor: 1, max: 60_000 },
    });
    expect(await waits(world, run.runId)).toEqual([20, 20]);
  });

  test("maxRetries of Infinity is as good as no limit", async () => {
    let attempts = 0;
    const work = async (): Promise<number> => {
      attempts += 1;
      if (attempts < 8) throw new Error("not yet");
      return attempts;
    };
    deploy(realmCode(["work"], `work.maxRetries = Infinity; work.backoff = { initial: 0 }; ${CAUGHT}`), { work });
    const world = await openWorld();
    await startEngine({ world });
    expect(await (await start(workflow("main"), [])).returnValue).toBe(8);
  });

  test("what cannot be used is refused at the call in workflow code, and the step is not created", async () => {
    let calls = 0;
    deploy(realmCode(["work"], `work.timeout = "soon"; ${CAUGHT}`), { work: async () => void (calls += 1) });
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"), []);
    const [name, message] = (await run.returnValue) as [string, string];
    expect(name).toBe("WorkflowError");
    expect(message).toContain('The timeout of step step//./test//work is "soon"');
    expect(message).toContain("(INVALID_ARGUMENT)");
    expect(calls).toBe(0);
    expect(await eventTypes(world, run.runId)).toEqual(["run_created", "run_started", "run_completed"]);
  });

  test("what only the host can see and cannot use fails the step once, and its body is not begun", async () => {
    let calls = 0;
    const work = async (): Promise<void> => void (calls += 1);
    deploy(realmCode(["work"], CAUGHT), { work: Object.assign(work, { backoff: { factor: 0 } }) });
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"), []);
    const [, message] = (await run.returnValue) as [string, string];
    expect(message).toContain("The backoff.factor of step step//./test//work is 0");
    expect(calls).toBe(0);
    expect(await eventTypes(world, run.runId)).not.toContain("step_retrying");
  });

  test("an AbortError is fatal [07-7.1.abort-error]", async () => {
    let calls = 0;
    deploy(realmCode(["work"], CAUGHT), {
      work: async () => {
        calls += 1;
        throw new DOMException("enough", "AbortError");
      },
    });
    const world = await openWorld();
    await startEngine({ world });
    expect(await (await start(workflow("main"), [])).returnValue).toEqual(["AbortError", "enough"]);
    expect(calls).toBe(1);
  });
});

describeEngine("a step that may run at most once", ({ openWorld, startEngine }) => {
  test.each([
    ["an error", (): Error => new TypeError("no")],
    ["a RetryableError", (): Error => new RetryableError("no", { retryAfter: 1 })],
    ["a FatalError", (): Error => new FatalError("no")],
  ])("is not retried after %s", async (_kind, make) => {
    let calls = 0;
    const work = async (): Promise<never> => {
      calls += 1;
      throw make();
    };
    deploy(realmCode(["work"], CAUGHT), { work: Object.assign(work, { idempotent: false }) });
    const world = await openWorld();
    await startEngine({ world });
    expect(await (await start(workflow("main"), [])).returnValue).toEqual([make().name, "no"]);
    expect(calls).toBe(1);
  });

  interface Said {
    readonly byCall?: string;
    readonly byHost?: object;
    readonly byHostLater?: object;
  }

  /** Runs the step in a worker that dies, or only loses its runs, while the body runs, and has another take over. */
  async function takeOver(clock: TestClock, world: World, said: Said): Promise<readonly unknown[]> {
    let calls = 0;
    const gate = Promise.withResolvers<string>();
    const work = async (): Promise<string> => {
      calls += 1;
      return gate.promise;
    };
    const source = `${said.byCall ?? ""} workflow("main", async () => {
      try { return await work(); } catch (e) { return [e.name, e.code, e.fatal, e.stepName]; }
    });`;
    deploy(realmCode(["work"], source), { work: Object.assign(work, said.byHost) });
    let dead = false;
    const mortal = withFaults(world, () => {
      if (dead) throw Object.assign(new Error("this process is dead"), { code: "WORLD_CLOSED" });
    });
    await startEngine({ world: mortal, graceMs: 1 });
    const { runId } = await start(workflow("main"), []);
    await passTime(clock, async () => calls === 1);
    dead = true;
    clock.advance(LEASE_TTL_MS);
    Object.assign(work, said.byHostLater);
    setWorld(world);
    await startEngine({ world });
    const run = getRun(runId);
    await passTime(clock, async () => (await run.status) === "completed");
    gate.resolve("too late");
    await clock.advanceSettled(1_000);
    const types = await eventTypes(world, runId);
    expect(types.filter((type) => type === "step_started")).toHaveLength(1);
    return [calls, await run.returnValue];
  }

  test.each<[string, Said]>([
    ["the host says so", { byHost: { idempotent: false } }],
    ["its call said so", { byCall: "work.idempotent = false;" }],
    ["its call said so, and the host does not", { byCall: "work.idempotent = false;", byHost: { idempotent: true } }],
    ["the host said so at the start", { byHost: { idempotent: false }, byHostLater: { idempotent: undefined } }],
  ])("is not started again when its worker is gone, and its outcome is unknown: %s", async (_who, said) => {
    const clock = createTestClock(Date.now());
    const world = await openWorld(clock);
    const [calls, result] = await takeOver(clock, world, said);
    expect(result).toEqual(["StepOutcomeUnknownError", "STEP_OUTCOME_UNKNOWN", true, "step//./test//work"]);
    expect(calls).toBe(1);
  });

  test("has failed when its time is over, and is not started again", async () => {
    let calls = 0;
    const work = async (): Promise<never> => {
      calls += 1;
      return new Promise(() => {});
    };
    deploy(realmCode(["work"], CAUGHT), { work: Object.assign(work, { idempotent: false, timeout: "1s" }) });
    const clock = createTestClock(Date.now());
    const world = await openWorld(clock);
    await startEngine({ world, graceMs: 1_000 });
    const run = await start(workflow("main"), []);
    await passTime(clock, async () => (await run.status) === "completed");
    expect(await run.returnValue).toEqual(["StepTimeoutError", expect.stringContaining("for 1000 ms")]);
    await clock.advanceSettled(5_000);
    expect(calls).toBe(1);
  });

  test("is not started a second time by code that only now says that it may run once", async () => {
    let calls = 0;
    const work = async (): Promise<never> => {
      calls += 1;
      Object.assign(work, { idempotent: false, maxRetries: 0 });
      throw new Error("no");
    };
    deploy(realmCode(["work"], CAUGHT), { work: Object.assign(work, { maxRetries: 3 }) });
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"), []);
    await untilEvent(world, run.runId, "run_completed");
    expect(await run.returnValue).toEqual(["StepOutcomeUnknownError", expect.stringContaining("may or may not")]);
    expect(calls).toBe(1);
  });
});
