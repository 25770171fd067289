// The options of `start` that say where a run comes from and which code it uses (contract 02 section 2.1).
import { expect, onTestFinished, test, vi } from "vitest";
import { getRun, resumeOrStart, start } from "workflow/api";
import { RunNotSupportedError } from "workflow/errors";
import { deploy, realmCode, workflow } from "../support/engine.ts";
import { describeEngine } from "../support/scenario.ts";

const MAIN = realmCode([], `workflow("main", async (n) => n + 1);`);
const RUN_ID = "wrun_01ARZ3NDEKTSV4RRFFQ69G5FAV";

describeEngine("start options", ({ openWorld, startEngine }) => {
  test("a run that a step starts names its parent and the root of the chain [02-2.9.10] [02-2.1.lineage] [07-7.9.lineage]", async () => {
    deploy(
      realmCode(
        ["spawn"],
        `workflow("root", async () => spawn("middle"));
         workflow("middle", async () => spawn("leaf"));
         workflow("leaf", async () => null);`,
      ),
      {
        spawn: async (name) => {
          const { runId, returnValue } = await start<unknown>(workflow(name as string));
          return [runId, await returnValue];
        },
      },
    );
    const world = await openWorld();
    await startEngine({ world });
    const root = await start<[string, [string, null]]>(workflow("root"), { attributes: { kept: "here" } });
    const [middle, [leaf]] = await root.returnValue;
    expect((await world.runs.get(root.runId)).attributes).toEqual({ kept: "here" });
    expect((await world.runs.get(middle)).attributes).toEqual({ $parentRunId: root.runId, $rootRunId: root.runId });
    expect((await world.runs.get(leaf)).attributes).toEqual({ $parentRunId: middle, $rootRunId: root.runId });
    const chain = await world.runs.list({ attributes: { $rootRunId: root.runId } });
    expect(chain.data.map(({ runId }) => runId)).toEqual([leaf, middle]);
  });

  test("what is neither arguments nor options is refused, and nothing is written [02-2.1]", async () => {
    deploy(
      realmCode(
        [],
        `const { start } = __workflow.modules["workflow/api"];
         workflow("main", async (n) => n + 1);
         workflow("parent", async () => start({ workflowId: "workflow//./test//main" }, "7"));`,
      ),
    );
    const world = await openWorld();
    await startEngine({ world });
    for (const [args, options] of [["7"], [7], [null], [[7], "x"], [[7], null], [[7], [8]]]) {
      await expect(start(workflow("main"), args as never, options as never)).rejects.toMatchObject({
        code: "INVALID_ARGUMENT",
        message: expect.stringContaining("start()"),
      });
    }
    expect((await world.runs.list({})).data).toEqual([]);
    await expect((await start(workflow("parent"))).returnValue).rejects.toMatchObject({
      cause: { code: "INVALID_ARGUMENT" },
    });
    expect((await world.runs.list({})).data).toHaveLength(1);
  });

  test("what the engine adds leaves room for 64 attributes, and cannot be forged in a step [01-1.13]", async () => {
    const attributes = Object.fromEntries(Array.from({ length: 63 }, (_, n) => [`k${n}`, "v"]));
    deploy(
      realmCode(
        ["spawn"],
        `workflow("main", async () => spawn()); workflow("leaf", async () => setAttributes({ k63: "v" }));`,
      ),
      {
        spawn: async () => {
          const given = { ...attributes, $parentRunId: RUN_ID };
          const options = { attributes: given, allowReservedAttributes: true, experimental_retention: 0 } as const;
          return start(workflow("leaf"), options).then(({ runId }) => runId);
        },
      },
    );
    const world = await openWorld();
    await startEngine({ world });
    const main = await start<string>(workflow("main"));
    const leaf = await main.returnValue;
    const run = await world.runs.waitForTerminalStatus(leaf);
    expect(run.status).toBe("completed");
    expect(Object.keys(run.attributes)).toHaveLength(67);
    expect(run.attributes).toMatchObject({ $parentRunId: main.runId });
  });

  test("resumeOrStart takes attributes for the run that it starts", async () => {
    deploy(realmCode([], `workflow("main", async () => createHook({ token: "t" }));`));
    const world = await openWorld();
    await startEngine({ world });
    const options = { attributes: { customer: "c1" } };
    const { run } = await resumeOrStart("t", "payload", workflow("main"), [], options);
    expect(await run.returnValue).toBe("payload");
    expect((await world.runs.get(run.runId)).attributes).toEqual({ customer: "c1" });
    const bad = { attributes: { $k: "v" } };
    await expect(resumeOrStart("t", "payload", workflow("main"), [], bad)).rejects.toThrow(/resumeOrStart/);
    expect((await world.runs.list()).data).toHaveLength(1);
  });

  test("replayedFromRunId is kept, and must be the id of a run [02-2.1.replayed-from]", async () => {
    deploy(MAIN);
    const world = await openWorld();
    const run = await start(workflow("main"), [1], { world, replayedFromRunId: RUN_ID });
    expect((await world.runs.get(run.runId)).attributes).toEqual({ $replayedFromRunId: RUN_ID });
    for (const replayedFromRunId of ["", "wrun_1", RUN_ID.slice(5), `${RUN_ID}x`, 1 as never]) {
      await expect(start(workflow("main"), [1], { world, replayedFromRunId })).rejects.toMatchObject({
        code: "INVALID_ARGUMENT",
      });
    }
    expect((await world.runs.list()).data).toHaveLength(1);
  });

  test("the latest deployment of a World without any is the one there is; it warns once [02-2.9.12] [02-2.1.deployment]", async () => {
    deploy(MAIN);
    const world = await openWorld();
    await startEngine({ world });
    const warn = vi.spyOn(process, "emitWarning").mockReturnValue();
    onTestFinished(() => warn.mockRestore());
    for (const n of [1, 2]) {
      const run = await start(workflow("main"), [n], { deploymentId: "latest" });
      expect(await run.returnValue).toBe(n + 1);
    }
    const named = await start(workflow("main"), [3], { deploymentId: "dpl_1" });
    expect(await named.returnValue).toBe(4);
    expect(warn.mock.calls).toEqual([[expect.stringContaining('deploymentId: "latest"'), "WorkflowWarning"]]);
  });

  test("region and namespace are accepted, and so is a version of the protocol that is known [02-2.1.region] [02-2.1.namespace] [02-2.1.spec-version] [03-3.3.RunNotSupportedError]", async () => {
    deploy(MAIN);
    const world = await openWorld();
    await startEngine({ world });
    const run = await start<[number], number>(workflow("main"), [1], {
      region: "fra1",
      namespace: "q",
      specVersion: 7,
    });
    expect(await run.returnValue).toBe(2);
    await expect(start(workflow("main"), [1], { specVersion: 8 })).rejects.toThrow(RunNotSupportedError);
    for (const options of [
      { specVersion: 0 },
      { specVersion: 1.5 },
      { specVersion: 3, attributes: { k: "v" } },
      { specVersion: 3, experimental_retention: 0 },
    ] as const) {
      await expect(start(workflow("main"), [1], options)).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
    }
    expect((await world.runs.list()).data).toHaveLength(1);
    expect(await getRun(run.runId).exists).toBe(true);
  });
});
