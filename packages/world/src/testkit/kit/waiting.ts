import { describe, expect } from "vitest";
import type { WorkflowRun } from "workflow/world";
import type { TestClock } from "../clock.ts";
import { cancelled, completed, failed, payload, runIdOf } from "./events.ts";
import type { Check } from "./scene.ts";

/** `runs.waitForTerminalStatus`: resolves with the run however it goes; its caller looks at the status. */
export function describeWaiting(check: Check): void {
  describe("waiting for the end of a run", () => {
    describeEnds(check);
    describeInterruptions(check);
  });
}

/** Moves the clock on, a second at a time, until `promise` has settled; gives up at `untilMs`. */
async function settleWithin(clock: TestClock, promise: Promise<WorkflowRun>, untilMs: number): Promise<WorkflowRun> {
  const end = clock.now() + untilMs;
  const state = { settled: false };
  const mark = (): void => void (state.settled = true);
  promise.then(mark, mark);
  while (!state.settled && clock.now() < end) await clock.advanceSettled(1000);
  return await promise;
}

function describeEnds(check: Check): void {
  check("a run that has ended is answered at once", async ({ world, own }) => {
    const { runId, commit } = await own();
    await commit(failed);
    const run = await world.runs.waitForTerminalStatus(runId);
    expect(run).toEqual(await world.runs.get(runId));
    expect(run).toMatchObject({ status: "failed", error: payload("broken") });
    const bare = await world.runs.waitForTerminalStatus(runId, { resolveData: "none" });
    expect(bare).toEqual(await world.runs.get(runId, { resolveData: "none" }));
  });

  check("everyone who waits is told when the run ends, without the clock moving", async ({ world, own }) => {
    const { runId, commit } = await own();
    const waiting = Array.from({ length: 5 }, () => world.runs.waitForTerminalStatus(runId));
    await commit(completed);
    const late = world.runs.waitForTerminalStatus(runId);
    for (const run of await Promise.all([...waiting, late])) {
      expect(run).toMatchObject({ status: "completed", output: payload("done") });
    }
  });

  check("neither the end of another run nor a fact ends a wait", async ({ world, clock, own }) => {
    const one = await own();
    const other = await own();
    const waiting = world.runs.waitForTerminalStatus(other.runId, { timeoutMs: 5000 });
    await one.commit(completed);
    await world.deliver({ runId: other.runId }, cancelled());
    const state = { settled: false };
    void waiting.then(() => (state.settled = true));
    await clock.advanceSettled(4000);
    expect(state.settled).toBe(false);
    await other.commit(completed);
    expect((await waiting).status).toBe("completed");
  });

  check("an unknown run is an error at once", async ({ world }) => {
    await expect(world.runs.waitForTerminalStatus(runIdOf(1))).rejects.toMatchObject({
      code: "RUN_NOT_FOUND",
    });
  });
}

function describeInterruptions(check: Check): void {
  check("after its timeout a wait answers with the run as it is", async ({ world, clock, own }) => {
    const { runId } = await own();
    const waiting = world.runs.waitForTerminalStatus(runId, { timeoutMs: 3000 });
    expect((await settleWithin(clock, waiting, 20_000)).status).toBe("running");
  });

  check("a wait lasts 50 seconds unless told otherwise", async ({ world, clock, own }) => {
    const { runId } = await own();
    let over = false;
    const waiting = world.runs.waitForTerminalStatus(runId).finally(() => (over = true));
    await clock.advanceSettled(49_999);
    expect(over).toBe(false);
    clock.advance(1);
    expect((await waiting).status).toBe("running");
  });

  check("a wait that is aborted answers with the run as it is", async ({ world, own }) => {
    const { runId } = await own();
    const abort = new AbortController();
    const waiting = world.runs.waitForTerminalStatus(runId, { signal: abort.signal });
    abort.abort();
    expect((await waiting).status).toBe("running");
    expect((await world.runs.waitForTerminalStatus(runId, { signal: abort.signal })).status).toBe("running");
  });

  check("a wait that is under way when the World closes is refused", async ({ world, own }) => {
    const { runId } = await own();
    const waiting = world.runs.waitForTerminalStatus(runId).catch((error: unknown) => error);
    await world.close();
    expect(await waiting).toMatchObject({ code: "WORLD_CLOSED" });
  });
}
