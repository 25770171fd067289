import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { Worker as Thread } from "node:worker_threads";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { resumeHook, resumeOrStart, start } from "workflow/api";
import type { RequestWithResponse } from "workflow";
import { createWebhookHandler } from "workflow/http";
import { createTestClock, type TestClock } from "@workflow/world/testkit";
import type { Hook, World } from "workflow/world";
import { transactionsIn } from "../../packages/workflow/src/local/fixtures/scene.ts";
import { createLocalWorld } from "../../packages/workflow/src/local/world.ts";
import type { StepFunction } from "../../packages/workflow/src/compiler/registration.ts";
import { deploy, type Engine, realmCode, startEngine, workflow } from "../support/engine.ts";

const CODE = realmCode(
  ["step", "answer"],
  `workflow("steps", async (n) => { for (let i = 0; i < n; i++) await step(i); });
  workflow("fan", async (n) => (await Promise.all(Array.from({ length: n }, (_, i) => step(i)))).length);
  workflow("door", async (token, n) => {
    const hook = createHook({ token });
    for (let i = 0; i < n; i++) await hook;
    return step("after");
  });
  workflow("webhook", async (options) => {
    const webhook = createWebhook(options);
    await answer(await webhook);
  });`,
);

async function answerIfAsked(request: Partial<RequestWithResponse>): Promise<void> {
  await request.respondWith?.(new Response("done"));
}

/**
 * What things cost on the embedded World, counted and not timed. Time stands still, so nothing is written but for what
 * is asked: no renewal, no sweep.
 */
describe("costs", () => {
  let directory: string;
  let clock: TestClock;
  let world: World;
  let engine: Engine;
  let messages: { readonly mock: { readonly calls: readonly unknown[] } };

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), "costs-"));
    clock = createTestClock();
    messages = vi.spyOn(Thread.prototype, "postMessage");
    deploy(CODE, { step: async () => null, answer: answerIfAsked as StepFunction });
    world = await createLocalWorld({ directory, clock });
    engine = await startEngine({ world });
    // The first run of a process stores its code.
    await (
      await start(workflow("steps"), [0])
    ).returnValue;
  });

  afterEach(async () => {
    await engine.stop();
    await world.close();
    vi.restoreAllMocks();
    rmSync(directory, { recursive: true, force: true });
  });

  /** Durable writes, round trips to the writer, and replays of a piece of work. */
  async function costOf(work: () => Promise<unknown>): Promise<Record<"writes" | "trips" | "replays", number>> {
    const before = { writes: transactionsIn(directory), trips: messages.mock.calls.length };
    const { replays } = engine.worker.counts;
    await work();
    return {
      writes: transactionsIn(directory) - before.writes,
      trips: messages.mock.calls.length - before.trips,
      replays: engine.worker.counts.replays - replays,
    };
  }

  async function parked(token: string, payloads: number): Promise<Awaited<ReturnType<typeof start>>> {
    const run = await start(workflow("door"), [token, payloads]);
    await hookOf(run.runId);
    return run;
  }

  async function hookOf(runId: string): Promise<Hook> {
    for (;;) {
      const [hook] = (await world.hooks.list({ runId })).data;
      if (hook !== undefined) return hook;
      await setImmediate();
    }
  }

  /** From a request to a run's webhook to the answer of its caller. */
  async function request(runId: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    const { token } = await hookOf(runId);
    const url = `http://localhost/.well-known/workflow/v1/webhook/${token}`;
    return createWebhookHandler()(new Request(url, { method: "POST", body: "hello", headers }));
  }

  test("start to result of one step: two durable writes", async () => {
    const cost = await costOf(async () => (await start(workflow("steps"), [1])).returnValue);
    expect(cost).toEqual({ writes: 2, trips: 2, replays: 0 });
  });

  test("a hundred steps one after another: one durable write each, and one to start with [07-7.15.step-result]", async () => {
    const cost = await costOf(async () => (await start(workflow("steps"), [100])).returnValue);
    expect(cost).toEqual({ writes: 101, trips: 101, replays: 0 });
  });

  test("a thousand steps at once: one durable write for their creation, a few for all their results [07-7.5.collected]", async () => {
    const cost = await costOf(async () => (await start(workflow("fan"), [1000])).returnValue);
    expect(cost.writes).toBeLessThanOrEqual(4);
    expect(cost.trips).toBeLessThanOrEqual(4);
    expect(cost.replays).toBe(0);
  });

  test("from resumeHook to the next step: one durable write, and another to the end of the run", async () => {
    const run = await parked("one", 1);
    const cost = await costOf(async () => {
      await resumeHook("one", 1);
      await run.returnValue;
    });
    expect(cost).toEqual({ writes: 2, trips: 2, replays: 0 });
  });

  test("from resumeHook in another process: one durable write more", async () => {
    const run = await parked("two", 1);
    const other = await createLocalWorld({ directory, clock });
    onTestFinished(() => other.close());
    const cost = await costOf(async () => {
      await other.deliver({ token: "two" }, { type: "hook_received", data: {}, payload: "devl[1]", at: clock.now() });
      await clock.advanceSettled(500);
      await run.returnValue;
    });
    expect(cost.writes).toBe(3);
    expect(cost.replays).toBe(0);
  });

  test("from resumeHook with a key to the next step: one durable write more than without", async () => {
    const run = await parked("keyed", 1);
    const cost = await costOf(async () => {
      await resumeHook("keyed", 1, { idempotencyKey: "k" });
      await run.returnValue;
    });
    expect(cost).toEqual({ writes: 3, trips: 3, replays: 0 });
  });

  test("a payload that is held: one durable write, and one more for the run that claims it", async () => {
    const holding = await costOf(() => resumeHook("held", 1, { hold: "10m" }));
    expect(holding).toEqual({ writes: 1, trips: 1, replays: 0 });
    const claiming = await costOf(async () => (await start(workflow("door"), ["held", 1])).returnValue);
    expect(claiming).toEqual({ writes: 3, trips: 3, replays: 0 });
  });

  test("resumeOrStart of a new token to the result of its run", async () => {
    const cost = await costOf(async () => {
      const { run } = await resumeOrStart("new", 1, workflow("door"), ["new", 1]);
      await run.returnValue;
    });
    expect(cost).toEqual({ writes: 4, trips: 4, replays: 0 });
  });

  test("from resumeOrStart to the next step of a run that is there: like resumeHook", async () => {
    const run = await parked("there", 1);
    const cost = await costOf(async () => {
      await resumeOrStart("there", 1, workflow("door"), ["there", 1]);
      await run.returnValue;
    });
    expect(cost).toEqual({ writes: 2, trips: 2, replays: 0 });
  });

  test("a webhook request to 202: one durable write and no read; with a key one write more, in the inbox", async () => {
    const run = await start(workflow("webhook"), [{}]);
    await hookOf(run.runId);
    const read = vi.spyOn(world.hooks, "getByToken");
    const plain = await costOf(async () => {
      expect((await request(run.runId)).status).toBe(202);
      await run.returnValue;
    });
    expect(plain).toEqual({ writes: 2, trips: 2, replays: 0 });
    expect(read).not.toHaveBeenCalled();
    const another = await start(workflow("webhook"), [{}]);
    await hookOf(another.runId);
    const keyed = await costOf(async () => {
      expect((await request(another.runId, { "idempotency-key": "k" })).status).toBe(202);
      await another.returnValue;
    });
    expect(keyed).toEqual({ writes: 3, trips: 3, replays: 0 });
  });

  test("the answer of a step to a webhook request: one durable write", async () => {
    const run = await start(workflow("webhook"), [{ respondWith: "manual" }]);
    await hookOf(run.runId);
    const cost = await costOf(async () => {
      expect(await (await request(run.runId)).text()).toBe("done");
      await run.returnValue;
    });
    expect(cost).toEqual({ writes: 3, trips: 3, replays: 0 });
  });

  test("a thousand payloads from as many callers: a few durable writes for all", async () => {
    const run = await parked("many", 1000);
    const cost = await costOf(async () => {
      await Promise.all(Array.from({ length: 1000 }, (_, n) => resumeHook("many", n)));
      await run.returnValue;
    });
    expect(cost.writes).toBeLessThanOrEqual(4);
    expect(cost.replays).toBe(0);
  });

  test("a run that is opened cold: one replay, and one durable write for its lease", async () => {
    const run = await parked("cold", 2);
    await engine.stop();
    engine = await startEngine({ world });
    const cost = await costOf(async () => {
      await resumeHook("cold", 1);
      while (engine.worker.counts.replays === 0) await setImmediate();
      await resumeHook("cold", 2);
      await run.returnValue;
    });
    expect(cost.replays).toBe(1);
    // A look for work that is under way may lease it beside the hint.
    expect(cost.writes).toBeLessThanOrEqual(7);
  });

  test("runs that wait cost nothing", async () => {
    for (let n = 0; n < 20; n += 1) await parked(`waiting ${n}`, 1);
    const cost = await costOf(() => clock.advanceSettled(3_000));
    expect(cost.writes).toBe(0);
    expect(cost.replays).toBe(0);
  });
});
