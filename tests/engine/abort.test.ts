import { expect, test } from "vitest";
import { resumeHook, start } from "workflow/api";
import { setWorld } from "workflow/runtime";
import { LEASE_TTL_MS } from "workflow/world";
import { createTestClock, withFaults } from "@workflow/world/testkit";
import { registeredSteps } from "../../packages/workflow/src/compiler/registration.ts";
import { hookEvents, isAborted, long, reasonOf } from "../support/abort-steps.ts";
import { deploy, passTime, realmCode, workflow } from "../support/engine.ts";
import { describeEngine, eventTypes, untilEvent } from "../support/scenario.ts";

describeEngine("aborts of workflow code", ({ openWorld, startEngine }) => {
  test("an abort reaches the step that waits for it, and its AbortError is not retried [06-A.6] [06-6.8.step-signal] [06-6.8.fatal] [07-7.1.abort-error]", async () => {
    let attempts = 0;
    deploy(
      realmCode(
        ["long", "soon"],
        `workflow("main", async () => {
          const controller = new AbortController();
          const running = long(controller.signal);
          await soon();
          controller.abort();
          try { await running; } catch (error) { return [error.name, FatalError.is(error), error instanceof DOMException]; }
        });`,
      ),
      {
        long: async (signal) => {
          attempts += 1;
          if (!(signal instanceof AbortSignal)) throw new TypeError("not a signal of the platform");
          return await long(signal);
        },
        soon: async () => undefined,
      },
    );
    const world = await openWorld();
    await startEngine({ world });
    const run = await start<[], unknown[]>(workflow("main"), []);
    expect(await run.returnValue).toEqual(["AbortError", true, true]);
    expect(attempts).toBe(1);
  });

  test("the abort is one write to a system hook, which no list shows [05-5.10] [06-6.8.backing]", async () => {
    deploy(
      realmCode(
        ["touch"],
        `workflow("main", async () => {
          const controller = new AbortController();
          await touch(controller.signal, { again: controller.signal, controller });
          await createHook({ token: "go" });
          controller.abort("first");
          controller.abort("second");
          await touch(controller.signal);
          return [controller.signal.aborted, controller.signal.reason];
        });`,
      ),
      { touch: async () => undefined },
    );
    const world = await openWorld();
    await startEngine({ world });
    const run = await start<[], unknown[]>(workflow("main"), []);
    await untilEvent(world, run.runId, "hook_created", 2);
    expect((await world.hooks.list()).data.map(({ token }) => token)).toEqual(["go"]);
    expect((await world.hooks.list({ runId: run.runId })).data).toHaveLength(1);
    await resumeHook("go", null);
    expect(await run.returnValue).toEqual([true, "first"]);
    const { data } = await world.events.list({ runId: run.runId });
    const created = data.find(({ eventType }) => eventType === "hook_created");
    expect(created?.eventData).toMatchObject({ isSystem: true, token: expect.stringMatching(/^abrt_\w+$/) });
    const received = data.filter(({ correlationId }) => correlationId === created?.correlationId);
    expect(received.map(({ eventType }) => eventType)).toEqual(["hook_created", "hook_received"]);
  });

  test("a controller that neither leaves the run nor is aborted costs nothing", async () => {
    deploy(
      realmCode(["touch"], `workflow("main", async () => { new AbortController().signal.aborted; await touch(); });`),
      { touch: async () => undefined },
    );
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"), []);
    await run.returnValue;
    expect(await hookEvents(world, run.runId)).toEqual([]);
  });

  test("a step that starts after the abort has an aborted signal from the beginning [06-6.8.step-signal] [06-6.8.early]", async () => {
    deploy(
      realmCode(
        ["isAborted", "reasonOf"],
        `workflow("main", async () => {
          const controller = new AbortController();
          const sameTurn = isAborted(controller.signal);
          controller.abort(new RangeError("too far"));
          const reason = await reasonOf(controller.signal);
          return [await sameTurn, await isAborted(controller.signal), await isAborted(AbortSignal.abort()), reason.name, reason.message];
        });`,
      ),
      { isAborted, reasonOf },
    );
    const world = await openWorld();
    await startEngine({ world });
    const run = await start<[], unknown[]>(workflow("main"), []);
    expect(await run.returnValue).toEqual([true, true, true, "RangeError", "too far"]);
  });

  test("a reason that cannot be stored aborts all the same [06-6.8]", async () => {
    deploy(
      realmCode(
        ["reasonOf"],
        `workflow("main", async () => {
          const controller = new AbortController();
          const running = reasonOf(controller.signal);
          controller.abort(() => {});
          const later = reasonOf(controller.signal);
          return [typeof controller.signal.reason, (await running).message, (await later).message];
        });`,
      ),
      { reasonOf },
    );
    const world = await openWorld();
    await startEngine({ world });
    const run = await start<[], string[]>(workflow("main"), []);
    const [own, ...told] = await run.returnValue;
    expect(own).toBe("function");
    for (const message of told) expect(message).toMatch(/cannot be serialized/);
  });

  test("one abort ends all the steps that have the signal; the others go on [06-6.8.step-signal]", async () => {
    deploy(
      realmCode(
        ["long", "soon"],
        `workflow("main", async () => {
          const [one, two] = [new AbortController(), new AbortController()];
          const running = [long(one.signal), long(one.signal), long(two.signal)].map((step) => step.then(() => "done", (e) => e.name));
          await soon();
          one.abort();
          const first = await Promise.race([running[0], running[2]]);
          two.abort("enough");
          return [first, await running[1], await running[2]];
        });`,
      ),
      {
        long: async (signal) => {
          const reason = await reasonOf(signal);
          if (reason === "enough") return;
          throw reason;
        },
        soon: async () => undefined,
      },
    );
    const world = await openWorld();
    await startEngine({ world });
    const run = await start<[], unknown[]>(workflow("main"), []);
    expect(await run.returnValue).toEqual(["AbortError", "AbortError", "done"]);
  });

  test("an abort as the last statement reaches a step that is under way [07-7.18.6] [06-6.8] [07-7.8.abort]", async () => {
    const reason = Promise.withResolvers<unknown>();
    const begun = Promise.withResolvers<void>();
    deploy(
      realmCode(
        ["watch"],
        `workflow("main", async () => {
          const controller = new AbortController();
          void watch(controller.signal);
          await createHook({ token: "last" });
          controller.abort("the end");
        });`,
      ),
      {
        watch: async (signal) => {
          begun.resolve();
          reason.resolve(await reasonOf(signal));
        },
      },
    );
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"), []);
    await begun.promise;
    await resumeHook("last", null);
    await run.returnValue;
    expect(await reason.promise).toBe("the end");
    expect((await eventTypes(world, run.runId)).slice(-2)).toEqual(["hook_received", "run_completed"]);
  });

  test("a signal made of others is aborted by the first of them, for steps too [06-6.8.api] [01-1.14.abort]", async () => {
    deploy(
      realmCode(
        ["reasonOf", "soon"],
        `workflow("main", async () => {
          const [one, two, never] = [new AbortController(), new AbortController(), new AbortController()];
          const either = AbortSignal.any([one.signal, two.signal]);
          const outer = AbortSignal.any([either, never.signal]);
          const running = [reasonOf(either), reasonOf(outer)];
          await soon();
          two.abort("second");
          one.abort("first");
          return [either.aborted, either.reason, outer.reason, never.signal.aborted, ...await Promise.all(running)];
        });`,
      ),
      { reasonOf, soon: async () => undefined },
    );
    const world = await openWorld();
    await startEngine({ world });
    const run = await start<[], unknown[]>(workflow("main"), []);
    expect(await run.returnValue).toEqual([true, "second", "second", false, "second", "second"]);
  });

  test("signals in closures of steps are the same", async () => {
    deploy(
      realmCode(
        ["soon"],
        `const watch = __workflow.step("step//./test//watch", () => ({ signal: current }));
        let current;
        workflow("main", async () => {
          const controller = new AbortController();
          current = controller.signal;
          const running = watch();
          await soon();
          controller.abort("closed over");
          return await running;
        });`,
      ),
      { watch: async () => undefined, soon: async () => undefined },
    );
    registeredSteps().set("step//./test//watch", {
      bind:
        ({ signal }) =>
        () =>
          reasonOf(signal),
    });
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"), []);
    expect(await run.returnValue).toBe("closed over");
  });

  test("the cancellation of a run aborts no signal [06-6.8.cancel] [07-7.4.signals]", async () => {
    const given = Promise.withResolvers<AbortSignal>();
    const gate = Promise.withResolvers<void>();
    deploy(
      realmCode(
        ["hold"],
        `workflow("main", async () => {
          await hold(new AbortController().signal);
        });`,
      ),
      {
        hold: async (signal) => {
          given.resolve(signal as AbortSignal);
          await gate.promise;
        },
      },
    );
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"), []);
    const signal = await given.promise;
    await run.cancel();
    expect(await run.status).toBe("cancelled");
    expect(signal.aborted).toBe(false);
    gate.resolve();
  });

  test("after a restart the code sees the abort at the same point, and its own abort is not told again [06-6.8.replay] [06-6.8.workflow-abort]", async () => {
    deploy(
      realmCode(
        ["isAborted"],
        `workflow("main", async () => {
          const controller = new AbortController();
          const points = [await isAborted(controller.signal), controller.signal.aborted];
          controller.abort("here");
          points.push(controller.signal.aborted);
          await createHook({ token: "restarted" });
          return [...points, controller.signal.reason, await isAborted(controller.signal)];
        });`,
      ),
      { isAborted },
    );
    const world = await openWorld();
    const first = await startEngine({ world });
    const run = await start<[], unknown[]>(workflow("main"), []);
    await untilEvent(world, run.runId, "hook_created", 2);
    await first.stop();
    const second = await startEngine({ world });
    await resumeHook("restarted", null);
    expect(await run.returnValue).toEqual([false, false, true, "here", true]);
    expect(second.worker.counts.replays).toBe(1);
    expect(await hookEvents(world, run.runId)).toEqual([
      "hook_created",
      "hook_received",
      "hook_created",
      "hook_received",
    ]);
  });

  test("a process that dies right after the abort: the step that runs again finds its signal aborted [06-6.8.backing] [06-6.8.early]", async () => {
    const seen: boolean[] = [];
    deploy(
      realmCode(
        ["watch"],
        `workflow("main", async () => {
          const controller = new AbortController();
          const running = watch(controller.signal);
          await createHook({ token: "die" });
          controller.abort();
          return await running;
        });`,
      ),
      {
        watch: async (signal) => {
          seen.push((signal as AbortSignal).aborted);
          if (seen.length === 1) await new Promise(() => {});
          return "over";
        },
      },
    );
    const clock = createTestClock(Date.now());
    const world = await openWorld(clock);
    let dead = false;
    const mine = withFaults(world, () => {
      if (dead) throw Object.assign(new Error("this process is dead"), { code: "WORLD_CLOSED" });
    });
    await startEngine({ world: mine, graceMs: 1 });
    const run = await start(workflow("main"), []);
    await passTime(clock, async () => seen.length === 1);
    await resumeHook("die", null);
    await passTime(clock, async () => (await hookEvents(world, run.runId)).length === 4);
    dead = true;
    clock.advance(LEASE_TTL_MS);
    setWorld(world);
    await startEngine({ world });
    await passTime(clock, async () => (await world.runs.get(run.runId)).status === "completed");
    expect(seen).toEqual([false, true]);
  });
});
