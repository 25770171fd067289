import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { createTestClock, type TestClock } from "@workflow/world/testkit";
import { onTestFinished, expect, test } from "vitest";
import type { NewEvent } from "../world/events.ts";
import { DROPPED_MEMORY_MS, KEY_MEMORY_MS, type Lease, type World } from "../world/world.ts";
import { completed, newRun, openWorld, own, started, temporaryDirectory, turn } from "./fixtures/scene.ts";

interface Scene {
  readonly world: World;
  readonly clock: TestClock;
  rows(table: "keys" | "held" | "hooks" | "answers"): number;
}

async function openScene(): Promise<Scene> {
  const directory = temporaryDirectory();
  const clock = createTestClock();
  const world = await openWorld(directory, { clock });
  const file = new DatabaseSync(join(directory, "workflow.db"), { readOnly: true });
  onTestFinished(() => file.close());
  await world.join("wrkr_a");
  return { world, clock, rows: (table) => Number(file.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.["n"]) };
}

function hook(token: string, tokenRetentionUntil?: number): NewEvent {
  const data = { token, isWebhook: false, ...(tokenRetentionUntil !== undefined && { tokenRetentionUntil }) };
  return { type: "hook_created", correlationId: `hook_${token}`, data, at: 0 };
}

function disposed(token: string): NewEvent {
  return { type: "hook_disposed", correlationId: `hook_${token}`, data: {}, at: 0 };
}

async function knock(world: World, key: string): Promise<void> {
  const fact = { type: "hook_received", data: {}, payload: "devl[1]", at: 0 } as const;
  await world.deliver({ token: "door" }, fact, { idempotencyKey: key });
}

/** A run that is started and has hooks. */
async function withHooks(world: World, n: number, ...hooks: readonly NewEvent[]): Promise<Lease> {
  const lease = await own(world, "wrkr_a", n);
  await world.commit(lease, turn(1, started, ...hooks));
  return lease;
}

test("keys go after their time, as fast as they came; those of a hook that is there stay", async () => {
  const { world, clock, rows } = await openScene();
  const lease = await withHooks(world, 1, hook("door"));
  await Promise.all(Array.from({ length: 3_500 }, (_, n) => knock(world, `old ${n}`)));
  clock.advance(KEY_MEMORY_MS);
  for (let n = 0; n < 10; n += 1) {
    clock.advance(1_000);
    await knock(world, `while it is there ${n}`);
  }
  expect(rows("keys")).toBe(3_510);
  const { history } = await world.read(lease.runId, 0);
  await world.commit(lease, turn(history.length, disposed("door")));
  await withHooks(world, 2, hook("door"));
  clock.advance(KEY_MEMORY_MS);
  for (let n = 0; n < 10; n += 1) {
    clock.advance(1_000);
    await knock(world, `new ${n}`);
  }
  expect(rows("keys")).toBe(10);
});

test("payloads that nobody claimed go after their time, as fast as they came", async () => {
  const { world, clock, rows } = await openScene();
  const hold = (n: number): Promise<unknown> => {
    const fact = { type: "hook_received", data: {}, payload: "devl[1]", at: 0 } as const;
    return world.deliver({ token: `door ${n}` }, fact, { holdUntil: clock.now() + 1_000 });
  };
  await Promise.all(Array.from({ length: 3_500 }, (_, n) => hold(n)));
  clock.advance(DROPPED_MEMORY_MS);
  for (let n = 0; n < 10; n += 1) {
    clock.advance(1_000);
    await hold(n);
  }
  expect(rows("held")).toBe(10);
});

test("a token that a run retains leaves nothing behind once that is over", async () => {
  const { world, clock, rows } = await openScene();
  for (let n = 1; n <= 5; n += 1) {
    const lease = await withHooks(world, n, hook(`door ${n}`, clock.now() + 60_000));
    await world.commit(lease, turn(3, completed));
    expect(rows("hooks")).toBe(1);
    clock.advance(60_000);
  }
  expect((await world.runs.get(newRun(5).runId)).status).toBe("completed");
});

test("what was dropped costs those that come later nothing", async () => {
  const { world, clock } = await openScene();
  const hold = async (): Promise<number> => {
    const fact = { type: "hook_received", data: {}, payload: "devl[1]", at: 0 } as const;
    const before = performance.now();
    await Promise.all(
      Array.from({ length: 500 }, (_, n) =>
        world.deliver({ token: "door" }, fact, { idempotencyKey: `${n}`, holdUntil: clock.now() + 1_000 }),
      ),
    );
    clock.advance(1_000);
    return performance.now() - before;
  };
  await hold();
  const first = Math.min(await hold(), await hold());
  for (let n = 0; n < 40; n += 1) await hold();
  expect(Math.min(await hold(), await hold(), await hold())).toBeLessThan(10 * first);
});
