import { createMemoryWorld } from "@workflow/world/testkit";
import { expect, onTestFinished, test, vi } from "vitest";
import { WorkflowWorldError } from "../world/errors.ts";
import { startWorker } from "./start-worker.ts";

async function printedWhenLeasingFails(error: Error): Promise<readonly unknown[]> {
  const print = vi.spyOn(console, "error").mockImplementation(() => {});
  onTestFinished(() => print.mockRestore());
  const world = { ...createMemoryWorld(), lease: () => Promise.reject(error) };
  const worker = await startWorker({ world, handleSignals: false });
  onTestFinished(() => worker.stop());
  await expect.poll(() => print.mock.calls.length).toBeGreaterThan(0);
  return print.mock.calls[0] ?? [];
}

test("a problem is printed with its reason", async () => {
  const printed = await printedWhenLeasingFails(new WorkflowWorldError("WORLD_FAILED", "the disk is full"));
  expect(printed).toEqual([
    expect.stringMatching(/^\[workflow\] .*looking for work.*: the disk is full \(WORLD_FAILED\)$/i),
  ]);
});

test("a problem that is not the engine's own is printed with its stack", async () => {
  const error = new TypeError("unexpected");
  expect(await printedWhenLeasingFails(error)).toEqual([expect.stringContaining("[workflow]"), error]);
});
