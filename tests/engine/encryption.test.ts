// Payloads that a process needs a key for (docs/encryption.md).
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { getWorkflowMetadata } from "workflow";
import { getRun, resumeHook, start } from "workflow/api";
import type { World } from "workflow/world";
import { createTestClock, type TestClock } from "@workflow/world/testkit";
import { createLocalWorld } from "../../packages/workflow/src/local/world.ts";
import { deploy, type Engine, passTime, realmCode, startEngine, workflow } from "../support/engine.ts";
import { untilEvent, untilProblem } from "../support/scenario.ts";

const KEY = "11".repeat(32);
const OTHER = "22".repeat(32);

const CODE = realmCode(
  ["look"],
  `workflow("main", async (value) => {
    const before = [getWorkflowMetadata().features.encryption, await look(value)];
    const said = await createHook({ token: "door" });
    return [...before, getWorkflowMetadata().features.encryption, await look(said)];
  });
  workflow("quick", async (value) => value);`,
);
const look = async (value: unknown): Promise<unknown> => [getWorkflowMetadata().features.encryption, value];

/** Processes, one after the other, on one data directory. */
function createPlace(
  clock?: TestClock,
): ((encryptionKeys: readonly string[]) => Promise<World & { end(): Promise<void> }>) & { readonly directory: string } {
  const directory = mkdtempSync(join(tmpdir(), "workflow-encryption-"));
  const running: { end(): Promise<void> }[] = [];
  onTestFinished(async () => {
    for (const one of running) await one.end();
    rmSync(directory, { recursive: true, force: true });
  });
  const process = async (encryptionKeys: readonly string[]): Promise<World & { end(): Promise<void> }> => {
    const world = await createLocalWorld({ directory, encryptionKeys, ...(clock !== undefined && { clock }) });
    const engine: Engine = await startEngine({ world });
    let ended: Promise<void> | undefined;
    const end = (): Promise<void> => (ended ??= engine.stop().then(() => world.close()));
    running.push({ end });
    return Object.assign(world, { end });
  };
  return Object.assign(process, { directory });
}

test.each([
  ["with a key", true, [KEY], [KEY, OTHER]],
  ["without one", false, [], [KEY]],
])(
  "a run that began %s says so in its code and its steps, also after a restart with other keys [01-1.11.fields] [06-6.9.encryption]",
  async (_what, encryption, first, second) => {
    deploy(CODE, { look });
    const process = createPlace();
    const before = await process(first);
    const run = await start(workflow("main"), ["x".repeat(100_000)]);
    await untilEvent(before, run.runId, "hook_created");
    await before.end();
    const after = await process(second);
    await resumeHook("door", "hello");
    const { output } = await after.runs.waitForTerminalStatus(run.runId);
    expect(JSON.parse(output?.slice(4) ?? "").filter((value: unknown) => typeof value === "boolean")).toEqual([
      encryption,
    ]);
    expect(output).toContain("hello");
  },
);

test("a run whose key is missing is put aside, and goes on once a process has the key [03-3.5] [06-6.10.decryption]", async () => {
  deploy(CODE, { look });
  const clock = createTestClock();
  const process = createPlace(clock);
  const first = await process([KEY]);
  const run = await start(workflow("main"), ["a"]);
  await untilEvent(first, run.runId, "hook_created");
  await first.end();

  const without = await process([OTHER]);
  await resumeHook("door", "b");
  expect(await untilProblem(without, run.runId)).toEqual({
    code: "DECRYPTION_FAILED",
    message: expect.stringMatching(/encrypted with key [\da-f]{8}, and this process does not have that key/),
  });
  expect((await without.runs.get(run.runId)).status).toBe("running");
  await without.end();

  const again = await process([KEY, OTHER]);
  await passTime(clock, async () => (await again.runs.get(run.runId)).status === "completed");
  const { output, problem } = await again.runs.get(run.runId);
  expect(output).toContain('"b"');
  expect(problem).toBeUndefined();
});

test("a payload that a live run cannot read puts it aside, and nothing of it is lost", async () => {
  deploy(CODE, { look });
  const clock = createTestClock();
  const process = createPlace(clock);
  const first = await process([KEY]);
  const run = await start(workflow("main"), ["a"]);
  await untilEvent(first, run.runId, "hook_created");
  const stranger = await createLocalWorld({ directory: process.directory, clock, encryptionKeys: [OTHER] });
  await stranger.deliver({ token: "door" }, { type: "hook_received", data: {}, at: 0, payload: 'devl["b"]' });
  await stranger.close();
  await passTime(clock, async () => (await first.runs.get(run.runId)).problem !== undefined);
  expect((await first.runs.get(run.runId)).problem).toMatchObject({ code: "DECRYPTION_FAILED" });
  await first.end();

  const again = await process([OTHER, KEY]);
  await passTime(clock, async () => (await again.runs.get(run.runId)).status === "completed");
  expect((await again.runs.get(run.runId)).output).toContain('"b"');
});

test("a run whose key is lost can be cancelled, and results say why they cannot be read [03-3.3.RuntimeDecryptionError] [03-3.6.decryption] [06-6.10.decryption]", async () => {
  deploy(CODE, { look });
  const process = createPlace();
  const first = await process([KEY]);
  const [run, quick] = [await start(workflow("main"), ["a"]), await start(workflow("quick"), ["b"])];
  expect(await quick.returnValue).toBe("b");
  await untilEvent(first, run.runId, "hook_created");
  await first.end();
  const without = await process([]);
  await expect(getRun(quick.runId).returnValue).rejects.toMatchObject({
    name: "RuntimeDecryptionError",
    code: "DECRYPTION_FAILED",
    context: { operation: "decrypt", byteLength: expect.any(Number), formatPrefix: "encr" },
  });
  await resumeHook("door", "b");
  await untilProblem(without, run.runId);
  await getRun(run.runId).cancel();
  expect((await without.runs.waitForTerminalStatus(run.runId)).status).toBe("cancelled");
});
