import { createMemoryWorld } from "@workflow/world/testkit";
import { expect, test } from "vitest";
import { runStepName } from "../replay/engine-steps.ts";
import { createRunSteps } from "./run-steps.ts";

test("waiting for the result of a run ends with the worker", async () => {
  const world = createMemoryWorld();
  const codeHash = "c".repeat(64);
  await world.code.put({ hash: codeHash, source: "", map: "" });
  const [runId, createdAt] = ["wrun_01ARZ3NDEKTSV4RRFFQ69G5FAV", world.clock.now()];
  await world.createRun({ runId, workflowName: "w", codeHash, input: "", attributes: {}, seed: "0", createdAt });
  const stopped = new AbortController();
  const waiting = createRunSteps(world, stopped.signal).get(runStepName("returnValue"))?.(runId);
  stopped.abort(new Error("The worker has stopped"));
  await expect(waiting).rejects.toThrow("The worker has stopped");
  await world.close();
});
