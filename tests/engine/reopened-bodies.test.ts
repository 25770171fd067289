import { expect, test } from "vitest";
import { resumeHook, start } from "workflow/api";
import { LeaseLostError } from "workflow/world";
import { withFaults } from "@workflow/world/testkit";
import { deploy, realmCode, workflow } from "../support/engine.ts";
import { describeEngine, untilEvent } from "../support/scenario.ts";

const CODE = realmCode(
  ["early", "late", "quick"],
  `workflow("rounds", async (round = 0) => {
     const hook = createHook({ token: "rounds" });
     if (round === 0) { void early(); await quick(); return continueAsNew(1); }
     const done = late();
     await hook;
     await quick();
     return done;
   });`,
);

describeEngine("bodies of a run that is opened again", ({ openWorld, startEngine }) => {
  test("a body that ends while the run is opening takes nothing along: no other overlaps itself", async () => {
    const early = Promise.withResolvers<void>();
    const late = Promise.withResolvers<string>();
    const opening = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    const bodies: string[] = [];
    deploy(CODE, {
      early: () => early.promise,
      late: () => (bodies.push("late"), late.promise),
      quick: async () => {},
    });
    const inner = await openWorld();
    let lost = false;
    const faulty = withFaults(inner, ({ write, phase }) => {
      if (write !== "commit" || phase === "after" || !lost) return;
      lost = false;
      throw new LeaseLostError("Another worker had it for a moment");
    });
    const world = {
      ...faulty,
      async read(runId: string, after: number) {
        const read = await inner.read(runId, after);
        const [created] = read.history;
        if (created?.type !== "run_created" || created.data.generation !== 1 || bodies.length > 0) return read;
        opening.resolve();
        await gate.promise;
        return read;
      },
    };
    await startEngine({ world });
    const run = await start(workflow("rounds"), []);
    await opening.promise;
    early.resolve();
    await new Promise((resolve) => setImmediate(resolve));
    gate.resolve();
    await untilEvent(inner, run.runId, "step_started");
    await expect.poll(() => bodies).toEqual(["late"]);
    lost = true;
    await resumeHook("rounds", null);
    await untilEvent(inner, run.runId, "step_completed");
    expect(bodies).toEqual(["late"]);
    late.resolve("done");
    await expect(run.returnValue).resolves.toBe("done");
  });
});
