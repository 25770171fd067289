// Interleavings of payloads with what else happens to a token, forced one by one.
import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { getRun, resumeHook, resumeOrStart, start } from "workflow/api";
import { createTestClock, type FaultyWrite, withFaults } from "@workflow/world/testkit";
import type { World } from "workflow/world";
import { receivedBy } from "../support/acceptance.ts";
import { deploy, realmCode, workflow } from "../support/engine.ts";
import { describeEngine, untilEvent } from "../support/scenario.ts";

/** A World one write of which can be held back. */
function gated(raw: World) {
  let next: { readonly write: FaultyWrite; readonly gate: Promise<void>; readonly reached: () => void } | undefined;
  const world = withFaults(raw, async ({ write, phase }) => {
    if (phase !== "before" || write !== next?.write) return;
    const { gate, reached } = next;
    next = undefined;
    reached();
    await gate;
  });
  /** The next write of this kind waits until `open` is called. */
  const hold = (write: FaultyWrite) => {
    const gate = Promise.withResolvers<void>();
    const reached = Promise.withResolvers<void>();
    next = { write, gate: gate.promise, reached: reached.resolve };
    return { open: gate.resolve, reached: reached.promise };
  };
  return { world, hold };
}

async function payloadsOf(world: World, runId: string): Promise<unknown[]> {
  const { history } = await world.read(runId, 0);
  return receivedBy(runId, history).map(({ payload, undelivered }) => (undelivered ? [payload] : payload));
}

const lost = (): Error => Object.assign(new Error("the answer was lost"), { code: "WORLD_FAILED" });

describeEngine("payloads and tokens, interleaved", ({ openWorld, startEngine }) => {
  test("a payload that came in time is the old hook's, also when its run sees it after another run got the token", async () => {
    deploy(
      realmCode(
        [],
        `workflow("brief", async () => {
          const [go, brief] = [createHook({ token: "go" }), createHook({ token: "t", expiresIn: 1000 })];
          await go;
          const seen = [await brief];
          try { await brief; } catch (error) { seen.push(error.name); }
          return seen;
        });
        workflow("next", async () => createHook({ token: "t" }));`,
      ),
    );
    const clock = createTestClock();
    const { world, hold } = gated(await openWorld(clock));
    await startEngine({ world });
    const first = await start(workflow("brief"), []);
    await clock.advanceSettled(0);
    await untilEvent(world, first.runId, "hook_created", 2);
    const { open, reached } = hold("commit");
    const going = resumeHook("go", "go");
    await reached;
    clock.advance(999);
    const inTime = resumeHook("t", "in time");
    await setImmediate();
    clock.advance(1);
    const second = await start(workflow("next"), []);
    await untilEvent(world, second.runId, "hook_created");
    open();
    await going;
    expect(await inTime).toMatchObject({ status: "delivered", runId: first.runId });
    expect(await first.returnValue).toEqual(["in time", "HookExpiredError"]);
    expect(await resumeHook("t", "later")).toMatchObject({ runId: second.runId });
    expect(await second.returnValue).toBe("later");
  });

  test("held payloads that a turn claims, and a payload after them in the same turn: all arrive, once", async () => {
    deploy(
      realmCode(
        [],
        `workflow("main", async () => {
          const [go, a] = [createHook({ token: "go" }), createHook({ token: "a" })];
          await go;
          const first = await a;
          const late = createHook({ token: "late" });
          return [first, await a, await late, await late];
        });`,
      ),
    );
    const { world, hold } = gated(await openWorld());
    const { problems } = await startEngine({ world });
    await resumeHook("late", "held 1", { hold: "10m" });
    await resumeHook("late", "held 2", { hold: "10m" });
    const run = await start(workflow("main"), []);
    await untilEvent(world, run.runId, "hook_created", 2);
    const { open, reached } = hold("commit");
    const calls = [resumeHook("go", "go")];
    await reached;
    calls.push(resumeHook("a", "1"), resumeHook("a", "2"));
    await setImmediate();
    open();
    for (const hook of await Promise.all(calls)) expect(hook.runId).toBe(run.runId);
    expect(await run.returnValue).toEqual(["1", "2", "held 1", "held 2"]);
    expect(await payloadsOf(world, run.runId)).toHaveLength(5);
    expect(problems).toEqual([]);
  });

  test("a keyed start whose answer is lost while its run is under way: the repeat gets the run, which runs once", async () => {
    let bodies = 0;
    deploy(realmCode(["work"], `workflow("main", async (word) => [word, await work()]);`), {
      work: async () => (bodies += 1),
    });
    let losing = true;
    const { world, hold } = gated(
      withFaults(await openWorld(), ({ write, phase }) => {
        if (!losing || write !== "createRun" || phase !== "after") return;
        losing = false;
        throw lost();
      }),
    );
    await startEngine({ world });
    const { open } = hold("commit");
    const options = { idempotencyKey: "k" };
    await expect(start(workflow("main"), ["first"], options)).rejects.toThrow("the answer was lost");
    const again = start(workflow("main"), ["again"], options);
    await setImmediate();
    open();
    expect(await (await again).returnValue).toEqual(["first", 1]);
    expect(bodies).toBe(1);
    expect((await world.runs.list()).data).toHaveLength(1);
  });

  test("a run that owns its token and was let go before it created the hook gets all of its payloads", async () => {
    deploy(
      realmCode(
        [],
        `workflow("late", async () => {
          const go = createHook({ token: "go" });
          await go;
          const hook = createHook({ token: "t" });
          return [await hook, await hook, await hook];
        });
        workflow("other", async (token) => createHook({ token }));`,
      ),
    );
    const world = await openWorld();
    const { worker } = await startEngine({ world, liveRuns: 1 });
    const { run } = await resumeOrStart("t", "1", workflow("late"), []);
    await untilEvent(world, run.runId, "hook_created");
    const other = await start(workflow("other"), ["other"]);
    await untilEvent(world, other.runId, "hook_created");
    expect(await resumeHook("t", "2")).toMatchObject({ status: "delivered", runId: run.runId });
    await resumeHook("other", "x");
    await other.returnValue;
    expect((await resumeOrStart("t", "3", workflow("late"), [])).run.runId).toBe(run.runId);
    await resumeHook("go", "go");
    expect(await run.returnValue).toEqual(["1", "2", "3"]);
    expect(worker.counts.replays).toBeGreaterThan(0);
  });

  test("a worker that stops with payloads in hand leaves them to the next, each once and in order", async () => {
    deploy(
      realmCode(
        [],
        `workflow("main", async () => {
          const [go, hook] = [createHook({ token: "go" }), createHook({ token: "t" })];
          await go;
          return [await hook, await hook, await hook];
        });`,
      ),
    );
    const { world, hold } = gated(await openWorld());
    const engine = await startEngine({ world, graceMs: 20 });
    const run = await start(workflow("main"), []);
    await untilEvent(world, run.runId, "hook_created", 2);
    const { open, reached } = hold("commit");
    const calls = [resumeHook("go", "go")];
    await reached;
    calls.push(resumeHook("t", "1"), resumeHook("t", "2"));
    await setImmediate();
    // The commit takes longer than the grace period, and is refused after it.
    await engine.stop();
    calls.push(resumeHook("t", "3"));
    await Promise.all(calls.slice(1));
    open();
    await Promise.all(calls);
    await startEngine({ world });
    expect(await run.returnValue).toEqual(["1", "2", "3"]);
    expect(await payloadsOf(world, run.runId)).toHaveLength(4);
  });

  test("payloads that a new hook got from before wake the run without a hint or a sweep", async () => {
    deploy(
      realmCode(
        [],
        `workflow("main", async () => { const t = createHook({ token: "t" }); return [await t, await t]; });`,
      ),
    );
    const raw = await openWorld();
    const world = { ...withFaults(raw, () => undefined), onHint: () => () => undefined };
    await startEngine({ world, sweepMs: 3_600_000 });
    await resumeHook("t", "1", { hold: "10m" });
    await resumeHook("t", "2", { hold: "10m", idempotencyKey: "k" });
    const run = await start(workflow("main"), []);
    await untilEvent(world, run.runId, "run_completed");
    expect(await payloadsOf(world, run.runId)).toEqual(["1", "2"]);
  });

  test("they wake it too when the worker dies right after it created the hook [07-7.14.hook]", async () => {
    deploy(realmCode([], `workflow("main", async () => createHook({ token: "t" }));`));
    const raw = await openWorld();
    let dying = true;
    const world = withFaults(raw, async ({ write, phase }) => {
      const isMissed = phase === "after" ? write === "commit" : write === "release" || write === "leave";
      if (dying && isMissed) await new Promise(() => {});
    });
    const doomed = await startEngine({ world, graceMs: 0 });
    await resumeHook("t", "1", { hold: "10m" });
    const run = await start(workflow("main"), []);
    await untilEvent(raw, run.runId, "hook_created");
    await raw.leave(doomed.worker.id);
    await startEngine({ world: raw, sweepMs: 3_600_000 });
    await untilEvent(raw, run.runId, "run_completed");
    expect(await payloadsOf(raw, run.runId)).toEqual(["1"]);
    dying = false;
  });

  test("a cancellation that comes while the hook of an owned token is created: its payloads stay, undelivered", async () => {
    deploy(
      realmCode(
        [],
        `workflow("late", async () => {
          await createHook({ token: "go" });
          return createHook({ token: "t" });
        });`,
      ),
    );
    const { world, hold } = gated(await openWorld());
    await startEngine({ world });
    const { run } = await resumeOrStart("t", "1", workflow("late"), []);
    await untilEvent(world, run.runId, "hook_created");
    await resumeHook("t", "2");
    const { open, reached } = hold("commit");
    // With a key it goes through the inbox, where a turn may leave facts behind.
    const going = resumeHook("go", "go", { idempotencyKey: "k" });
    await reached;
    const cancelling = getRun(run.runId).cancel();
    await resumeHook("t", "3");
    open();
    await Promise.all([going, cancelling]);
    await untilEvent(world, run.runId, "run_cancelled");
    expect(await payloadsOf(world, run.runId)).toEqual(["go", ["1"], ["2"], ["3"]]);
    expect((await resumeOrStart("t", "4", workflow("late"), [])).status).toBe("started");
  });

  test("resumeOrStart for a run that ends in the same moment starts the next one, with the payload", async () => {
    deploy(
      realmCode(
        [],
        `workflow("main", async () => {
          const go = createHook({ token: "go" });
          const hook = createHook({ token: "t" });
          return Promise.race([go, hook]);
        });`,
      ),
    );
    const { world, hold } = gated(await openWorld());
    await startEngine({ world });
    const first = await start(workflow("main"), []);
    await untilEvent(world, first.runId, "hook_created", 2);
    const { open, reached } = hold("commit");
    const going = resumeHook("go", "go");
    await reached;
    const calls = ["1", "2"].map((payload) => resumeOrStart("t", payload, workflow("main"), []));
    await setImmediate();
    open();
    await going;
    const answers = await Promise.all(calls);
    expect(answers.map(({ status }) => status)).toEqual(["started", "delivered"]);
    const runIds = new Set(answers.map(({ run }) => run.runId));
    expect([runIds.size, runIds.has(first.runId)]).toEqual([1, false]);
    expect(await payloadsOf(world, first.runId)).toEqual(["go"]);
    expect(await answers[0]?.run.returnValue).toBe("1");
  });
});
