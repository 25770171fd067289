// What the contract says about the histories of hooks (05), and about tokens that outlive their runs (01 1.6).
import { expect, test } from "vitest";
import { getHookByToken, resumeHook, start } from "workflow/api";
import { HookNotFoundError } from "workflow/errors";
import type { World } from "workflow/world";
import { createTestClock } from "@workflow/world/testkit";
import { deploy, realmCode, workflow } from "../support/engine.ts";
import { describeEngine, eventTypes, untilEvent } from "../support/scenario.ts";

const HOUR = 60 * 60 * 1000;

const untilCreated = (world: World, runId: string): Promise<void> => untilEvent(world, runId, "hook_created");

describeEngine("contract: histories of hooks", ({ openWorld, startEngine }) => {
  test.each([
    ["one payload", `return createHook({ token: "t" });`, []],
    ["using, which Symbol.dispose stands for", `return use(createHook({ token: "t" }));`, ["hook_disposed"]],
    [
      "disposing of it twice",
      `const hook = createHook({ token: "t" }); const got = await hook; hook.dispose(); hook.dispose(); return got;`,
      ["hook_disposed"],
    ],
    [
      "a dispose as the last statement",
      `const hook = createHook({ token: "t" }); try { return await hook; } finally { hook.dispose(); }`,
      ["hook_disposed"],
    ],
  ])("what is recorded of a hook: %s [07-7.8.hooks] [01-1.6.dispose]", async (_what, body, more) => {
    const use = `const use = async (hook) => { try { return await hook; } finally { hook[Symbol.dispose](); } };`;
    deploy(realmCode([], `${use} workflow("main", async () => {${body}});`));
    const world = await openWorld();
    await startEngine({ world });
    const { runId, returnValue } = await start(workflow("main"), []);
    await untilCreated(world, runId);
    await resumeHook("t", "payload");
    expect(await returnValue).toBe("payload");
    const expected = ["run_created", "run_started", "hook_created", "hook_received", ...more, "run_completed"];
    expect(await eventTypes(world, runId)).toEqual(expected);
  });

  test("a taken token is a hook_conflict in the place of hook_created, also where the run has it itself [01-1.6.conflict]", async () => {
    deploy(
      realmCode(
        [],
        `workflow("main", async () => {
          const first = createHook({ token: "t" });
          const owner = await createHook({ token: "t" }).getConflict();
          return [owner.runId, await first];
        });`,
      ),
    );
    const world = await openWorld();
    await startEngine({ world });
    const { runId, returnValue } = await start(workflow("main"), []);
    await untilEvent(world, runId, "hook_conflict");
    await resumeHook("t", "payload");
    expect(await returnValue).toEqual([runId, "payload"]);
    const begin = ["run_created", "run_started", "hook_created", "hook_conflict"];
    expect(await eventTypes(world, runId)).toEqual([...begin, "hook_received", "run_completed"]);
  });

  test("a retained token is found and not resumed, and nobody else's until its time [01-1.6.retention] [02-2.4.retained] [02-2.6.retained] [07-7.10.retention]", async () => {
    deploy(
      realmCode(
        [],
        `workflow("keeps", async () => createHook({ token: "t", experimental_minRetention: "1h" }));
         workflow("wants", async () => (await createHook({ token: "t" }).getConflict())?.runId ?? null);`,
      ),
    );
    const clock = createTestClock();
    const world = await openWorld(clock);
    await startEngine({ world });
    const keeps = await start(workflow("keeps"), []);
    await untilCreated(world, keeps.runId);
    await resumeHook("t", 1);
    await keeps.returnValue;
    const kept = await eventTypes(world, keeps.runId);

    expect(await getHookByToken("t")).toMatchObject({ runId: keeps.runId });
    await expect(resumeHook("t", 2)).rejects.toThrow(HookNotFoundError);
    await expect(resumeHook("t", 2, { hold: "1h" })).rejects.toThrow(HookNotFoundError);
    expect((await world.held.list()).data).toEqual([]);
    expect(await eventTypes(world, keeps.runId)).toEqual(kept);
    expect(await (await start(workflow("wants"), [])).returnValue).toBe(keeps.runId);

    await clock.advanceSettled(HOUR);
    await expect(getHookByToken("t")).rejects.toThrow(HookNotFoundError);
    expect(await (await start(workflow("wants"), [])).returnValue).toBeNull();
  });

  test("dispose gives a retained token back at once [01-1.6.retention]", async () => {
    deploy(
      realmCode(
        [],
        `workflow("keeps", async () => {
          const hook = createHook({ token: "t", experimental_minRetention: "1h" });
          try { return await hook; } finally { hook.dispose(); }
        });
        workflow("wants", async () => createHook({ token: "t" }).getConflict());`,
      ),
    );
    const world = await openWorld();
    await startEngine({ world });
    const keeps = await start(workflow("keeps"), []);
    await untilCreated(world, keeps.runId);
    await resumeHook("t", 1);
    await keeps.returnValue;
    await expect(getHookByToken("t")).rejects.toThrow(HookNotFoundError);
    expect(await (await start(workflow("wants"), [])).returnValue).toBeNull();
  });
});
