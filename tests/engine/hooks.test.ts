import { expect, test } from "vitest";
import { defineHook, getStepMetadata } from "workflow";
import { getHookByToken, resumeHook, start } from "workflow/api";
import { HookConflictError, HookNotFoundError, WorkflowRunFailedError } from "workflow/errors";
import { deploy, realmCode, workflow } from "../support/engine.ts";
import { describeEngine, eventTypes, untilEvent } from "../support/scenario.ts";

describeEngine("hooks", ({ openWorld, startEngine }) => {
  test("a run waits on a hook; resumeHook delivers the payload and resolves to the hook [02-2.4.resumed-hook]", async () => {
    deploy(
      realmCode(
        [],
        `workflow("main", async () => { const hook = createHook({ token: "t-1" }); return { got: await hook }; });`,
      ),
    );
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"), []);
    await untilEvent(world, run.runId, "hook_created");
    const hook = await resumeHook("t-1", { approved: true, at: new Date(5) });
    expect(hook).toMatchObject({ runId: run.runId, token: "t-1", isWebhook: false });
    expect(hook.hookId).toMatch(/^hook_/);
    expect(await run.returnValue).toEqual({ got: { approved: true, at: new Date(5) } });
    expect(await eventTypes(world, run.runId)).toEqual([
      "run_created",
      "run_started",
      "hook_created",
      "hook_received",
      "run_completed",
    ]);
  });

  test("payloads are delivered in order, also those that came before anyone waited [07-7.7.buffered] [01-1.6.await]", async () => {
    const gate = Promise.withResolvers<void>();
    deploy(
      realmCode(
        ["hold"],
        `workflow("main", async () => { const hook = createHook({ token: "t" }); await hold(); return [await hook, await hook, await hook]; });`,
      ),
      { hold: async () => gate.promise },
    );
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"), []);
    await untilEvent(world, run.runId, "step_started");
    await resumeHook("t", 1);
    await resumeHook("t", 2);
    gate.resolve();
    await untilEvent(world, run.runId, "hook_received", 2);
    await resumeHook("t", 3);
    expect(await run.returnValue).toEqual([1, 2, 3]);
  });

  test("for await yields every payload until the workflow disposes the hook; its token is free then", async () => {
    deploy(
      realmCode(
        [],
        `workflow("main", async () => {
          const hook = createHook({ token: "stream" });
          const seen = [];
          for await (const x of hook) { seen.push(x); if (x === "stop") hook.dispose(); }
          return seen;
        });`,
      ),
    );
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"), []);
    await untilEvent(world, run.runId, "hook_created");
    for (const word of ["a", "b", "stop"]) await resumeHook("stream", word);
    expect(await run.returnValue).toEqual(["a", "b", "stop"]);
    expect(await eventTypes(world, run.runId)).toContain("hook_disposed");
    const error = await resumeHook("stream", "late").catch((reason: unknown) => reason);
    expect(HookNotFoundError.is(error)).toBe(true);
  });

  test("`using` through Symbol.dispose frees the token inside the run", async () => {
    deploy(
      realmCode(
        ["hold"],
        `workflow("main", async () => {
          const hook = createHook({ token: "u" });
          const got = await hook;
          hook[Symbol.dispose]();
          hook.dispose();
          await hold();
          return got;
        });
        workflow("second", async () => { const hook = createHook({ token: "u" }); return (await hook.getConflict()) === null; });`,
      ),
      { hold: async () => new Promise(() => {}) },
    );
    const world = await openWorld();
    await startEngine({ world, graceMs: 10 });
    const run = await start(workflow("main"), []);
    await untilEvent(world, run.runId, "hook_created");
    await resumeHook("u", 1);
    await untilEvent(world, run.runId, "step_started");
    expect((await eventTypes(world, run.runId)).filter((type) => type === "hook_disposed")).toHaveLength(1);
    expect(await (await start(workflow("second"), [])).returnValue).toBe(true);
  });

  test("a taken token: getConflict names the owner, awaiting rejects with HookConflictError", async () => {
    deploy(
      realmCode(
        [],
        `workflow("owner", async () => { await createHook({ token: "one" }); });
         workflow("loser", async () => {
           const hook = createHook({ token: "one" });
           const conflict = await hook.getConflict();
           try { await hook; } catch (e) { return [conflict.runId, e instanceof HookConflictError, e.conflictingRunId, e.token]; }
         });
         workflow("careless", async () => { for await (const x of createHook({ token: "one" })) return x; });`,
      ),
    );
    const world = await openWorld();
    await startEngine({ world });
    const owner = await start(workflow("owner"), []);
    await untilEvent(world, owner.runId, "hook_created");
    const loser = await start(workflow("loser"), []);
    expect(await loser.returnValue).toEqual([owner.runId, true, owner.runId, "one"]);
    expect(await eventTypes(world, loser.runId)).toContain("hook_conflict");
    const careless = await start(workflow("careless"), []);
    const error = await careless.returnValue.catch((reason: unknown) => reason);
    expect(WorkflowRunFailedError.is(error) && HookConflictError.is(error.cause)).toBe(true);
    await resumeHook("one", null);
    await owner.returnValue;
  });

  test("of ten runs that claim one token, exactly one gets it [07-7.18.8] [07-7.10.owner] [01-1.6.unique]", async () => {
    deploy(
      realmCode(
        [],
        `workflow("main", async () => { const hook = createHook({ token: "single" }); if (await hook.getConflict()) return "lost"; return hook; });`,
      ),
    );
    const world = await openWorld();
    await startEngine({ world });
    const runs = await Promise.all(Array.from({ length: 10 }, () => start(workflow("main"), [])));
    for (;;) {
      const statuses = await Promise.all(runs.map((run) => run.status));
      if (statuses.filter((status) => status === "completed").length === 9) break;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await resumeHook("single", "won");
    const results = await Promise.all(runs.map((run) => run.returnValue));
    expect(results.filter((result) => result === "lost")).toHaveLength(9);
    expect(results.filter((result) => result === "won")).toHaveLength(1);
  });

  test("a hook that lost a race is not waiting any more: no payload falls into the void", async () => {
    deploy(
      realmCode(
        [],
        `workflow("main", async () => {
          const hook = createHook({ token: "r" });
          const seen = [];
          while (seen.length < 3) {
            const won = await Promise.race([hook, sleep(15).then(() => "tick")]);
            if (won !== "tick") seen.push(won);
          }
          return seen;
        });`,
      ),
    );
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"), []);
    for (const n of [1, 2, 3]) {
      await untilEvent(world, run.runId, "wait_completed", n * 2);
      await resumeHook("r", n);
    }
    expect(await run.returnValue).toEqual([1, 2, 3]);
  });

  test("a payload that lost a race it could have won goes back to its place", async () => {
    const gate = Promise.withResolvers<void>();
    deploy(
      realmCode(
        ["hold"],
        `workflow("main", async () => {
          const hook = createHook({ token: "b" });
          await hold();
          const first = await Promise.race([Promise.resolve("ready"), hook]);
          const any = await Promise.any([Promise.reject(new Error()), Promise.resolve("any"), hook]);
          return [first, any, await hook, await hook];
        });`,
      ),
      { hold: async () => gate.promise },
    );
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"), []);
    await untilEvent(world, run.runId, "step_started");
    await resumeHook("b", 1);
    await resumeHook("b", 2);
    gate.resolve();
    const [first, , third, fourth] = (await run.returnValue) as unknown[];
    expect(first).toBe("ready");
    expect([third, fourth]).toEqual([1, 2]);
  });

  test("a payload accepted before the hook was disposed stays visible, and is marked as not delivered [07-7.7.unread]", async () => {
    const gate = Promise.withResolvers<void>();
    deploy(
      realmCode(
        ["hold"],
        `workflow("main", async () => { const hook = createHook({ token: "d" }); await hold(); hook.dispose(); await sleep(1); });`,
      ),
      { hold: async () => gate.promise },
    );
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"), []);
    await untilEvent(world, run.runId, "step_started");
    await resumeHook("d", "in time");
    gate.resolve();
    await run.returnValue;
    const { data } = await world.events.list({ runId: run.runId, pagination: { sortOrder: "asc" } });
    const received = data.filter((event) => event.eventType === "hook_received");
    expect(received).toHaveLength(1);
  });

  test("metadata is read outside by token, once, and is absent from spreads [01-1.6.metadata]", async () => {
    deploy(
      realmCode(
        [],
        `workflow("main", async () => { await createHook({ token: "m", metadata: { order: 7, due: new Date(9) } }); });`,
      ),
    );
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"), []);
    await untilEvent(world, run.runId, "hook_created");
    const hook = await getHookByToken("m");
    expect(hook.runId).toBe(run.runId);
    expect(hook.metadata).toBe(hook.metadata);
    expect(await hook.metadata).toEqual({ order: 7, due: new Date(9) });
    expect(Object.keys(hook)).not.toContain("metadata");
    await resumeHook(hook, "by object");
    await run.returnValue;
    const error = await getHookByToken("m").catch((reason: unknown) => reason);
    expect(HookNotFoundError.is(error)).toBe(true);
  });

  test("generated tokens differ from run to run and are the same on replay [01-1.6.token]", async () => {
    deploy(
      realmCode(
        ["note"],
        `workflow("main", async () => { const hook = createHook(); await note(hook.token); return [hook.token, await hook]; });`,
      ),
      { note: async () => {} },
    );
    const world = await openWorld();
    const first = await startEngine({ world });
    const runs = [await start(workflow("main"), []), await start(workflow("main"), [])];
    const tokens: string[] = [];
    for (const run of runs) {
      await untilEvent(world, run.runId, "step_completed");
      const { data } = await world.hooks.list({ runId: run.runId });
      tokens.push(data[0]!.token);
    }
    expect(new Set(tokens).size).toBe(2);
    await first.stop();
    const second = await startEngine({ world });
    for (const token of tokens) await resumeHook(token, token);
    for (const [index, run] of runs.entries()) expect(await run.returnValue).toEqual([tokens[index], tokens[index]]);
    expect(second.worker.counts.replays).toBe(2);
  });

  test("the hook is registered before a step that gets its token starts [07-7.7.after-created]", async () => {
    deploy(
      realmCode(
        ["leak"],
        `workflow("main", async () => { const hook = createHook({ token: "leaked" }); await leak(hook.token); return await hook; });`,
      ),
      {
        leak: async (token) => {
          expect(getStepMetadata().attempt).toBe(1);
          await resumeHook(token as string, "from the step");
        },
      },
    );
    const world = await openWorld();
    await startEngine({ world });
    expect(await (await start(workflow("main"), [])).returnValue).toBe("from the step");
  });

  test("defineHook validates and transforms before anything is written", async () => {
    const approval = defineHook<string, number>({
      schema: {
        "~standard": {
          version: 1,
          vendor: "test",
          validate: async (value) =>
            Number.isFinite(Number(value))
              ? { value: Number(value) }
              : { issues: [{ message: "not a number", path: ["n"] }] },
        },
      },
    });
    deploy(
      realmCode(
        [],
        `const approval = defineHook(); workflow("main", async () => approval.create({ token: "typed" }));`,
      ),
    );
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"), []);
    await untilEvent(world, run.runId, "hook_created");
    await expect(approval.resume("typed", "x")).rejects.toThrow("n: not a number");
    await approval.resume("typed", "42");
    expect(await run.returnValue).toBe(42);
    expect((await eventTypes(world, run.runId)).filter((type) => type === "hook_received")).toHaveLength(1);
    expect(() => approval.create()).toThrow("CONTEXT_VIOLATION");
  });

  test("what cannot be resumed gives its error, and nothing is written [02-2.4.not-found] [02-2.4.serialization] [06-6.10.payload]", async () => {
    deploy(realmCode([], `workflow("main", async () => createHook({ token: "quiet" }));`));
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"), []);
    await untilEvent(world, run.runId, "hook_created");
    const before = await eventTypes(world, run.runId);
    await expect(resumeHook("nobody", 1)).rejects.toThrow(HookNotFoundError);
    await expect(resumeHook("", 1)).rejects.toThrow(HookNotFoundError);
    await expect(resumeHook(undefined as unknown as string, 1)).rejects.toThrow("INVALID_ARGUMENT");
    await expect(resumeHook("quiet", () => 1)).rejects.toThrow("SERIALIZATION_FAILED");
    await expect(resumeHook("quiet", "x".repeat(50 * 1024 * 1024))).rejects.toThrow("PAYLOAD_TOO_LARGE");
    expect(await eventTypes(world, run.runId)).toEqual(before);
    expect((await world.read(run.runId, 0)).inbox).toEqual([]);
  });

  test("host functions and bad tokens in a workflow body say what is wrong [03-3.4.host-only] [01-1.5.invalid] [01-1.14.no-host-functions]", async () => {
    deploy(
      realmCode(
        [],
        `const { getRun, resumeHook, resumeWebhook } = __workflow.modules["workflow/api"];
         const said = (f) => { try { f(); return "nothing"; } catch (e) { return e.name + " " + e.message; } };
         workflow("main", async () => [said(() => resumeHook("a", 1)), said(() => resumeWebhook("a")), said(() => getRun("a")), said(() => createHook({ token: "" })), said(() => sleep("soon"))]);`,
      ),
    );
    const world = await openWorld();
    await startEngine({ world });
    const [resume, webhook, looking, token, nap] = (await (await start(workflow("main"), [])).returnValue) as string[];
    expect(resume).toMatch(/^UnavailableInWorkflowContextError .*resumeHook/);
    expect(webhook).toMatch(/^UnavailableInWorkflowContextError .*resumeWebhook/);
    expect(looking).toMatch(/^UnavailableInWorkflowContextError .*getRun/);
    expect(token).toContain("1 to 512 characters");
    expect(nap).toContain("INVALID_ARGUMENT");
  });
});
