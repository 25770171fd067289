import { getEventListeners } from "node:events";
import { expect, test, vi } from "vitest";
import { FatalError } from "workflow";
import { getRun, resumeHook, start } from "workflow/api";
import { setWorld } from "workflow/runtime";
import { hookEvents, reasonOf } from "../support/abort-steps.ts";
import { deploy, realmCode, workflow } from "../support/engine.ts";
import { describeEngine, eventTypes, untilEvent } from "../support/scenario.ts";

describeEngine("aborts from outside", ({ openWorld, startEngine }) => {
  test("a step aborts the controller it got: at once in its body, and in the run before its own end [05-5.6] [06-6.8.step-abort]", async () => {
    deploy(
      realmCode(
        ["stop", "long"],
        `workflow("main", async () => {
          const controller = new AbortController();
          const heard = [];
          controller.signal.addEventListener("abort", () => heard.push("abort"));
          const running = long(controller.signal).catch((error) => error);
          const inBody = await stop(controller);
          heard.push("stopped");
          return [inBody, controller.signal.aborted, controller.signal.reason, heard, await running];
        });`,
      ),
      {
        stop: async (given) => {
          const controller = given as AbortController;
          controller.abort("by the step");
          controller.abort("twice");
          return [controller instanceof AbortController, controller.signal.aborted];
        },
        long: reasonOf,
      },
    );
    const world = await openWorld();
    await startEngine({ world });
    const run = await start<[], unknown[]>(workflow("main"), []);
    expect(await run.returnValue).toEqual([[true, true], true, "by the step", ["abort", "stopped"], "by the step"]);
    const types = await eventTypes(world, run.runId);
    expect(types.filter((type) => type === "hook_received")).toHaveLength(1);
    expect(types.indexOf("hook_received")).toBeLessThan(types.indexOf("step_completed"));
  });

  test("a step that aborts and throws: its abort comes before its failure [06-6.8.step-abort]", async () => {
    deploy(
      realmCode(
        ["stop"],
        `workflow("main", async () => {
          const controller = new AbortController();
          try { await stop(controller); } catch (error) { return [error.message, controller.signal.aborted, controller.signal.reason.name]; }
        });`,
      ),
      {
        stop: async (given) => {
          (given as AbortController).abort();
          throw new FatalError("and out");
        },
      },
    );
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"), []);
    expect(await run.returnValue).toEqual(["and out", true, "AbortError"]);
  });

  test("a controller that a step made and returned is the workflow's, both ways [06-6.8.returned] [06-6.3.abort]", async () => {
    const made: AbortController[] = [];
    deploy(
      realmCode(
        ["make", "reasonOf"],
        `workflow("main", async () => {
          const [theirs, ours] = [await make(), await make()];
          const running = [reasonOf(theirs.signal), reasonOf(ours.signal)];
          const aborted = new Promise((resolve) => { theirs.signal.onabort = () => resolve(theirs.signal.reason); });
          await createHook({ token: "made" });
          ours.abort("by the run");
          return [theirs instanceof AbortController, await aborted, ...await Promise.all(running)];
        });`,
      ),
      {
        make: async () => {
          const controller = new AbortController();
          made.push(controller);
          return controller;
        },
        reasonOf,
      },
    );
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"), []);
    await untilEvent(world, run.runId, "hook_created", 3);
    await resumeHook("made", null);
    made[0]?.abort("by the maker");
    expect(await run.returnValue).toEqual([true, "by the maker", "by the maker", "by the run"]);
  });

  test("a controller that goes through a step comes back as itself [06-6.8] [06-6.3.abort]", async () => {
    deploy(
      realmCode(
        ["echo"],
        `workflow("main", async () => {
          const controller = new AbortController();
          const [back, signal] = await echo([controller, controller.signal]);
          back.abort("back");
          return [controller.signal.aborted, signal === controller.signal];
        });`,
      ),
      { echo: async (value) => value },
    );
    const world = await openWorld();
    await startEngine({ world });
    expect(await (await start(workflow("main"), [])).returnValue).toEqual([true, true]);
  });

  const untilAborted = `workflow("main", async (signal) => {
    const early = signal.aborted;
    const reason = await new Promise((resolve) => {
      if (signal.aborted) resolve(signal.reason);
      else signal.addEventListener("abort", () => resolve(signal.reason));
    });
    return [early, reason];
  });`;

  test("the signal of who started the run aborts in it, as long as that process lives [06-6.8.returned]", async () => {
    deploy(realmCode([], untilAborted));
    const world = await openWorld();
    await startEngine({ world });
    const controller = new AbortController();
    const run = await start(workflow("main"), [controller.signal]);
    await untilEvent(world, run.runId, "hook_created");
    controller.abort("by the caller");
    expect(await run.returnValue).toEqual([false, "by the caller"]);
    const before = await start(workflow("main"), [controller.signal]);
    expect(await before.returnValue).toEqual([true, "by the caller"]);
    expect(await hookEvents(world, before.runId)).toEqual([]);
  });

  test("an abort while the run is being started is not lost [06-6.8.early]", async () => {
    deploy(realmCode([], untilAborted));
    const world = await openWorld();
    await startEngine({ world });
    const controller = new AbortController();
    const starting = start(workflow("main"), [controller.signal]);
    controller.abort("at once");
    expect(await (await starting).returnValue).toEqual([false, "at once"]);
  });

  test("an abort before the run has ever run waits for its hook [06-6.8.early]", async () => {
    deploy(realmCode([], untilAborted));
    const world = await openWorld();
    setWorld(world);
    const controller = new AbortController();
    const run = await start(workflow("main"), [controller.signal]);
    controller.abort("early");
    for (let tries = 0; (await world.held.list()).data.length === 0; tries++) {
      if (tries > 1_000) throw new Error("nothing is held");
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    await startEngine({ world });
    expect(await run.returnValue).toEqual([false, "early"]);
  });

  test("a signal in a payload of a hook", async () => {
    deploy(
      realmCode(
        ["reasonOf"],
        `workflow("main", async () => {
          const { signal } = await createHook({ token: "signal" });
          return [await reasonOf(signal), signal.reason];
        });`,
      ),
      { reasonOf },
    );
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"), []);
    await untilEvent(world, run.runId, "hook_created");
    const controller = new AbortController();
    await resumeHook("signal", { signal: controller.signal });
    await untilEvent(world, run.runId, "step_started");
    controller.abort("sent");
    expect(await run.returnValue).toEqual(["sent", "sent"]);
  });

  test("a signal that a step hands to another run aborts there, also when the step is over [06-6.8.returned]", async () => {
    deploy(
      realmCode(
        ["spawn"],
        `${untilAborted.replace('"main"', '"child"')}
        workflow("main", async () => {
          const controller = new AbortController();
          const child = await spawn(controller.signal);
          await createHook({ token: "parent" });
          controller.abort("by the parent");
          return await child.returnValue;
        });`,
      ),
      { spawn: async (signal) => start(workflow("child"), [signal]) },
    );
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"), []);
    await untilEvent(world, run.runId, "hook_created", 2);
    await resumeHook("parent", null);
    expect(await run.returnValue).toEqual([false, "by the parent"]);
  });

  test("one abort that is heard of in two ways is one for the run", async () => {
    deploy(
      realmCode(
        ["spawn"],
        `workflow("child", async (signal) => { signal.aborted; await createHook({ token: "child" }); return signal.reason; });
        workflow("main", async () => {
          const child = await spawn(new AbortController());
          await createHook({ token: "main" });
          return child.runId;
        });`,
      ),
      {
        spawn: async (given) => {
          const controller = given as AbortController;
          const child = await start(workflow("child"), [controller.signal]);
          controller.abort("once");
          return child;
        },
      },
    );
    const world = await openWorld();
    await startEngine({ world });
    const run = await start<[], string>(workflow("main"), []);
    await untilEvent(world, run.runId, "hook_created", 2);
    await untilEvent(world, run.runId, "hook_received");
    await resumeHook("main", null);
    const child = getRun(await run.returnValue);
    await untilEvent(world, child.runId, "hook_received");
    await resumeHook("child", null);
    expect(await child.returnValue).toBe("once");
    expect(await hookEvents(world, child.runId)).toHaveLength(4);
  });

  test("a signal goes on with a run that continues as new", async () => {
    deploy(
      realmCode(
        [],
        `
        workflow("main", async (signal, again) => {
          signal.aborted;
          await createHook({ token: again ? "second" : "first" });
          if (again) return signal.reason;
          return continueAsNew(signal, true);
        });`,
      ),
    );
    const world = await openWorld();
    await startEngine({ world });
    const controller = new AbortController();
    const run = await start(workflow("main"), [controller.signal, false]);
    await untilEvent(world, run.runId, "hook_created", 2);
    await resumeHook("first", null);
    await vi.waitFor(async () => expect((await world.hooks.list()).data.map(({ token }) => token)).toEqual(["second"]));
    controller.abort("of both");
    await untilEvent(world, run.runId, "hook_received");
    await resumeHook("second", null);
    expect(await run.returnValue).toBe("of both");
  });

  test("a signal that outlives its runs keeps nothing of them", async () => {
    deploy(realmCode([], `workflow("main", async (signal) => { await createHook({ token: "leak" }); });`));
    const world = await openWorld();
    await startEngine({ world });
    const { signal } = new AbortController();
    const run = await start(workflow("main"), [signal]);
    await untilEvent(world, run.runId, "hook_created", 2);
    expect(getEventListeners(signal, "abort")).toHaveLength(1);
    await resumeHook("leak", null);
    await run.returnValue;
    await vi.waitFor(() => expect(getEventListeners(signal, "abort")).toEqual([]));
  });

  test("an abort after the run has ended is nothing, and leaves nothing [06-6.8.late]", async () => {
    const kept: AbortController[] = [];
    deploy(
      realmCode(
        ["keep"],
        `workflow("main", async (signal) => { const controller = new AbortController(); await keep(controller); return signal; });`,
      ),
      { keep: async (controller) => void kept.push(controller as AbortController) },
    );
    const world = await openWorld();
    await startEngine({ world });
    const controller = new AbortController();
    const run = await start<[AbortSignal], AbortSignal>(workflow("main"), [controller.signal]);
    const returned = await run.returnValue;
    expect([returned instanceof AbortSignal, returned.aborted]).toEqual([true, false]);
    const before = await eventTypes(world, run.runId);
    controller.abort();
    kept[0]?.abort();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await eventTypes(world, run.runId)).toEqual(before);
    expect((await world.held.list()).data).toEqual([]);
  });
});
