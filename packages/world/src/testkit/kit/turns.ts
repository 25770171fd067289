import { describe, expect } from "vitest";
import type { NewEvent } from "workflow/world";
import {
  AT,
  cancelled,
  completed,
  entry,
  failed,
  hookCreated,
  hookDisposed,
  payload,
  said,
  started,
  stepCompleted,
  stepCreated,
  stepFailed,
  stepRetrying,
  stepStarted,
  waitCompleted,
  waitCreated,
} from "./events.ts";
import type { Check } from "./scene.ts";
import { expectRefused, UNACCEPTABLE } from "./snapshot.ts";

/** Invariant I3: a turn commits everything it decided at once, or nothing. */
export function describeTurns(check: Check): void {
  describe("I3 one turn, one transaction", () => {
    describeRefusals(check);
    describeEffects(check);
  });
}

/** What a run can never do next, given {@link BEFORE}. */
const IMPOSSIBLE: readonly (readonly [string, ...NewEvent[]])[] = [
  ["a run that starts twice", started],
  [
    "a run that is created twice",
    {
      type: "run_created",
      data: { workflowName: "again", codeHash: "c0de" },
      at: AT,
      payload: payload("x"),
    },
  ],
  ["a step that is created twice", stepCreated("step_1")],
  ["a step that starts without being created", stepStarted("step_9")],
  ["a step that starts after its end", stepStarted("step_over")],
  ["a step that completes twice", stepCompleted("step_over")],
  ["a step that fails after it completed", stepFailed("step_over")],
  ["a step that is retried before it started", stepRetrying("step_1", AT + 5)],
  ["a step that completes without being created", stepCompleted("step_9")],
  ["a hook that is created twice", hookCreated("hook_1", "another token")],
  ["a hook that is disposed without being created", hookDisposed("hook_9")],
  ["a hook that is disposed twice", hookDisposed("hook_1"), hookDisposed("hook_1")],
  ["a wait that is created twice", waitCreated("wait_1", 5)],
  ["a wait that completes twice", waitCompleted("wait_1"), waitCompleted("wait_1")],
  ["a wait that completes without being created", waitCompleted("wait_9")],
  ["a payload for a hook that does not exist", { ...said("x"), correlationId: "hook_9" }],
  ["a payload for a disposed hook", hookDisposed("hook_1"), { ...said("x"), correlationId: "hook_1" }],
  [
    "a conflict that the World did not find",
    {
      type: "hook_conflict",
      correlationId: "hook_9",
      data: { token: "free", conflictingRunId: "wrun_x" },
      at: AT,
    },
  ],
  ["a step after the end of the run", completed, stepCreated("step_9")],
  ["a hook after the end of the run", cancelled(), hookCreated("hook_9", "late")],
  ["a payload after the end of the run", completed, { ...said("x"), correlationId: "hook_1" }],
  ["a hook that is disposed after the end of the run", completed, hookDisposed("hook_1")],
  ["a run that ends twice", completed, failed],
];

const BEFORE: readonly NewEvent[] = [
  stepCreated("step_1"),
  stepCreated("step_over"),
  stepStarted("step_over"),
  stepCompleted("step_over"),
  hookCreated("hook_1", "door"),
  waitCreated("wait_1", AT + 1000),
];

/** Would change a bit of everything. */
const POSSIBLE: readonly NewEvent[] = [
  stepCreated("step_2"),
  stepStarted("step_2"),
  hookCreated("hook_2", "gate"),
  waitCreated("wait_2", AT + 9),
];

function describeRefusals(check: Check): void {
  for (const [what, ...events] of IMPOSSIBLE) {
    check(
      `${what}: the whole turn is refused, nothing is written, the run goes on [07-7.15.terminal] [07-7.1.one-result]`,
      async ({ world, own }) => {
        const owner = await own();
        await owner.commit(...BEFORE);
        await expectRefused(world, () => owner.commit(...POSSIBLE, ...events), ...UNACCEPTABLE);
        expect(await world.deliver({ token: "gate" }, said("anyone?"))).toEqual({
          status: "nobody",
        });
        await owner.commit(...POSSIBLE);
        expect(await world.deliver({ token: "gate" }, said("anyone?"))).toMatchObject({
          status: "delivered",
        });
      },
    );
  }

  check("a refused turn frees no token and admits no fact", async ({ world, own }) => {
    const owner = await own();
    await owner.commit(...BEFORE);
    await world.deliver({ token: "door" }, said("knock"));
    const factId = Number((await owner.inbox())[0]?.id);
    const entries = [
      { kind: "admit", factId, undelivered: false } as const,
      entry(hookDisposed("hook_1")),
      entry(started),
    ];
    await expectRefused(world, () => owner.turn({ entries, dueAt: 77 }), ...UNACCEPTABLE);
    expect(await world.deliver({ token: "door" }, said("again"))).toMatchObject({
      status: "delivered",
    });
  });
}

function describeEffects(check: Check): void {
  check("everything that a turn decided can be read once it is committed", async ({ world, own }) => {
    const owner = await own();
    await owner.commit(...BEFORE, ...POSSIBLE);
    const { runId } = owner;
    const steps = await world.steps.list({ runId, pagination: { sortOrder: "asc" } });
    expect(steps.data.map((step) => [step.stepId, step.status])).toEqual([
      ["step_1", "pending"],
      ["step_over", "completed"],
      ["step_2", "running"],
    ]);
    expect((await world.hooks.list({ runId })).data.map((hook) => hook.token).toSorted()).toEqual(["door", "gate"]);
    expect((await world.events.list({ runId })).data).toHaveLength(2 + BEFORE.length + POSSIBLE.length);
  });

  check("a run goes from pending through running to its result", async ({ world, create, take }) => {
    const runId = await create();
    expect(await world.runs.get(runId)).toMatchObject({
      status: "pending",
      createdAt: new Date(AT + 1),
    });
    const owner = await take("wrkr_a", runId);
    await owner.commit({ ...started, at: AT + 10 });
    const running = await world.runs.get(runId);
    expect(running).toMatchObject({ status: "running", startedAt: new Date(AT + 10) });
    expect(running).not.toHaveProperty("completedAt");
    await owner.commit({ ...completed, at: AT + 20 });
    expect(await world.runs.get(runId)).toMatchObject({
      status: "completed",
      output: payload("done"),
      startedAt: new Date(AT + 10),
      completedAt: new Date(AT + 20),
      updatedAt: new Date(AT + 20),
    });
  });

  check("a run that fails or is cancelled says why", async ({ world, own }) => {
    const broken = await own();
    await broken.commit(failed);
    const run = await world.runs.get(broken.runId);
    expect(run).toMatchObject({
      status: "failed",
      error: payload("broken"),
      errorCode: "USER_ERROR",
    });
    const stopped = await own();
    await stopped.commit(cancelled("enough"));
    expect(await world.runs.get(stopped.runId)).toMatchObject({
      status: "cancelled",
      cancelReason: "enough",
    });
  });

  check("a step shows its attempts, its last error and when it is tried again", async ({ world, own }) => {
    const owner = await own();
    const { runId } = owner;
    const step = (): Promise<unknown> => world.steps.get(runId, "step_1");
    await owner.commit(stepCreated("step_1"));
    expect(await step()).toMatchObject({
      status: "pending",
      attempt: 0,
      input: payload("of step_1"),
    });
    await owner.commit(stepStarted("step_1"));
    await owner.commit(stepRetrying("step_1", AT + 500));
    expect(await step()).toMatchObject({
      status: "pending",
      attempt: 1,
      error: payload("flaky"),
      retryAfter: new Date(AT + 500),
    });
    await owner.commit(stepStarted("step_1", 2));
    expect(await step()).toMatchObject({
      status: "running",
      attempt: 2,
      error: payload("flaky"),
    });
    expect(await step()).not.toHaveProperty("retryAfter");
    await owner.commit(stepCompleted("step_1"));
    expect(await step()).toMatchObject({
      status: "completed",
      attempt: 2,
      output: payload("result"),
    });
  });

  check("a step that is under way can start again: its worker died", async ({ world, own }) => {
    const owner = await own();
    await owner.commit(stepCreated("step_1"), stepStarted("step_1"));
    await owner.commit(stepStarted("step_1", 2));
    expect(await world.steps.get(owner.runId, "step_1")).toMatchObject({
      status: "running",
      attempt: 2,
    });
  });

  check("a turn without entries moves the due time and writes no event", async ({ world, own }) => {
    const owner = await own();
    await owner.turn({ dueAt: AT + 5000 });
    expect(await owner.history()).toHaveLength(2);
    await world.leave("wrkr_a");
    expect(await world.nextDueAt()).toBe(AT + 5000);
  });

  check("a turn of a thousand entries is one turn", async ({ own }) => {
    const owner = await own();
    const ids = Array.from({ length: 500 }, (_, n) => `step_${n}`);
    await owner.commit(...ids.flatMap((id) => [stepCreated(id), stepStarted(id)]));
    const written = (await owner.history()).slice(2);
    expect(written).toHaveLength(1000);
    expect(written.map((event) => event.position)).toEqual(written.map((_, index) => 3 + index));
    expect(new Set(written.map((event) => event.turn))).toEqual(new Set([3]));
  });
}
