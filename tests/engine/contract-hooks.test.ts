// What the contract says about hooks of workflow code (01, the module `workflow`), sentence by sentence.
import { expect, test } from "vitest";
import { createHook, defineHook, FatalError } from "workflow";
import { getHookByToken, resumeHook, start } from "workflow/api";
import { HookConflictError, HookNotFoundError, WorkflowRunFailedError } from "workflow/errors";
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

describeEngine("contract: hooks", ({ openWorld, startEngine }) => {
  /** Deploys workflows and starts a worker. */
  async function run(body: string, steps: Record<string, StepFunction> = {}): Promise<World> {
    deploy(realmCode(Object.keys(steps), body), steps);
    const world = await openWorld();
    await startEngine({ world });
    return world;
  }

  test("`using` frees the token at the end of its block, and another run can claim it [01-1.17.7] [01-1.6.using]", async () => {
    const gate = createGate();
    const world = await run(
      `workflow("main", async () => {
        let word;
        { using hook = createHook({ token: "key" }); word = await hook; }
        await hold();
        return word;
      });
      workflow("next", async () => createHook({ token: "key" }));`,
      gate.steps,
    );
    const main = await start(workflow("main"), []);
    await untilEvent(world, main.runId, "hook_created");
    await resumeHook("key", "first");
    await untilEvent(world, main.runId, "step_started");
    expect(await main.status).toBe("running");
    await notFound("key");
    const next = await start(workflow("next"), []);
    await untilEvent(world, next.runId, "hook_created");
    await resumeHook("key", "second");
    expect(await next.returnValue).toBe("second");
    gate.open();
    expect(await main.returnValue).toBe("first");
  });

  test("`using` disposes the hook also when its block throws [01-1.6.using]", async () => {
    const gate = createGate();
    const world = await run(
      `workflow("main", async () => {
        try { using hook = createHook({ token: "key" }); await hook; throw new Error("on purpose"); } catch {}
        await hold();
      });`,
      gate.steps,
    );
    const main = await start(workflow("main"), []);
    await untilEvent(world, main.runId, "hook_created");
    await resumeHook("key", 1);
    await untilEvent(world, main.runId, "hook_disposed");
    await notFound("key");
    gate.open();
    expect(await main.returnValue).toBeUndefined();
  });

  test("two payloads reach two awaits in order, though both came before the first [01-1.17.8] [02-2.9.7] [01-1.6.await] [07-7.7.buffered]", async () => {
    const gate = createGate();
    const world = await run(
      `workflow("main", async () => { const hook = createHook({ token: "t" }); await hold(); return [await hook, await hook]; });`,
      gate.steps,
    );
    const main = await start(workflow("main"), []);
    await untilEvent(world, main.runId, "step_started");
    await resumeHook("t", "first");
    await resumeHook("t", "second");
    gate.open();
    expect(await main.returnValue).toEqual(["first", "second"]);
  });

  test("a conflicted hook rejects with HookConflictError and its owner; getConflict resolves [01-1.17.9] [01-1.6.conflict] [03-3.3.HookConflictError] [03-3.6.hook-conflict]", async () => {
    const world = await run(
      `workflow("owner", async () => createHook({ token: "one" }));
       workflow("loser", async () => {
         const hook = createHook({ token: "one" });
         const thrown = await hook.then(() => undefined, (error) => error);
         const conflict = await hook.getConflict();
         return [thrown instanceof HookConflictError, thrown.token, thrown.conflictingRunId, conflict.runId];
       });`,
    );
    const owner = await start(workflow("owner"), []);
    await untilEvent(world, owner.runId, "hook_created");
    const loser = await start(workflow("loser"), []);
    expect(await loser.returnValue).toEqual([true, "one", owner.runId, owner.runId]);
    expect(await eventTypes(world, loser.runId)).not.toContain("hook_created");
  });

  test("iterating a conflicted hook rejects with HookConflictError [01-1.6.conflict]", async () => {
    const world = await run(
      `workflow("owner", async () => createHook({ token: "one" }));
       workflow("loser", async () => { for await (const payload of createHook({ token: "one" })) return payload; return "no payload"; });`,
    );
    const owner = await start(workflow("owner"), []);
    await untilEvent(world, owner.runId, "hook_created");
    const error: unknown = await (await start(workflow("loser"), [])).returnValue.catch((reason: unknown) => reason);
    expect(WorkflowRunFailedError.is(error) && error.cause).toMatchObject({ conflictingRunId: owner.runId });
    expect(HookConflictError.is((error as Error).cause)).toBe(true);
  });

  test("a call registers nothing by itself; the token is there at once [01-1.6.call] [01-1.6.token]", async () => {
    const gate = createGate();
    const world = await run(
      `workflow("main", async () => {
        const first = hold();
        await first;
        const hook = createHook({ token: "t" });
        const { token } = hook;
        return [token, await hook];
      });`,
      gate.steps,
    );
    const main = await start(workflow("main"), []);
    await untilEvent(world, main.runId, "step_started");
    await notFound("t");
    gate.open();
    await untilEvent(world, main.runId, "hook_created");
    await resumeHook("t", 1);
    expect(await main.returnValue).toEqual(["t", 1]);
  });

  test("a hook that nobody waits for is registered before the run ends, and gone after [07-7.8.hooks] [01-1.6.call]", async () => {
    const world = await run(`workflow("main", async () => { createHook({ token: "t" }); });`);
    const main = await start(workflow("main"), []);
    await main.returnValue;
    expect((await eventTypes(world, main.runId)).slice(-2)).toEqual(["hook_created", "run_completed"]);
    await notFound("t");
  });

  test("an empty token throws, in the run, as do others that cannot be [01-1.6.empty-token]", async () => {
    await run(
      `workflow("main", async () => ["", "x".repeat(513), "\\ud800", 7, null].map((token) => {
        try { createHook({ token }); } catch (error) { return error.message; }
      }));`,
    );
    expect(await (await start(workflow("main"), [])).returnValue).toEqual(
      Array.from({ length: 5 }, () =>
        expect.stringMatching(/takes a token of 1 to 512 characters, not .*INVALID_ARGUMENT/),
      ),
    );
  });

  test("break leaves the hook as it is; what comes next is for whoever waits next [01-1.6.iterate]", async () => {
    const world = await run(
      `workflow("main", async () => {
        const hook = createHook({ token: "t" });
        const seen = [];
        for await (const payload of hook) { seen.push(payload); break; }
        seen.push(await hook);
        for await (const payload of hook) { seen.push(payload); break; }
        return seen;
      });`,
    );
    const main = await start(workflow("main"), []);
    await untilEvent(world, main.runId, "hook_created");
    for (const payload of [1, 2, 3]) await resumeHook("t", payload);
    expect(await main.returnValue).toEqual([1, 2, 3]);
    expect(await eventTypes(world, main.runId)).not.toContain("hook_disposed");
  });

  test("after disposal an iteration ends, also one that waits, and a new one yields nothing [01-1.6.iterate] [01-1.6.dispose]", async () => {
    const world = await run(
      `workflow("main", async () => {
        const hook = createHook({ token: "t" });
        const seen = [];
        const iterate = async (name) => { for await (const payload of hook) seen.push([name, payload]); seen.push([name, "ends"]); };
        const waiting = iterate("waiting");
        await createHook({ token: "stop" });
        hook.dispose();
        hook.dispose();
        await waiting;
        await iterate("new");
        return seen;
      });`,
    );
    const main = await start(workflow("main"), []);
    await untilEvent(world, main.runId, "hook_created", 2);
    await resumeHook("t", 1);
    await resumeHook("stop", null);
    expect(await main.returnValue).toEqual([
      ["waiting", 1],
      ["waiting", "ends"],
      ["new", "ends"],
    ]);
    expect((await eventTypes(world, main.runId)).filter((type) => type === "hook_disposed")).toHaveLength(1);
  });

  test("a hook is an ordinary thenable, also in Promise.race [01-1.6.then]", async () => {
    const world = await run(
      `workflow("main", async () => {
        const hook = createHook({ token: "t" });
        const doubled = hook.then((n) => n * 2);
        return [await doubled, await Promise.race([hook, sleep("1h")])];
      });`,
    );
    const main = await start(workflow("main"), []);
    await untilEvent(world, main.runId, "hook_created");
    await resumeHook("t", 21);
    await resumeHook("t", "raced");
    expect(await main.returnValue).toEqual([42, "raced"]);
  });

  test("getConflict resolves once the hook is registered, without a payload [01-1.6.get-conflict]", async () => {
    const world = await run(
      `workflow("main", async () => { const hook = createHook({ token: "t" }); return [await hook.getConflict(), await hook.getConflict(), await hook]; });`,
    );
    const main = await start(workflow("main"), []);
    await untilEvent(world, main.runId, "hook_created");
    await resumeHook("t", "payload");
    expect(await main.returnValue).toEqual([null, null, "payload"]);
  });

  test.each([
    ["completes", `return "end";`, "completed"],
    ["fails", `throw new Error("end");`, "failed"],
    ["is cancelled", `await sleep("1h");`, "cancelled"],
  ])(
    "a run that %s gives its tokens back, without a hook_disposed [01-1.6.end] [07-7.7.ended] [02-2.4.disposed] [07-7.4.hooks]",
    async (how, ending, status) => {
      const world = await run(
        `workflow("main", async () => { createHook({ token: "t" }); await createHook({ token: "go" }); ${ending} });`,
      );
      const main = await start(workflow("main"), []);
      await untilEvent(world, main.runId, "hook_created", 2);
      await getHookByToken("t");
      await resumeHook("go", null);
      if (how === "is cancelled") {
        await untilEvent(world, main.runId, "wait_created");
        await main.cancel();
      }
      await main.returnValue.catch(() => {});
      expect(await main.status).toBe(status);
      await notFound("t");
      await expect(getHookByToken("t")).rejects.toThrow(HookNotFoundError);
      expect(await eventTypes(world, main.runId)).not.toContain("hook_disposed");
    },
  );

  test("payloads come alive with the classes of the sandbox [01-1.6.payload]", async () => {
    const world = await run(
      `workflow("main", async () => {
        const { when, names } = await createHook({ token: "t" });
        return [when instanceof Date, names instanceof Map, names.get("a") instanceof Error];
      });`,
    );
    const main = await start(workflow("main"), []);
    await untilEvent(world, main.runId, "hook_created");
    await resumeHook("t", { when: new Date(), names: new Map([["a", new RangeError("x")]]) });
    expect(await main.returnValue).toEqual([true, true, true]);
  });

  test("createHook in a step throws and is fatal: the step is not tried again [01-1.6.context] [07-7.1.fatal]", async () => {
    let attempts = 0;
    const world = await run(`workflow("main", async () => misplaced());`, {
      misplaced: async () => {
        attempts += 1;
        return createHook();
      },
    });
    const main = await start(workflow("main"), []);
    const error: unknown = await main.returnValue.catch((reason: unknown) => reason);
    expect((error as Error).cause).toMatchObject({ name: "NotInWorkflowContextError", code: "CONTEXT_VIOLATION" });
    expect(attempts).toBe(1);
    expect(await eventTypes(world, main.runId)).not.toContain("step_retrying");
  });
});

test("createHook outside a workflow throws, and is fatal [01-1.6.context] [03-3.4.workflow-only]", () => {
  for (const call of [() => createHook(), () => createHook({ token: "t" }), () => defineHook().create()]) {
    expect(call).toThrow(expect.objectContaining({ name: "NotInWorkflowContextError", code: "CONTEXT_VIOLATION" }));
    expect(call).toThrow(expect.toSatisfy((error: unknown) => FatalError.is(error)));
  }
});
