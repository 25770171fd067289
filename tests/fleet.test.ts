import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createWorld } from "@workflow/world-postgres";
import { LEASE_TTL_MS, type World } from "workflow/world";
import { type Child, startNode } from "./support/child.ts";
import { worldEnvironment } from "./support/postgres/world-environment.ts";

const FOLDER = join(import.meta.dirname, "fixtures/fleet");

/** Several processes on one database. Real time: what is tested is what happens to processes, and how long it takes. */
interface Place {
  readonly world: World;
  /** A worker that has joined: how many places it has, and the run that it starts. */
  worker(places: number, steps?: number, ms?: number): Promise<Child>;
  openGate(): void;
}

async function place(): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), "fleet-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const env = await worldEnvironment();
  const world = await createWorld({
    connectionString: env.WORKFLOW_POSTGRES_URL,
    schema: env.WORKFLOW_POSTGRES_SCHEMA,
  });
  onTestFinished(() => world.close());
  const gate = join(folder, "gate");
  return {
    world,
    async worker(places, ...run) {
      const args = ["--import", "workflow/register", "worker.ts", String(places), ...run.map(String)];
      const child = startNode(args, { cwd: FOLDER, env: { ...env, GATE: gate, WORKFLOW_WORKER: "off" } });
      onTestFinished(async () => void (await child.kill("SIGKILL")));
      await child.line(/^worker joined$/);
      return child;
    },
    openGate: () => writeFileSync(gate, ""),
  };
}

/** The bodies that have begun: which step, which attempt. */
function begun({ stdout }: Child): readonly (readonly [n: number, attempt: number])[] {
  return [...stdout.matchAll(/^begin (\d+) (\d+)$/gm)].map(([, n, attempt]) => [Number(n), Number(attempt)] as const);
}

async function ended(world: World, runId: string): Promise<void> {
  const run = await world.runs.waitForTerminalStatus(runId, { timeoutMs: 30_000 });
  expect(run.status).toBe("completed");
  const { data } = await world.events.list({ runId, pagination: { limit: 1000 } });
  const results = data.filter(({ eventType }) => eventType === "step_completed").map((event) => event.correlationId);
  expect(new Set(results).size).toBe(results.length);
  expect(results).toHaveLength((await world.steps.list({ runId, pagination: { limit: 1000 } })).data.length);
}

/** A run of three steps: one in the process that owns it, two in another. */
async function shared(worker: Place["worker"]): Promise<{ owner: Child; other: Child; runId: string }> {
  const other = await worker(2);
  const owner = await worker(1, 3, 0);
  const [, runId = ""] = await owner.line(/^started (\S+)$/);
  await expect.poll(() => [begun(owner).length, begun(other).length], { timeout: 10_000 }).toEqual([1, 2]);
  return { owner, other, runId };
}

test("a run whose owner is full has the places of the whole fleet", { timeout: 60_000 }, async () => {
  const { world, worker, openGate } = await place();
  const fleet = [await worker(2), await worker(2), await worker(2)];
  const owner = await worker(2, 11, 0);
  const [, runId = ""] = await owner.line(/^started (\S+)$/);
  fleet.push(owner);
  // All at once: no step has ended.
  await expect.poll(() => fleet.map((one) => begun(one).length), { timeout: 15_000 }).toEqual([2, 2, 2, 2]);
  openGate();
  await ended(world, runId);
  const all = fleet.flatMap(begun);
  expect(all.toSorted(([a], [b]) => a - b)).toEqual(Array.from({ length: 11 }, (_, n) => [n, 1]));
});

test("a process that is killed costs its steps an attempt, wherever their run is", { timeout: 60_000 }, async () => {
  const { world, openGate, worker } = await place();
  const { owner, other, runId } = await shared(worker);
  await other.kill("SIGKILL");
  openGate();
  await ended(world, runId);
  const lost = begun(other).map(([n]) => [n, 2]);
  expect(begun(owner).slice(1).toSorted()).toEqual(lost.toSorted());
});

test("the death of the owner interrupts none of the steps elsewhere", { timeout: 60_000 }, async () => {
  const { world, openGate, worker } = await place();
  const { owner, other, runId } = await shared(worker);
  const [own] = begun(owner);
  await owner.kill("SIGKILL");
  const elsewhere = begun(other);
  openGate();
  await ended(world, runId);
  expect(begun(other)).toEqual([...elsewhere, [own?.[0], 2]]);
});

test("a process that is stopped past its lease changes nothing when it goes on", { timeout: 60_000 }, async () => {
  const { world, openGate, worker } = await place();
  const { owner, other, runId } = await shared(worker);
  process.kill(other.pid, "SIGSTOP");
  const stopped = performance.now();
  const third = await worker(2);
  // The owner has one place, and its own step is in it: interrupted steps are tried again by the owner itself.
  await expect.poll(async () => (await world.read(runId, 0)).offered ?? [], { timeout: 2 * LEASE_TTL_MS }).toEqual([]);
  expect(performance.now() - stopped).toBeGreaterThan(LEASE_TTL_MS / 2);
  process.kill(other.pid, "SIGCONT");
  for (const [n] of begun(other)) await other.line(new RegExp(`^aborted ${n} 1$`));
  openGate();
  await ended(world, runId);
  expect(begun(third)).toEqual([]);
  expect(begun(other)).toHaveLength(2);
  expect(begun(owner).slice(1).toSorted()).toEqual(
    begun(other)
      .map(([n]) => [n, 2])
      .toSorted(),
  );
});
