// What the contract says about hooks from outside (02, the module `workflow/api`), sentence by sentence.
import { expect, test } from "vitest";
import { getHookByToken, resumeHook, start } from "workflow/api";
import { HookNotFoundError } from "workflow/errors";
import type { StepFunction } from "../../packages/workflow/src/compiler/registration.ts";
import type { World } from "workflow/world";
import { deploy, realmCode, workflow } from "../support/engine.ts";
import { describeEngine, eventTypes, untilEvent } from "../support/scenario.ts";

/** A step body that returns when the test says so. */
function createGate(): { readonly steps: Record<string, StepFunction>; readonly open: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { steps: { hold: () => promise }, open: () => resolve() };
}

const notFound = (token: string): Promise<void> => expect(resumeHook(token, null)).rejects.toThrow(HookNotFoundError);

describeEngine("contract: workflow/api", ({ openWorld, startEngine }) => {
  /** Deploys workflows and starts a worker. */
  async function run(body: string, steps: Record<string, StepFunction> = {}): Promise<World> {
    deploy(realmCode(Object.keys(steps), body), steps);
    const world = await openWorld();
    await startEngine({ world });
    return world;
  }

  test("resumeHook works in a step, and throws in a workflow body [02-2.4.context] [02-2.0.in-steps]", async () => {
    const world = await run(
      `const { resumeHook } = __workflow.modules["workflow/api"];
       workflow("main", async () => createHook({ token: "t" }));
       workflow("other", async () => {
         try { await resumeHook("t", 1); } catch (error) { return [error.name, await resume()]; }
       });`,
      { resume: async () => (await resumeHook("t", "from a step")).runId },
    );
    const main = await start(workflow("main"), []);
    await untilEvent(world, main.runId, "hook_created");
    const other = await start(workflow("other"), []);
    expect(await other.returnValue).toEqual(["UnavailableInWorkflowContextError", main.runId]);
    expect(await main.returnValue).toBe("from a step");
  });

  test("before its hook is registered a token is not found, and nothing is written; retrying helps [02-2.9.6] [07-7.7.before-created] [07-7.10.resume-or-start]", async () => {
    const gate = createGate();
    const world = await run(
      `workflow("main", async () => { await hold(); return createHook({ token: "t" }); });`,
      gate.steps,
    );
    const main = await start(workflow("main"), []);
    await untilEvent(world, main.runId, "step_started");
    await notFound("t");
    gate.open();
    for (;;) {
      const error: unknown = await resumeHook("t", "at last").then(
        () => undefined,
        (reason: unknown) => reason,
      );
      if (error === undefined) break;
      expect(HookNotFoundError.is(error)).toBe(true);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await main.returnValue).toBe("at last");
    expect((await eventTypes(world, main.runId)).filter((type) => type === "hook_received")).toHaveLength(1);
  });

  test("metadata is revived once, and is not in {...hook}, JSON or keys [02-2.9.8] [02-2.6.metadata] [06-6.1.metadata]", async () => {
    const world = await run(
      `workflow("main", async () => createHook({ token: "t", metadata: { of: new Date(7) } }));
       workflow("plain", async () => createHook({ token: "p" }));`,
    );
    const main = await start(workflow("main"), []);
    await untilEvent(world, main.runId, "hook_created");
    const resumed = await getHookByToken("t");
    const first = (await resumed.metadata) as object;
    expect(first).toEqual({ of: new Date(7) });
    expect(await resumed.metadata).toBe(first);
    expect("metadata" in resumed).toBe(true);
    expect({ ...resumed }).not.toHaveProperty("metadata");
    expect(Object.keys(resumed)).not.toContain("metadata");
    expect(JSON.parse(JSON.stringify(resumed))).not.toHaveProperty("metadata");
    expect(await (await resumeHook("t", 1)).metadata).toEqual(first);

    const plain = await start(workflow("plain"), []);
    await untilEvent(world, plain.runId, "hook_created");
    expect(await (await getHookByToken("p")).metadata).toBeUndefined();
    await resumeHook("p", 1);
    await Promise.all([main.returnValue, plain.returnValue]);
  });

  test("a hook that is looked up says whose it is; it may be resumed by the object [02-2.6.lookup] [02-2.6.fields] [02-2.4.by-object]", async () => {
    const world = await run(`workflow("main", async () => createHook({ token: "t" }));`);
    const main = await start(workflow("main"), []);
    await untilEvent(world, main.runId, "hook_created");
    const hook = await getHookByToken("t");
    expect(hook).toMatchObject({
      runId: main.runId,
      hookId: expect.stringMatching(/^hook_/),
      token: "t",
      ownerId: expect.any(String),
      projectId: expect.any(String),
      environment: expect.any(String),
      createdAt: expect.any(Date),
      isWebhook: false,
    });
    expect(await resumeHook(hook, "by the object")).toMatchObject({ hookId: hook.hookId });
    expect(await main.returnValue).toBe("by the object");
    await expect(getHookByToken("t")).rejects.toThrow(HookNotFoundError);
  });

  test("start() refuses arguments that cannot be stored, and creates no run [02-2.9.11] [06-6.10.start] [06-A.3]", async () => {
    const world = await run(`workflow("main", async () => {});`);
    await expect(start(workflow("main"), [() => 1])).rejects.toThrow("SERIALIZATION_FAILED");
    expect((await world.runs.list()).data).toEqual([]);
  });
});
