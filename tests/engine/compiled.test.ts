// Workflow code as users write it: compiled, bundled, and run in the realm.
import { expect, test } from "vitest";
import { start } from "workflow/api";
import { makeProject } from "../../packages/workflow/src/build/fixtures/project.ts";
import { createSourceDeployment } from "../../packages/workflow/src/build/source-deployment.ts";
import { installDeployment } from "../../packages/workflow/src/worker/deployment.ts";
import { describeEngine, untilProblem } from "../support/scenario.ts";

const FLOW = `import { sleep } from "workflow";
import { pick } from "./pick";

export async function breaks(order?: { id: string }): Promise<string> {
  "use workflow";
  await sleep(1);
  return pick(order as { id: string });
}

export async function spins() {
  "use workflow";
  await sleep(1);
  for (let n = 0; ; n++) {
    if (n < 0) break;
  }
}
`;
const PICK = `export function pick(order: { id: string }): string {
  return order.id.toUpperCase();
}
`;

function deployProject(): void {
  const root = makeProject({ "src/flow.ts": FLOW, "src/pick.ts": PICK });
  installDeployment(createSourceDeployment({ root, appLoaded: () => Promise.resolve() }));
}

describeEngine("compiled", ({ openWorld, startEngine }) => {
  test("an error in a workflow names the user's files and lines, and nothing of the engine", async () => {
    deployProject();
    const world = await openWorld();
    await startEngine({ world });
    const run = await start({ workflowId: "workflow//./src/flow//breaks" }, []);
    const error = (await run.returnValue.catch((reason: unknown) => reason)) as { cause: Error };
    const frames = (error.cause.stack ?? "").split("\n").slice(1);
    expect(frames.map((frame) => frame.trim())).toEqual([
      expect.stringMatching(/^at pick \(src\/pick\.ts:2:\d+\)$/),
      expect.stringMatching(/^at breaks \(src\/flow\.ts:7:\d+\)$/),
    ]);
  });

  test("an endless loop is stopped where it stands", async () => {
    deployProject();
    const world = await openWorld();
    await startEngine({ world, turnTimeoutMs: 50 });
    const run = await start({ workflowId: "workflow//./src/flow//spins" }, []);
    const problem = await untilProblem(world, run.runId);
    expect(problem.code).toBe("WORKFLOW_STUCK");
    expect(problem.message).toMatch(/at src\/flow\.ts:1[3-5]:\d+/);
  });
});
