import { readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { NewEvent } from "../world/events.ts";
import type { NewFact } from "../world/world.ts";
import { newRun, openWorld, own, temporaryDirectory, turn } from "./fixtures/scene.ts";

/** A directory with the data that version 2 wrote: a run with hooks, payloads and a wait, one that has ended, one new. */
function dataOfVersion2(): string {
  const directory = temporaryDirectory();
  const file = new DatabaseSync(join(directory, "workflow.db"));
  file.exec(readFileSync(new URL("fixtures/version-2.sql", import.meta.url), "utf8"));
  file.close();
  return directory;
}

function said(text: string): NewFact & { readonly type: "hook_received" } {
  return { type: "hook_received", data: {}, payload: `devl["${text}"]`, at: 0 };
}

function hook(hookId: string, token: string): NewEvent {
  return { type: "hook_created", correlationId: hookId, data: { token, isWebhook: false }, at: 0 };
}

test("hooks of version 2 are found and resumed, and what they got before comes first", async () => {
  const world = await openWorld(dataOfVersion2());
  const { runId } = newRun(1);
  expect(await world.hooks.getByToken("door")).toMatchObject({ runId, hookId: "hook_1", metadata: 'devl["who"]' });
  expect(await world.hooks.get("hook_2")).toMatchObject({ runId, token: "gate", isWebhook: true });
  const key = { idempotencyKey: "k" };
  expect(await world.deliver({ token: "door" }, said("three"), key)).toMatchObject({ status: "delivered", runId });
  expect(await world.deliver({ token: "door" }, said("three"), key)).toMatchObject({ status: "duplicate", runId });
  const { inbox } = await world.read(runId, 0);
  expect(inbox.map(({ id, event }) => [id, event.payload])).toEqual([
    [1, 'devl["one"]'],
    [2, 'devl["two"]'],
    [3, 'devl["three"]'],
  ]);
  await world.join("wrkr_a");
  expect((await world.lease("wrkr_a", 10)).map((lease) => lease.runId)).toEqual([runId, newRun(3).runId]);
});

test("runs of version 2 go on and end: tokens stay theirs until then, payloads stay in their histories", async () => {
  const world = await openWorld(dataOfVersion2());
  const { runId } = newRun(1);
  await world.join("wrkr_a");
  const lease = await world.leaseRun("wrkr_a", runId);
  const next = await own(world, "wrkr_a", 4);
  expect(await world.commit(next, turn(1, { type: "run_started", data: {}, at: 0 }, hook("hook_4", "door")))).toEqual({
    conflicts: { hook_4: runId },
    unread: false,
  });
  if (lease === null) throw new Error("The run of version 2 cannot be leased");
  const entries = [{ kind: "admit", factId: 1, undelivered: false } as const];
  await world.commit(lease, { after: 5, entries, drops: [], dueAt: null });
  await world.commit(lease, turn(6, { type: "run_completed", data: {}, payload: "devl[1]", at: 0 }));
  const { history } = await world.read(runId, 5);
  expect(history.map(({ type, payload, data }) => [type, payload, data])).toEqual([
    ["hook_received", 'devl["one"]', {}],
    ["hook_received", 'devl["two"]', { undelivered: true }],
    ["run_completed", "devl[1]", {}],
  ]);
  expect((await world.hooks.list()).data).toEqual([]);
  expect(await world.commit(next, turn(3, hook("hook_5", "door")))).toMatchObject({ conflicts: {} });
  expect(await world.deliver({ token: "shed" }, said("late"), { holdUntil: Date.now() + 60_000 })).toMatchObject({
    status: "held",
  });
});
