// What the contract says about replays, races and order (01 section 1.17, 07 sections 7.6, 7.13 and 7.16).
import { expect, test } from "vitest";
import { getWorkflowMetadata } from "workflow";
import { resumeHook, start } from "workflow/api";
import { createTestClock } from "@workflow/world/testkit";
import { deploy, passTime, realmCode, workflow } from "../support/engine.ts";
import { describeEngine, eventTypes, untilEvent } from "../support/scenario.ts";

describeEngine("contract: replay", ({ openWorld, startEngine }) => {
  test("after three replays a step has run once, and chance, ids and times are as they were [01-1.17.1] [01-1.17.2] [01-1.11.stable] [07-7.13.seed]", async () => {
    const noted: unknown[] = [];
    const begun: Date[] = [];
    deploy(
      realmCode(
        ["note"],
        `const chance = () => [Math.random(), crypto.randomUUID(), [...crypto.getRandomValues(new Uint8Array(4))]];
         workflow("main", async () => {
           const before = chance();
           const first = await note(before);
           await sleep(1);
           const after = chance();
           const rounds = [];
           for (const token of ["a", "b", "c"]) rounds.push(await createHook({ token }));
           await note([before, after]);
           return { first, rounds, times: [getWorkflowMetadata().workflowStartedAt, getWorkflowMetadata().workflowStartedAt] };
         });`,
      ),
      {
        note: async (what) => {
          begun.push(getWorkflowMetadata().workflowStartedAt);
          return noted.push(what);
        },
      },
    );
    const world = await openWorld();
    let engine = await startEngine({ world });
    const run = await start<{ first: number; rounds: unknown; times: Date[] }>(workflow("main"));
    const replays: number[] = [];
    for (const [index, token] of ["a", "b", "c"].entries()) {
      await untilEvent(world, run.runId, "hook_created", index + 1);
      await engine.stop();
      engine = await startEngine({ world });
      await resumeHook(token, token);
      if (token !== "c") await untilEvent(world, run.runId, "hook_created", index + 2);
      else await run.returnValue;
      replays.push(engine.worker.counts.replays);
    }
    expect(replays).toEqual([1, 1, 1]);
    const { first, rounds, times } = await run.returnValue;
    expect([first, rounds, noted.length]).toEqual([1, ["a", "b", "c"], 2]);
    const [before, after] = noted[1] as [unknown, unknown];
    expect(before).toEqual(noted[0]);
    expect(after).not.toEqual(before);
    expect(times).toEqual(begun);
  });

  test("what came while nobody worked arrives in the order of the history, each with all that follows from it [07-7.16.between] [07-7.13.one-at-a-time] [07-7.7.once]", async () => {
    deploy(
      realmCode(
        [],
        `workflow("main", async () => {
          const order = [];
          const follow = async (name) => {
            const hook = createHook({ token: name });
            order.push(await hook);
            for (let turn = 0; turn < 5; turn++) { await null; order.push(name + turn); }
          };
          await Promise.all([follow("a"), follow("b")]);
          return order;
        });`,
      ),
    );
    const world = await openWorld();
    const engine = await startEngine({ world });
    const run = await start(workflow("main"), []);
    await untilEvent(world, run.runId, "hook_created", 2);
    await engine.stop();
    await resumeHook("b", "B");
    await resumeHook("a", "A");
    await startEngine({ world });
    expect(await run.returnValue).toEqual(["B", "b0", "b1", "b2", "b3", "b4", "A", "a0", "a1", "a2", "a3", "a4"]);
  });

  test.each(["race", "any"])(
    "Promise.%s is won by who came first in the history, also at a replay [07-7.16.winner] [07-7.16.late-loser]",
    async (combinator) => {
      const gate = Promise.withResolvers<void>();
      deploy(
        realmCode(
          ["slow", "fast"],
          `workflow("main", async () => {
          const won = await Promise.${combinator}([slow(), fast()]);
          return [won, await createHook({ token: "go" })];
        });`,
        ),
        {
          slow: async () => {
            await gate.promise;
            return "slow";
          },
          fast: async () => "fast",
        },
      );
      const world = await openWorld();
      const engine = await startEngine({ world });
      const run = await start(workflow("main"), []);
      await untilEvent(world, run.runId, "hook_created");
      gate.resolve();
      await untilEvent(world, run.runId, "step_completed", 2);
      await engine.stop();
      const { worker } = await startEngine({ world });
      await resumeHook("go", "on");
      expect(await run.returnValue).toEqual(["fast", "on"]);
      expect(worker.counts.replays).toBe(1);
    },
  );

  test("of a sleep that is over and a payload that came meanwhile, the first in the history wins [07-7.16.sleep-or-hook]", async () => {
    const clock = createTestClock(Date.now());
    deploy(
      realmCode(
        [],
        `workflow("main", async () => {
          const hook = createHook({ token: "t" });
          return Promise.race([hook, sleep("1h").then(() => "slept")]);
        });`,
      ),
    );
    const world = await openWorld(clock);
    const engine = await startEngine({ world });
    const run = await start(workflow("main"), []);
    await passTime(clock, async () => (await eventTypes(world, run.runId)).includes("wait_created"));
    await engine.stop();
    await resumeHook("t", "payload");
    clock.advance(2 * 60 * 60 * 1000);
    await startEngine({ world });
    await passTime(clock, async () => (await run.status) === "completed");
    const first = (await eventTypes(world, run.runId)).find(
      (type) => type === "hook_received" || type === "wait_completed",
    );
    expect(await run.returnValue).toBe(first === "hook_received" ? "payload" : "slept");
  });

  test("try, catch and finally never see that a run waits, live or replayed [07-7.6.no-thrown-control-flow]", async () => {
    deploy(
      realmCode(
        ["work"],
        `workflow("main", async () => {
          const seen = [];
          try {
            seen.push(await work(1));
            await sleep(1);
            seen.push(await createHook({ token: "go" }));
          } catch (error) {
            seen.push("caught " + error);
          } finally {
            seen.push("finally");
          }
          return seen;
        });`,
      ),
      { work: async (n) => n },
    );
    const world = await openWorld();
    const engine = await startEngine({ world });
    const run = await start(workflow("main"), []);
    await untilEvent(world, run.runId, "hook_created");
    await engine.stop();
    await startEngine({ world });
    await resumeHook("go", 2);
    expect(await run.returnValue).toEqual([1, 2, "finally"]);
  });

  test("combinators, loops, closures and generators are the language's, also at a replay [01-1.1.language] [01-1.3.callbacks]", async () => {
    const body = `
      const log = [];
      const add = async (n) => { log.push(await work(n)); return n; };
      for (const n of [1, 2]) await add(n);
      const settled = (await Promise.allSettled([work(3), work(-1)])).map(({ status }) => status);
      const any = await Promise.any([work(-1), work(4)]);
      const all = await Promise.all([5, 6].map(async (n) => { const got = await work(n); log.push(got); return got * 2; }));
      async function* numbers() { for (let n = 7; n < 9; n++) yield await work(n); }
      for await (const n of numbers()) log.push(n);
      const label = await (async () => { outer: for (;;) { for (;;) { if ((await work(9)) === 9) break outer; } } return "out"; })();
      log.push(await hook);
      return { log: log.sort(), settled, any, all, label };`;
    deploy(
      realmCode(
        ["work"],
        `workflow("main", async () => { const hook = createHook({ token: "go" }); await hook.getConflict(); ${body} });`,
      ),
      {
        work: Object.assign(
          async (n: unknown) => {
            if ((n as number) < 0) throw new RangeError("negative");
            return n;
          },
          { maxRetries: 0 },
        ),
      },
    );
    const world = await openWorld();
    const engine = await startEngine({ world });
    const run = await start(workflow("main"), []);
    await untilEvent(world, run.runId, "step_completed", 9);
    await engine.stop();
    const { worker } = await startEngine({ world });
    await resumeHook("go", 10);
    expect(await run.returnValue).toEqual({
      log: [1, 10, 2, 5, 6, 7, 8],
      settled: ["fulfilled", "rejected"],
      any: 4,
      all: [10, 12],
      label: "out",
    });
    expect(worker.counts.replays).toBe(1);
  });
});
