// A run keeps the workflow code it started with (README, "A run keeps its code").
import { rmSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { resumeHook, type Run, start } from "workflow/api";
import type { World } from "workflow/world";
import { addFiles, makeProject } from "../../packages/workflow/src/build/fixtures/project.ts";
import { createSourceDeployment } from "../../packages/workflow/src/build/source-deployment.ts";
import { registeredSteps } from "../../packages/workflow/src/compiler/registration.ts";
import { installDeployment } from "../../packages/workflow/src/worker/deployment.ts";
import { describeEngine, untilEvent } from "../support/scenario.ts";

const BEFORE = {
  "src/terms.ts": `export const terms = { rate: 2, name: "old" };`,
  "src/order.ts": `import { createHook, sleep } from "workflow";
import { terms } from "./terms.ts";
export async function order(id: string) {
  "use workflow";
  const amount = await createHook<number>({ token: id });
  await sleep(1);
  return [terms.name, await price(amount * terms.rate)];
}
async function price(amount: number) { "use step"; return amount; }`,
};

/** Other constants in an imported file; and a step more, in the place where a run of before has its hook. */
const AFTER = {
  "src/terms.ts": `export const terms = { rate: 3, name: "new" };`,
  "src/order.ts": `import { createHook } from "workflow";
import { terms } from "./terms.ts";
export async function order(id: string) {
  "use workflow";
  await check(id);
  const amount = await createHook<number>({ token: id });
  return [terms.name, await price(amount * terms.rate), await check("again")];
}
async function price(amount: number) { "use step"; return amount; }
async function check(id: string) { "use step"; return id; }`,
};

/** What a process does when it comes up: the files that are there become the deployed code. */
function deployProject(root: string): void {
  installDeployment(createSourceDeployment({ root, appLoaded: () => Promise.resolve() }));
}

function deploySteps(prefix: string): void {
  registeredSteps().clear();
  registeredSteps().set("step//./src/order//price", { fn: async (amount) => `${prefix} ${String(amount)}` });
  registeredSteps().set("step//./src/order//check", { fn: async (id) => id });
}

const startOrder = (id: string): Promise<Run> => start({ workflowId: "workflow//./src/order//order" }, [id]);

async function codeHashOf(world: World, { runId }: Run): Promise<unknown> {
  const [created] = (await world.read(runId, 0)).history;
  return created?.type === "run_created" ? created.data.codeHash : undefined;
}

describeEngine("a code change", ({ openWorld, startEngine }) => {
  test.each(["stays in memory", "is replayed"])(
    "reaches new runs, while a run that was parked before it and %s ends by its own code [07-7.11.pinned]",
    async (fate) => {
      const root = makeProject(BEFORE);
      onTestFinished(() => rmSync(root, { recursive: true, force: true }));
      const world = await openWorld();
      const engine = await startEngine({ world });
      deployProject(root);
      deploySteps("before:");
      const old = await startOrder("old-order");
      await untilEvent(world, old.runId, "hook_created");
      if (fate === "is replayed") await engine.stop();

      addFiles(root, AFTER);
      deployProject(root);
      deploySteps("after:");
      if (fate === "is replayed") await startEngine({ world });
      const young = await startOrder("new-order");
      await untilEvent(world, young.runId, "hook_created");

      await resumeHook("new-order", 10);
      await resumeHook("old-order", 10);
      expect(await old.returnValue).toEqual(["old", "after: 20"]);
      expect(await young.returnValue).toEqual(["new", "after: 30", "again"]);
      expect(await codeHashOf(world, old)).not.toBe(await codeHashOf(world, young));
      expect((await world.runs.get(old.runId)).problem).toBeUndefined();
    },
  );

  test("reaches the next attempt of a step where the deployment is asked to catch up before it", async () => {
    const root = makeProject(BEFORE);
    onTestFinished(() => rmSync(root, { recursive: true, force: true }));
    const world = await openWorld();
    await startEngine({ world });
    const catchUp = async (): Promise<void> => deploySteps("caught up:");
    installDeployment({ ...createSourceDeployment({ root, appLoaded: () => Promise.resolve() }), catchUp });
    deploySteps("before:");
    const order = await startOrder("order");
    await untilEvent(world, order.runId, "hook_created");
    await resumeHook("order", 10);
    expect(await order.returnValue).toEqual(["old", "caught up: 20"]);
  });
});
