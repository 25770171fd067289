import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { resumeHook, start } from "workflow/api";
import { HookNotFoundError } from "workflow/errors";
import { type FaultPoint, withFaults } from "@workflow/world/testkit";
import type { World } from "workflow/world";
import { deploy, realmCode, workflow } from "../support/engine.ts";
import { describeEngine, eventTypes, untilEvent } from "../support/scenario.ts";

const COLLECT = realmCode(
  ["note"],
  `workflow("main", async (token, count) => {
    const got = [];
    for await (const x of createHook({ token })) {
      got.push(x);
      await note(x);
      if (got.length === count) return got;
    }
  });`,
);

/** The World with every write noted, and a place to step in before or after one. */
function noting(world: World, decide: (point: FaultPoint) => void | Promise<void> = () => undefined) {
  const writes: string[] = [];
  const noted = withFaults(world, (point) => {
    if (point.phase === "before") writes.push(point.write);
    return decide(point);
  });
  return { world: noted, writes };
}

describeEngine("payloads for the process that owns the run", ({ worldName, openWorld, startEngine }) => {
  test("from resumeHook to the next step running is one durable write", async () => {
    const gate = Promise.withResolvers<void>();
    deploy(COLLECT, { note: () => gate.promise });
    const { world, writes } = noting(await openWorld());
    await startEngine({ world });
    const run = await start(workflow("main"), ["t", 2]);
    await untilEvent(world, run.runId, "hook_created");
    writes.length = 0;
    const hook = await resumeHook("t", 1);
    expect(hook).toMatchObject({ runId: run.runId, token: "t" });
    expect(writes).toEqual(["commit"]);
    expect((await eventTypes(world, run.runId)).slice(3)).toEqual(["hook_received", "step_created", "step_started"]);
    gate.resolve();
    await resumeHook("t", 2);
    expect(await run.returnValue).toEqual([1, 2]);
    expect(writes).not.toContain("deliver");
  });

  test("two hundred callers at once: every payload once, in the order of the calls, many to a write [07-7.7.once] [02-2.4.order]", async () => {
    deploy(COLLECT, { note: async () => null });
    const { world, writes } = noting(await openWorld());
    await startEngine({ world });
    const run = await start(workflow("main"), ["t", 200]);
    await untilEvent(world, run.runId, "hook_created");
    writes.length = 0;
    const payloads = Array.from({ length: 200 }, (_, n) => n);
    await Promise.all(payloads.map((n) => resumeHook("t", n)));
    expect(writes.length).toBeLessThan(20);
    expect(await run.returnValue).toEqual(payloads);
  });

  test("a payload that another process delivered before comes first", async () => {
    deploy(COLLECT, { note: async () => null });
    const raw = await openWorld();
    let sneak = false;
    const { world, writes } = noting(raw, async ({ write, phase }) => {
      if (!sneak || write !== "commit" || phase !== "before") return;
      sneak = false;
      await raw.deliver({ token: "t" }, { type: "hook_received", data: {}, payload: 'devl["theirs"]', at: 0 });
    });
    const { problems } = await startEngine({ world });
    const run = await start(workflow("main"), ["t", 2]);
    await untilEvent(world, run.runId, "hook_created");
    sneak = true;
    await resumeHook("t", "ours");
    expect(writes).toContain("deliver");
    expect(await run.returnValue).toEqual(["theirs", "ours"]);
    expect(problems).toEqual([]);
  });

  test("a step result in a turn that was refused is not lost with it: the step does not run again", async () => {
    const body = Promise.withResolvers<void>();
    let calls = 0;
    deploy(
      realmCode(
        ["slow"],
        `workflow("main", async () => {
          const [poke, hook] = [createHook({ token: "poke" }), createHook({ token: "t" })];
          const result = slow();
          await poke;
          return [await hook, await hook, await result];
        });`,
      ),
      {
        slow: async () => {
          calls += 1;
          await body.promise;
          return "slow";
        },
      },
    );
    const raw = await openWorld();
    const held = Promise.withResolvers<void>();
    let commits = Number.NaN;
    const { world } = noting(raw, async ({ write, phase }) => {
      if (write !== "commit" || phase !== "before") return;
      commits += 1;
      // The first commit is held until a step result and a payload have gathered; before theirs, a fact gets in.
      if (commits === 1) await held.promise;
      const theirs = { type: "hook_received", data: {}, payload: 'devl["theirs"]', at: 0 } as const;
      if (commits === 2) await raw.deliver({ token: "t" }, theirs);
    });
    await startEngine({ world });
    const run = await start(workflow("main"), []);
    await untilEvent(world, run.runId, "step_started");
    commits = 0;
    const poked = resumeHook("poke", null);
    body.resolve();
    const resumed = resumeHook("t", "ours");
    await setImmediate();
    held.resolve();
    await Promise.all([poked, resumed]);
    expect(await run.returnValue).toEqual(["theirs", "ours", "slow"]);
    expect(calls).toBe(1);
  });

  test("a payload whose write was refused because the lease is lost is delivered all the same, once", async () => {
    deploy(COLLECT, { note: async () => null });
    const raw = await openWorld();
    let takenOver = false;
    const { world } = noting(raw, async ({ write, phase }) => {
      if (takenOver || write !== "commit" || phase !== "before") return;
      if ((await raw.hooks.list()).data.length === 0) return;
      takenOver = true;
      await raw.leave(engine.worker.id);
      await raw.join("wrkr_other");
      await raw.lease("wrkr_other", 10);
      await raw.leave("wrkr_other");
    });
    const engine = await startEngine({ world });
    const run = await start(workflow("main"), ["t", 1]);
    await untilEvent(world, run.runId, "hook_created");
    const hook = await resumeHook("t", "mine");
    expect(hook.runId).toBe(run.runId);
    expect(await run.returnValue).toEqual(["mine"]);
    expect(takenOver).toBe(true);
  });

  test("a payload whose write was lost without an answer is reported as in doubt, and arrives at most once [02-2.4.ambiguous]", async () => {
    deploy(COLLECT, { note: async () => null });
    const raw = await openWorld();
    let losing: "none" | "next" | "this" = "none";
    const { world } = noting(raw, ({ write, phase }) => {
      if (write !== "commit" || losing === "none") return;
      // An event can be read before whoever wrote it has the answer: that of the turn before may come still.
      if (phase === "before") losing = "this";
      if (phase === "before" || losing === "next") return;
      losing = "none";
      throw Object.assign(new Error("the answer was lost"), { code: "WORLD_FAILED" });
    });
    await startEngine({ world });
    const run = await start(workflow("main"), ["t", 2]);
    await untilEvent(world, run.runId, "hook_created");
    losing = "next";
    const said = await resumeHook("t", "in doubt").then(
      ({ status }) => status,
      ({ code, message }) => `${code} ${message}`,
    );
    // A World that knows its turns when it is asked to write one again can tell.
    expect(said).toMatch(worldName === "postgres" ? /^delivered$/ : /^WORLD_FAILED .*hook "t" was stored is not known/);
    await resumeHook("t", "second");
    expect(await run.returnValue).toEqual(["in doubt", "second"]);
  });

  test("a hook that the run gave up, or a run that has ended, is not found; nothing is written [02-2.4.disposed] [02-2.4.not-found]", async () => {
    deploy(
      realmCode(
        [],
        `workflow("main", async () => {
          const hook = createHook({ token: "brief" });
          const go = createHook({ token: "go" });
          await go; hook.dispose(); await go; return 1;
        });`,
      ),
    );
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"), []);
    await untilEvent(world, run.runId, "hook_created", 2);
    await resumeHook("go", 1);
    await untilEvent(world, run.runId, "hook_disposed");
    await expect(resumeHook("brief", 1)).rejects.toSatisfy(HookNotFoundError.is);
    const both = await Promise.allSettled([resumeHook("go", 2), resumeHook("go", 3)]);
    expect(await run.returnValue).toBe(1);
    await expect(resumeHook("go", 4)).rejects.toSatisfy(HookNotFoundError.is);
    const delivered = (await eventTypes(world, run.runId)).filter((type) => type === "hook_received");
    expect(delivered).toHaveLength(1 + both.filter(({ status }) => status === "fulfilled").length);
  });

  test("a payload that asks to be held is held, when the run gives the hook up while it is on its way", async () => {
    deploy(
      realmCode(
        [],
        `workflow("main", async () => {
          const [go, brief] = [createHook({ token: "go" }), createHook({ token: "brief" })];
          await go; brief.dispose(); return go;
        });`,
      ),
    );
    const gate = Promise.withResolvers<void>();
    const reached = Promise.withResolvers<void>();
    let holding = false;
    const { world } = noting(await openWorld(), async ({ write, phase }) => {
      if (!holding || write !== "commit" || phase !== "before") return;
      holding = false;
      reached.resolve();
      await gate.promise;
    });
    await startEngine({ world });
    const run = await start(workflow("main"), []);
    await untilEvent(world, run.runId, "hook_created", 2);
    holding = true;
    const going = resumeHook("go", 1);
    await reached.promise;
    const early = resumeHook("brief", "early", { hold: "10m" });
    await setImmediate();
    gate.resolve();
    await going;
    expect(await early).toMatchObject({ status: "held", token: "brief" });
  });

  test("keyed and unkeyed payloads of one process, mixed, cost the run no replay and keep each caller's order", async () => {
    deploy(
      realmCode(
        [],
        `workflow("main", async () => {
          const seen = [];
          for await (const word of createHook({ token: "t" })) {
            if (word === "stop") return seen;
            seen.push(word);
          }
        });`,
      ),
    );
    const world = await openWorld();
    const engine = await startEngine({ world });
    const run = await start(workflow("main"), []);
    await untilEvent(world, run.runId, "hook_created");
    const callers = Array.from({ length: 10 }, async (_, caller) => {
      for (let n = 0; n < 20; n += 1) {
        const key = (caller + n) % 2 === 0 ? { idempotencyKey: `${caller} ${n}` } : {};
        await resumeHook("t", [caller, n], key);
      }
    });
    await Promise.all(callers);
    await resumeHook("t", "stop");
    const seen = (await run.returnValue) as [number, number][];
    expect(seen).toHaveLength(200);
    for (let caller = 0; caller < 10; caller += 1) {
      const own = seen.filter(([from]) => from === caller).map(([, n]) => n);
      expect(own).toEqual(Array.from({ length: 20 }, (_, n) => n));
    }
    expect(engine.worker.counts.replays).toBe(0);
    expect(engine.problems).toEqual([]);
  });
});
