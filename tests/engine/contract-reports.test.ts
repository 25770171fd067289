// What an operator is told of runs (contract 03 section 3.7), and how long a run may be (07 section 7.18).
import { format } from "node:util";
import { expect, onTestFinished, test, vi } from "vitest";
import { start } from "workflow/api";
import { setWorld, startWorker } from "workflow/runtime";
import { createMemoryWorld } from "@workflow/world/testkit";
import { deploy, realmCode, startEngine, workflow } from "../support/engine.ts";

test("a run that failed is printed with its chain of causes and the errors of an aggregate, one to a line [03-3.7.chain]", async () => {
  deploy(
    realmCode(
      [],
      `workflow("main", async () => {
        const innermost = Object.assign(new TypeError("no route"), { code: "E_ROUTE" });
        const failed = [new RangeError("first try"), new Error("second try", { cause: innermost })];
        throw new Error("order failed", { cause: new AggregateError(failed, "all tries failed") });
      });`,
    ),
  );
  const print = vi.spyOn(console, "error").mockImplementation(() => {});
  onTestFinished(() => print.mockRestore());
  const world = createMemoryWorld();
  setWorld(world);
  const worker = await startWorker({ world, handleSignals: false });
  onTestFinished(() => worker.stop());
  const run = await start(workflow("main"));
  await run.returnValue.catch(() => {});
  await expect.poll(() => print.mock.calls).toHaveLength(1);
  const printed = format(...(print.mock.calls[0] ?? []));
  for (const part of [
    "Error: order failed",
    "AggregateError: all tries failed",
    "RangeError: first try",
    "Error: second try",
  ]) {
    expect(printed).toMatch(new RegExp(`^.*${part}$`, "m"));
  }
  expect(printed).toMatch(/^.*TypeError: no route$/m);
  expect(printed).toContain("code: 'E_ROUTE'");
  expect(printed).toContain(run.runId);
});

test("twenty thousand steps in a row pass [07-7.18.2]", { timeout: 60_000 }, async () => {
  deploy(
    realmCode(
      ["next"],
      `workflow("main", async (n) => { let x = 0; for (let i = 0; i < n; i++) x = await next(x); return x; });`,
    ),
    { next: async (x) => (x as number) + 1 },
  );
  const engine = await startEngine({ world: createMemoryWorld() });
  onTestFinished(() => engine.stop());
  expect(await (await start<[number], number>(workflow("main"), [20_000])).returnValue).toBe(20_000);
});
