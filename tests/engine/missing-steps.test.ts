import { expect, test } from "vitest";
import { start } from "workflow/api";
import { getStepMetadata } from "workflow";
import { deploy, realmCode, workflow } from "../support/engine.ts";
import { describeEngine, eventTypes, untilEvent, untilProblem } from "../support/scenario.ts";

const CODE = realmCode(
  ["gone", "other"],
  `workflow("main", async () => {
    const [a, b] = await Promise.all([gone("x"), other()]);
    const more = await createHook({ token: "more" });
    return [a, b, more];
  });`,
);
const other = async (): Promise<string> => "other";
const gone = async (x: unknown): Promise<string> => `${x} in attempt ${getStepMetadata().attempt}`;

describeEngine("missing steps", ({ openWorld, startEngine }) => {
  test("a run whose step the deployed code does not have is put aside, after its other steps [03-3.3.StepNotRegisteredError] [03-3.6.not-registered]", async () => {
    deploy(CODE, { other });
    const world = await openWorld();
    const { problems } = await startEngine({ world });
    const run = await start(workflow("main"), []);
    const problem = await untilProblem(world, run.runId);
    expect(problem).toMatchObject({
      code: "STEP_NOT_REGISTERED",
      message: expect.stringMatching(/no step step\/\/\.\/test\/\/gone\. Was its file or function renamed/),
    });
    expect(problems[0]).toContain(run.runId);
    expect(await run.status).toBe("running");
    const types = await eventTypes(world, run.runId);
    expect(types.filter((type) => type === "step_started")).toHaveLength(1);
    expect(types.at(-1)).toBe("step_completed");
  });

  test("a redeploy that brings the step back brings the run home, with the first attempt of the step [07-7.11.ids]", async () => {
    deploy(CODE, { other });
    const world = await openWorld();
    const first = await startEngine({ world });
    const run = await start(workflow("main"), []);
    await untilProblem(world, run.runId);
    await first.stop();
    deploy(CODE, { other, gone });
    await startEngine({ world });
    await untilEvent(world, run.runId, "hook_created");
    await world.deliver({ token: "more" }, { type: "hook_received", data: {}, at: 0, payload: 'devl["now"]' });
    expect(await run.returnValue).toEqual(["x in attempt 1", "other", "now"]);
    expect((await world.runs.get(run.runId)).problem).toBeUndefined();
  });

  test("a step that is registered in the same process later is found too", async () => {
    deploy(CODE, { other });
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"), []);
    await untilProblem(world, run.runId);
    deploy(CODE, { other, gone });
    await untilEvent(world, run.runId, "hook_created");
    expect((await world.runs.get(run.runId)).problem).toBeUndefined();
    await run.cancel();
  });

  test("a run that waits for its step can be cancelled", async () => {
    deploy(CODE, { other });
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"), []);
    await untilProblem(world, run.runId);
    await run.cancel();
    expect(await run.status).toBe("cancelled");
  });
});
