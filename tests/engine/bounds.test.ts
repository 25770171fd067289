import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { getHookByToken, resumeHook, start } from "workflow/api";
import { setWorld } from "workflow/runtime";
import { withFaults } from "@workflow/world/testkit";
import { deploy, realmCode, workflow } from "../support/engine.ts";
import { describeEngine } from "../support/scenario.ts";

const MOST_IN_FLIGHT = 1_000;

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await setImmediate();
}

describeEngine("bounded memory", ({ openWorld, startEngine }) => {
  test("a full worker takes no more runs, and takes them as soon as it has room", async () => {
    let running = 0;
    let most = 0;
    deploy(realmCode(["work"], `workflow("main", async (n) => [await work(n), await work(n)]);`), {
      work: async (n) => {
        running += 1;
        most = Math.max(most, running);
        await setImmediate();
        running -= 1;
        return n;
      },
    });
    const world = await openWorld();
    const { problems } = await startEngine({ world, liveRuns: 5, sweepMs: 60_000 });
    const runs = await Promise.all(Array.from({ length: 60 }, (_, n) => start(workflow("main"), [n])));
    const results = await Promise.all(runs.map((run) => run.returnValue));
    expect(results).toEqual(runs.map((_, n) => [n, n]));
    // A worker that is full still takes one when it looks, so that no run is kept from everyone.
    expect(most).toBeLessThanOrEqual(8);
    expect(problems).toEqual([]);
  });

  test("runs that are let go and brought back all the time come to the same", async () => {
    deploy(
      realmCode(
        ["note"],
        `workflow("main", async (n) => {
          const hook = createHook({ token: "b" + n });
          let sum = 0;
          for (let i = 0; i < 3; i++) {
            sum += await hook;
            if (i === 1) await sleep(1);
            sum = await note(sum);
          }
          return sum;
        });`,
      ),
      { note: async (sum) => (sum as number) * 2 },
    );
    const world = await openWorld();
    const { worker } = await startEngine({ world, liveRuns: 2 });
    const numbers = Array.from({ length: 20 }, (_, n) => n);
    const runs = await Promise.all(numbers.map((n) => start(workflow("main"), [n])));
    for (const n of numbers) {
      while ((await getHookByToken(`b${n}`).catch(() => undefined)) === undefined) await setImmediate();
    }
    await Promise.all([1, 2, 3].flatMap((payload) => numbers.map((n) => resumeHook(`b${(n * 7) % 20}`, payload))));
    expect(await Promise.all(runs.map((run) => run.returnValue))).toEqual(numbers.map(() => 22));
    expect(worker.counts.replays).toBeGreaterThan(10);
  });

  test("starts and resumes wait in line when the World falls behind, and all succeed", async () => {
    deploy(realmCode([], `workflow("main", async (token) => createHook({ token }));`));
    const raw = await openWorld();
    let gate = Promise.withResolvers<void>();
    let held = 0;
    const slow = withFaults(raw, async ({ write, phase }) => {
      if (phase !== "before" || (write !== "createRun" && write !== "deliver")) return;
      held += 1;
      await gate.promise;
    });
    setWorld(slow);
    const calls = Array.from({ length: MOST_IN_FLIGHT + 500 }, (_, n) => n);
    const starts = calls.map((n) => start(workflow("main"), [`t${n}`]));
    await until(() => held >= MOST_IN_FLIGHT);
    for (let pass = 0; pass < 20; pass += 1) await setImmediate();
    expect(held).toBe(MOST_IN_FLIGHT);
    gate.resolve();
    expect(await Promise.all(starts)).toHaveLength(calls.length);
    expect(held).toBe(calls.length);

    // One run is enough to be resumed very often.
    await startEngine({ world: raw });
    while ((await raw.hooks.list()).data.length === 0) await setImmediate();
    const [hook] = (await raw.hooks.list()).data;
    setWorld(slow);
    gate = Promise.withResolvers();
    held = 0;
    const resumes = calls.map((n) => resumeHook(hook?.token ?? "", n));
    const settled = Promise.allSettled(resumes);
    await until(() => held >= MOST_IN_FLIGHT);
    for (let pass = 0; pass < 20; pass += 1) await setImmediate();
    expect(held).toBe(MOST_IN_FLIGHT);
    gate.resolve();
    const outcomes = await settled;
    expect(outcomes.filter(({ status }) => status === "fulfilled").length).toBeGreaterThan(0);
    expect(held).toBe(calls.length);
  });
});
