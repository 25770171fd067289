// What `registerLifecycleHooks` promises (contract 02 section 2.7).
import { expect, onTestFinished, test, vi } from "vitest";
import { getStepMetadata } from "workflow";
import {
  registerLifecycleHooks,
  resumeHook,
  type RunFailedHookParams,
  start,
  type WorkflowLifecycleHooks,
} from "workflow/api";
import { WorkflowRunFailedError } from "workflow/errors";
import { setWorld, startWorker } from "workflow/runtime";
import type { Turn, World } from "workflow/world";
import { LeaseLostError } from "../../packages/workflow/src/world/errors.ts";
import { announceEnd } from "../../packages/workflow/src/api/lifecycle-hooks.ts";
import { deploy, realmCode, workflow } from "../support/engine.ts";
import { describeEngine, untilEvent } from "../support/scenario.ts";

/** Registered until the test has ended. */
function register(hooks: WorkflowLifecycleHooks): () => void {
  const unregister = registerLifecycleHooks(hooks);
  onTestFinished(unregister);
  return unregister;
}

/** What handlers were told: `name`, or `name!` for a failure. */
function listen(): string[] {
  const told: string[] = [];
  const nameOf = (workflowName: string): string => workflowName.split("//").at(-1) ?? "";
  register({
    onRunCompleted: ({ workflowName }) => void told.push(nameOf(workflowName)),
    onRunFailed: ({ workflowName }) => void told.push(`${nameOf(workflowName)}!`),
  });
  return told;
}

const isLast = (turn: Turn): boolean =>
  turn.entries.some((entry) => entry.kind === "event" && entry.event.type === "run_completed");

/** `world`, whose commits that complete a run go through `commit`. */
function withLastCommit(world: World, commit: (write: () => ReturnType<World["commit"]>) => Promise<unknown>): World {
  return Object.assign(Object.create(world) as World, {
    commit: (...args: Parameters<World["commit"]>) =>
      isLast(args[1]) ? commit(() => world.commit(...args)) : world.commit(...args),
  });
}

const ENDS = realmCode(
  [],
  `workflow("fine", async () => "result");
   workflow("broken", async () => { throw new RangeError("out of range"); });
   workflow("waiting", async () => createHook({ token: "w" }));`,
);

describeEngine("lifecycle hooks", ({ openWorld, startEngine }) => {
  test("a run that completes is told of with its name and a handle that reads what it came to [02-2.7.no-read]", async () => {
    deploy(ENDS);
    await startEngine({ world: await openWorld() });
    const told = Promise.withResolvers<unknown>();
    const onRunFailed = vi.fn<() => void>();
    register({
      async onRunCompleted({ workflowName, run }) {
        told.resolve([workflowName, run.runId, await run.status, await run.returnValue]);
      },
      onRunFailed,
    });
    const { runId } = await start(workflow("fine"));
    expect(await told.promise).toEqual([workflow("fine").workflowId, runId, "completed", "result"]);
    expect(onRunFailed).not.toHaveBeenCalled();
  });

  test("a run that fails is told of with the error that its returnValue rejects with [02-2.7.cause]", async () => {
    deploy(ENDS);
    await startEngine({ world: await openWorld() });
    const told = Promise.withResolvers<RunFailedHookParams>();
    const onRunCompleted = vi.fn<() => void>();
    register({ onRunCompleted, onRunFailed: told.resolve });
    const run = await start(workflow("broken"));
    const { error, ...params } = await told.promise;
    expect(params).toMatchObject({ workflowName: workflow("broken").workflowId, run: { runId: run.runId } });
    expect(error).toBeInstanceOf(WorkflowRunFailedError);
    expect(error).toEqual(await run.returnValue.catch((reason: unknown) => reason));
    expect(error).toMatchObject({ runId: run.runId, errorCode: "USER_ERROR", code: "RUN_FAILED" });
    expect(error.cause).toBeInstanceOf(RangeError);
    expect(onRunCompleted).not.toHaveBeenCalled();
  });

  test("so is a run that fails before its code is reached [02-2.7.engine-failures]", async () => {
    deploy(ENDS);
    await startEngine({ world: await openWorld() });
    const told = Promise.withResolvers<RunFailedHookParams>();
    register({ onRunFailed: told.resolve });
    await start(workflow("gone"));
    expect((await told.promise).error).toMatchObject({
      errorCode: "RUNTIME_ERROR",
      cause: { code: "WORKFLOW_NOT_REGISTERED" },
    });
  });

  test("a run that is cancelled is not told of [02-2.7.where]", async () => {
    deploy(ENDS);
    const world = await openWorld();
    await startEngine({ world });
    const told = listen();
    const run = await start(workflow("waiting"), []);
    await untilEvent(world, run.runId, "hook_created");
    await run.cancel();
    expect(await run.status).toBe("cancelled");
    await start(workflow("fine"));
    await expect.poll(() => told).toEqual(["fine"]);
  });

  test("nobody is told before the end is durable, and each end once [02-2.7.at-most-once]", async () => {
    deploy(ENDS);
    const reached = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    const world = withLastCommit(await openWorld(), async (write) => {
      reached.resolve();
      await gate.promise;
      return write();
    });
    await startEngine({ world });
    const told = listen();
    const run = await start(workflow("waiting"), []);
    await untilEvent(world, run.runId, "hook_created");
    const resumed = resumeHook("w", "x");
    await reached.promise;
    expect(told).toEqual([]);
    gate.resolve();
    await resumed;
    await expect.poll(() => told).toEqual(["waiting"]);
    await start(workflow("broken"));
    await expect.poll(() => told).toEqual(["waiting", "broken!"]);
  });

  test("an end that could not be written is told of by the worker that writes it", async () => {
    deploy(ENDS);
    let refused = 0;
    const world = withLastCommit(await openWorld(), async (write) => {
      refused += 1;
      if (refused === 1) throw new LeaseLostError("somebody else owns the run");
      return write();
    });
    await startEngine({ world, sweepMs: 5 });
    const told = listen();
    const run = await start(workflow("waiting"), []);
    await untilEvent(world, run.runId, "hook_created");
    await resumeHook("w", "x");
    expect(await run.returnValue).toBe("x");
    expect(refused).toBe(2);
    await expect.poll(() => told).toEqual(["waiting"]);
  });

  test("a worker that is stopped while it writes an end still tells of it", async () => {
    deploy(ENDS);
    const reached = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    const world = withLastCommit(await openWorld(), async (write) => {
      const committed = await write();
      reached.resolve();
      await gate.promise;
      return committed;
    });
    const engine = await startEngine({ world, graceMs: 0 });
    const told = listen();
    const run = await start(workflow("waiting"), []);
    await untilEvent(world, run.runId, "hook_created");
    const resumed = resumeHook("w", "x").catch(() => {});
    await reached.promise;
    await engine.stop();
    gate.resolve();
    await resumed;
    await expect.poll(() => told).toEqual(["waiting"]);
  });

  test("handlers are called in the order of registration, whatever those before them do [02-2.7.registration] [02-2.7.at-most-once]", async () => {
    deploy(ENDS);
    const { reports } = await startEngine({ world: await openWorld() });
    const calls: string[] = [];
    register({
      onRunCompleted() {
        calls.push("throws");
        throw new TypeError("thrown by a handler");
      },
    });
    register({
      async onRunCompleted() {
        calls.push("rejects");
        throw new TypeError("rejected by a handler");
      },
    });
    register({
      onRunCompleted() {
        calls.push("never settles");
        return new Promise(() => {});
      },
    });
    register({ onRunCompleted: () => void calls.push("last") });
    const run = await start(workflow("fine"));
    await expect.poll(() => calls).toEqual(["throws", "rejects", "never settles", "last"]);
    expect(await run.returnValue).toBe("result");
    expect(reports).toEqual([
      expect.stringMatching(new RegExp(`lifecycle hook .* run ${run.runId}: thrown by a handler$`)),
      expect.stringMatching(new RegExp(`lifecycle hook .* run ${run.runId}: rejected by a handler$`)),
    ]);
  });

  test("the same hooks may be registered twice; unregistering ends one registration, at once [02-2.7.registration]", async () => {
    deploy(ENDS);
    await startEngine({ world: await openWorld() });
    const told: string[] = [];
    const hooks = { onRunCompleted: () => void told.push("again") };
    const first = register(hooks);
    register(hooks);
    register({
      onRunCompleted() {
        told.push("unregisters the last");
        last();
      },
    });
    const last = register({ onRunCompleted: () => void told.push("last") });
    first();
    first();
    await start(workflow("fine"));
    await expect.poll(() => told).toEqual(["again", "unregisters the last"]);
  });

  test("a handler does not run as part of the step whose resume ended the run", async () => {
    deploy(
      realmCode(
        ["resume"],
        `workflow("waiting", async () => createHook({ token: "w" })); workflow("other", async () => resume());`,
      ),
      {
        async resume() {
          expect(getStepMetadata().attempt).toBe(1);
          await resumeHook("w", 1);
        },
      },
    );
    const world = await openWorld();
    await startEngine({ world });
    const seen: string[] = [];
    register({
      onRunCompleted() {
        try {
          seen.push(getStepMetadata().stepName);
        } catch (error) {
          seen.push((error as Error).name);
        }
      },
    });
    const waiting = await start(workflow("waiting"), []);
    await untilEvent(world, waiting.runId, "hook_created");
    await start(workflow("other"));
    await expect.poll(() => seen).toEqual(["NotInStepContextError", "NotInStepContextError"]);
  });

  test("what was thrown and cannot be read is told of as an error that says so [02-2.7.cause]", async () => {
    const world = await openWorld();
    const causes: unknown[] = [];
    register({ onRunFailed: ({ error }) => void causes.push(error.cause) });
    const failed = { type: "run_failed", data: { errorCode: "USER_ERROR" }, at: 0 } as const;
    announceEnd({ world, onProblem: () => {} }, "wrun_1", "w", { ...failed, payload: "nope[1]" });
    await expect.poll(() => causes).toHaveLength(1);
    expect(causes[0]).toBeInstanceOf(Error);
    expect(causes[0]).toMatchObject({ message: expect.stringContaining("cannot be read"), name: "Error" });
  });

  test("what was thrown and has no text is told of all the same", async () => {
    deploy(realmCode([], `workflow("odd", async () => { throw Object.assign(Object.create(null), { odd: true }); });`));
    await startEngine({ world: await openWorld() });
    const told = Promise.withResolvers<RunFailedHookParams>();
    register({ onRunFailed: told.resolve });
    await start(workflow("odd"));
    expect((await told.promise).error.cause).toMatchObject({ odd: true });
  });

  test("startWorker tells the handlers of its process, and prints what they throw", async () => {
    deploy(ENDS);
    const print = vi.spyOn(console, "error").mockImplementation(() => {});
    onTestFinished(() => print.mockRestore());
    const printed = (): string[] => print.mock.calls.map((args) => args.map(String).join(" "));
    const world = await openWorld();
    setWorld(world);
    const worker = await startWorker({ world, handleSignals: false });
    onTestFinished(() => worker.stop());
    const told = listen();
    register({
      onRunCompleted() {
        throw new TypeError("thrown by a handler");
      },
    });
    await start(workflow("fine"));
    await expect
      .poll(printed)
      .toEqual([expect.stringMatching(/^\[workflow\] .*hook.* TypeError: thrown by a handler$/)]);
    print.mockClear();
    await start(workflow("broken"));
    await expect.poll(() => told).toEqual(["fine", "broken!"]);
    expect(printed()).toEqual([expect.stringMatching(/^\[workflow\] Run wrun_\w+ \(\S+\) failed: RangeError: out of/)]);
  });

  test("workflow code cannot register handlers [02-2.0.sandbox]", async () => {
    deploy(
      realmCode(
        [],
        `workflow("main", async () => {
          const { registerLifecycleHooks } = __workflow.modules["workflow/api"];
          try { registerLifecycleHooks({}); } catch (error) { return error.name; }
        });`,
      ),
    );
    await startEngine({ world: await openWorld() });
    expect(await (await start(workflow("main"))).returnValue).toBe("UnavailableInWorkflowContextError");
  });
});

test("a handler that is not a function is refused, and nothing is registered", () => {
  const mistake = { onRunCompleted: () => {}, onRunFailed: "log" } as unknown as WorkflowLifecycleHooks;
  expect(() => registerLifecycleHooks(mistake)).toThrow(/a function as onRunFailed.*INVALID_ARGUMENT/);
});
