import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTestClock } from "@workflow/world/testkit";
import { expect, onTestFinished, test } from "vitest";
import { start } from "workflow/api";
import { overwriteEveryPage } from "../../packages/workflow/src/local/fixtures/damage.ts";
import { MAY_MOUNT, mountSmallDisk } from "../../packages/workflow/src/local/fixtures/small-disk.ts";
import { createLocalWorld, type LocalWorldOptions } from "../../packages/workflow/src/local/world.ts";
import { deploy, type Engine, passTime, realmCode, startEngine, workflow } from "../support/engine.ts";
import { untilEvent } from "../support/scenario.ts";

/** A worker on a World in `directory`, stopped and closed with the test. */
async function engineOn(directory: string, options: LocalWorldOptions = {}): Promise<Engine> {
  const world = await createLocalWorld({ ...options, directory });
  onTestFinished(() => world.close());
  const engine = await startEngine({ world, graceMs: 1_000 });
  onTestFinished(() => engine.stop());
  return engine;
}

/** A workflow of one step, whose body waits for `goOn` and counts how often it was called. */
function deployOneStep(): { readonly bodies: () => number; readonly goOn: () => void } {
  const gate = Promise.withResolvers<void>();
  let bodies = 0;
  deploy(realmCode(["work"], `workflow("main", async () => (await work()) + 1);`), {
    work: async () => {
      bodies += 1;
      await gate.promise;
      return 41;
    },
  });
  return { bodies: () => bodies, goOn: gate.resolve };
}

test.skipIf(!MAY_MOUNT)(
  "a step that ends on a full disk is recorded once there is space (Linux, as root)",
  async () => {
    const disk = mountSmallDisk();
    const clock = createTestClock();
    const { bodies, goOn } = deployOneStep();
    const { world, reports } = await engineOn(join(disk.path, "data"), { clock });
    const run = await start<number>(workflow("main"));
    await untilEvent(world, run.runId, "step_started");
    const aboutRun = (): string[] => reports.filter((report) => report.includes(run.runId));

    disk.fill();
    goOn();
    await passTime(clock, async () => aboutRun().length > 0);
    for (let seconds = 0; seconds < 60; seconds++) {
      await clock.advanceSettled(1_000);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(aboutRun()).toEqual([expect.stringContaining("the disk is full")]);
    expect(await world.runs.get(run.runId)).toMatchObject({ status: "running" });

    disk.free();
    await passTime(clock, async () => (await run.status) === "completed");
    expect(await run.returnValue).toBe(42);
    expect(bodies()).toBe(1);
  },
);

test("a file that is damaged under a running worker is reported, and the process goes on", async () => {
  const directory = mkdtempSync(join(tmpdir(), "workflow-damaged-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const { goOn } = deployOneStep();
  const { world, reports } = await engineOn(directory);
  const run = await start<number>(workflow("main"));
  await untilEvent(world, run.runId, "step_started");

  overwriteEveryPage(directory);
  goOn();
  const damaged = /workflow\.db is damaged\. Move the file aside and restore a backup/;
  await expect.poll(() => reports.join("\n"), { timeout: 10_000 }).toMatch(damaged);
  await expect(start(workflow("main"))).rejects.toThrow(damaged);
});
