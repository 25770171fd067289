// Runs that keep no data after their end: `experimental_retention: 0` (contract 07 section 7.12, 02 section 2.1).
import { expect, onTestFinished, test } from "vitest";
import { getRun, registerLifecycleHooks, resumeHook, type RunFailedHookParams, start } from "workflow/api";
import { RunExpiredError, WorkflowRunCancelledError } from "workflow/errors";
import { streamName, type World } from "workflow/world";
import { deploy, realmCode, workflow } from "../support/engine.ts";
import { describeEngine, eventTypes, untilEvent } from "../support/scenario.ts";

const SECRET = "the secret of the customer";

const BODIES = realmCode(
  ["work"],
  `const hook = () => createHook({ token: "t", metadata: "${SECRET}" });
   workflow("fine", async (input) => { const h = hook(); await h; await work(input); return input; });
   workflow("broken", async (input) => { const h = hook(); await h; await work(input); throw new Error(input); });
   workflow("waiting", async () => hook());`,
);

const start0 = (name: string): ReturnType<typeof start> =>
  start(workflow(name), [SECRET], { experimental_retention: 0, attributes: { customer: "c1" } });

/** Everything that can be read of a run. */
async function shown(world: World, runId: string): Promise<string> {
  const read = [
    await world.runs.get(runId),
    await world.runs.list(),
    await world.steps.list({ runId }),
    await world.events.list({ runId }),
    await world.hooks.list(),
    await world.read(runId, 0),
  ];
  return JSON.stringify(read);
}

describeEngine("retention", ({ openWorld, startEngine }) => {
  const run = async (name: string): Promise<{ readonly world: World; readonly runId: string }> => {
    deploy(BODIES, { work: async (input) => input });
    const world = await openWorld();
    await startEngine({ world });
    const { runId } = await start0(name);
    await untilEvent(world, runId, "hook_created");
    expect(await shown(world, runId)).toContain(SECRET);
    return { world, runId };
  };

  test.each([
    ["fine", "completed"],
    ["broken", "failed"],
  ] as const)(
    "the data of a run that is %s goes with its end, and what it was stays [07-7.12.retention-zero] [07-7.12.kept] [02-2.1.retention]",
    async (name, status) => {
      const { world, runId } = await run(name);
      await resumeHook("t", SECRET);
      await world.runs.waitForTerminalStatus(runId);
      expect(await shown(world, runId)).not.toContain(SECRET);
      const ended = await world.runs.get(runId);
      expect(ended).toMatchObject({
        status,
        workflowName: workflow(name).workflowId,
        attributes: { customer: "c1", $retention: "0" },
        createdAt: expect.any(Date),
        startedAt: expect.any(Date),
        expiredAt: ended.completedAt,
      });
      for (const field of ["input", "output", "error"]) expect(ended).not.toHaveProperty(field);
      expect(await eventTypes(world, runId)).toEqual([
        "run_created",
        "run_started",
        "hook_created",
        "hook_received",
        "step_created",
        "step_started",
        "step_completed",
        `run_${status}`,
      ]);
      expect((await world.steps.list({ runId })).data).toMatchObject([{ status: "completed", attempt: 1 }]);
    },
  );

  test("the data of a run that is cancelled goes too; why it was is kept [07-7.12.retention-zero]", async () => {
    const { world, runId } = await run("waiting");
    await getRun(runId).cancel({ cancelReason: "enough" });
    expect(await shown(world, runId)).not.toContain(SECRET);
    expect(await world.runs.get(runId)).toMatchObject({ status: "cancelled", cancelReason: "enough" });
    await expect(getRun(runId).returnValue).rejects.toThrow(WorkflowRunCancelledError);
  });

  test("returnValue then rejects with RunExpiredError: run, status and since when [02-2.3] [07-7.12.expired] [03-3.3.RunExpiredError] [03-3.6.run-expired]", async () => {
    const { world, runId } = await run("fine");
    await resumeHook("t", SECRET);
    const { completedAt } = await world.runs.waitForTerminalStatus(runId);
    const error = await getRun(runId).returnValue.catch((thrown: unknown) => thrown);
    expect(RunExpiredError.is(error)).toBe(true);
    expect(error).toMatchObject({ code: "RUN_EXPIRED", runId, runStatus: "completed", expiredAt: completedAt });
    expect(await getRun(runId).status).toBe("completed");
  });

  test("lifecycle hooks are told what the run threw [02-2.7] [07-7.12]", async () => {
    const told = Promise.withResolvers<RunFailedHookParams>();
    onTestFinished(registerLifecycleHooks({ onRunFailed: told.resolve }));
    await run("broken");
    await resumeHook("t", SECRET);
    expect((await told.promise).error.cause).toMatchObject({ message: SECRET });
  });

  test("by default, and by any other value of the attribute, data is kept [07-7.12.other-values] [02-2.1.retention]", async () => {
    deploy(realmCode([], `workflow("main", async (input) => input);`));
    const world = await openWorld();
    await startEngine({ world });
    const kept = [
      await start(workflow("main"), [SECRET]),
      await start(workflow("main"), [SECRET], { experimental_retention: "default" }),
      await start(workflow("main"), [SECRET], { attributes: { $retention: "1" }, allowReservedAttributes: true }),
    ];
    for (const one of kept) {
      expect(await one.returnValue).toBe(SECRET);
      expect(await world.runs.get(one.runId)).not.toHaveProperty("expiredAt");
    }
    expect((await world.runs.get(kept[1]?.runId ?? "")).attributes).toEqual({});
    for (const bad of [1, "0", null, false]) {
      const options = { experimental_retention: bad as never };
      await expect(start(workflow("main"), [], options)).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
    }
    expect((await world.runs.list()).data).toHaveLength(3);
  });

  test("what its streams held goes too, and reading it says so [07-7.12.retention-zero] [03-3.3.StreamExpiredError] [09-9.2.expired]", async () => {
    deploy(BODIES, { work: async (input) => input });
    const world = await openWorld();
    await startEngine({ world });
    const { runId } = await start0("fine");
    await untilEvent(world, runId, "hook_created");
    const name = streamName(runId);
    await world.streams.append({ runId, name }, [new Uint8Array([1, 2, 3])]);
    await resumeHook("t", SECRET);
    await world.runs.waitForTerminalStatus(runId);
    expect(await world.streams.info({ runId, name })).toEqual({ tailIndex: 0, state: "closed" });
    await expect(world.streams.read({ runId, name }, { startIndex: 0 })).rejects.toMatchObject({
      name: "StreamExpiredError",
      runId,
      streamId: name,
    });
  });
});
