import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createTestClock } from "@workflow/world/testkit";
import { type Lease, LEASE_TTL_MS } from "../world/world.ts";
import {
  CODE,
  completed,
  inProcess,
  newRun,
  openWorld,
  own,
  started,
  temporaryDirectory,
  turn,
} from "./fixtures/scene.ts";

/** The source of a process that owns a run, says so, and stays. */
function owning(directory: string, worker: string): string {
  return `
    const world = await createLocalWorld({ directory: ${JSON.stringify(directory)} });
    await world.code.put(${JSON.stringify(CODE)});
    await world.join(${JSON.stringify(worker)});
    const { lease } = await world.createRun(${JSON.stringify(newRun(1))}, ${JSON.stringify(worker)});
    await world.commit(lease, ${JSON.stringify(turn(1, started))});
    console.log(JSON.stringify(lease));
    setInterval(() => {}, 1000);
  `;
}

test("what a killed process owned is leased at once, and not before", async () => {
  const directory = temporaryDirectory();
  const world = await openWorld(directory);
  await world.join("wrkr_survivor");
  const { child, done, line } = inProcess(owning(directory, "wrkr_killed"));
  const lost = JSON.parse(await line());
  expect(await world.lease("wrkr_survivor", 10)).toEqual([]);
  expect(await world.leaseRun("wrkr_survivor", lost.runId)).toBeNull();
  child.kill("SIGKILL");
  await done;
  const [lease] = await world.lease("wrkr_survivor", 10);
  expect(lease).toEqual({ runId: lost.runId, worker: "wrkr_survivor", epoch: lost.epoch + 1 });
  await world.commit(lease as typeof lost, turn(2, completed));
  expect((await world.runs.get(lost.runId)).status).toBe("completed");
});

test("a process that starts after a kill finds what was left, and clears the dead worker's lock away", async () => {
  const directory = temporaryDirectory();
  const { child, done, line } = inProcess(owning(directory, "wrkr_killed"));
  const lost = JSON.parse(await line());
  child.kill("SIGKILL");
  await done;
  const world = await openWorld(directory);
  await world.join("wrkr_next");
  expect(await world.leaseRun("wrkr_next", lost.runId)).toMatchObject({ worker: "wrkr_next" });
  expect(readdirSync(join(directory, "workers"))).toEqual(["wrkr_next.lock"]);
});

test("a stopped worker that is alive is given up for its silence only, and its lock stays its own", async () => {
  const directory = temporaryDirectory();
  const clock = createTestClock();
  const silent = await openWorld(directory, { clock });
  const other = await openWorld(directory, { clock });
  await silent.join("wrkr_silent");
  await other.join("wrkr_other");
  const lease = await own(silent, "wrkr_silent", 1);
  expect(await other.lease("wrkr_other", 10)).toEqual([]);
  clock.advance(LEASE_TTL_MS);
  await other.renew("wrkr_other");
  expect(await other.lease("wrkr_other", 10)).toHaveLength(1);
  await expect(silent.commit(lease, turn(1, started))).rejects.toMatchObject({ code: "LEASE_LOST" });
  expect(existsSync(join(directory, "workers", "wrkr_silent.lock"))).toBe(true);
  await silent.join("wrkr_silent");
  const second = await own(silent, "wrkr_silent", 2);
  expect(await other.leaseRun("wrkr_other", second.runId)).toBeNull();
});

test("closing a World gives its workers up", async () => {
  const directory = temporaryDirectory();
  const closing = await openWorld(directory);
  const other = await openWorld(directory);
  await closing.join("wrkr_closing");
  await other.join("wrkr_other");
  const { runId } = await own(closing, "wrkr_closing", 1);
  await closing.close();
  expect((await other.lease("wrkr_other", 10)).map((lease) => lease.runId)).toEqual([runId]);
});

test("a worker's name is taken while another World holds it", async () => {
  const directory = temporaryDirectory();
  const first = await openWorld(directory);
  const second = await openWorld(directory);
  await first.join("wrkr/same name");
  await expect(second.join("wrkr/same name")).rejects.toMatchObject({ code: "INVALID_ARGUMENT", field: "worker" });
  await first.leave("wrkr/same name");
  await second.join("wrkr/same name");
});

test("two Worlds write to one file and see each other's writes", async () => {
  const directory = temporaryDirectory();
  const worlds = [await openWorld(directory), await openWorld(directory)];
  await Promise.all(
    worlds.flatMap((world, w) => Array.from({ length: 100 }, (_, n) => world.createRun(newRun(w * 100 + n)))),
  );
  for (const world of worlds) {
    expect((await world.runs.list({ pagination: { limit: 1000 } })).data).toHaveLength(200);
  }
});

test("a run that goes from World to World and back is judged by its whole history", async () => {
  const directory = temporaryDirectory();
  const here = await openWorld(directory);
  const there = await openWorld(directory);
  await here.join("wrkr_here");
  await there.join("wrkr_there");
  const step = { correlationId: "step_1", at: 0 } as const;
  const created = { ...step, type: "step_created", data: { stepName: "step//shop//charge" } } as const;
  const first = await own(here, "wrkr_here", 1);
  await here.commit(first, turn(1, started));
  await here.release(first, { dueAt: null });
  const second = (await there.leaseRun("wrkr_there", first.runId)) as Lease;
  await there.commit(second, turn(2, created));
  await there.release(second, { dueAt: null });
  const third = (await here.leaseRun("wrkr_here", first.runId)) as Lease;
  await expect(here.commit(third, turn(3, created))).rejects.toMatchObject({ code: "ENTITY_CONFLICT" });
  await here.commit(third, turn(3, { ...step, type: "step_started", data: { attempt: 1 } }));
  expect(await there.steps.get(first.runId, "step_1")).toMatchObject({ status: "running", attempt: 1 });
});

test("a reader that waits sees an end that another World wrote", async () => {
  const directory = temporaryDirectory();
  const reader = await openWorld(directory);
  const writer = await openWorld(directory);
  await writer.join("wrkr_1");
  const lease = await own(writer, "wrkr_1", 1);
  const ended = reader.runs.waitForTerminalStatus(lease.runId);
  await writer.commit(lease, turn(1, started, completed));
  expect(await ended).toMatchObject({ status: "completed", output: completed.payload });
});

test("a payload for a run that another World owns is listed to its owner, and to nobody else", async () => {
  const directory = temporaryDirectory();
  const owner = await openWorld(directory);
  const other = await openWorld(directory);
  await owner.join("wrkr_owner");
  await other.join("wrkr_other");
  const lease = await own(owner, "wrkr_owner", 1);
  const hook = {
    type: "hook_created",
    correlationId: "hook_1",
    data: { token: "door", isWebhook: false },
    at: 0,
  } as const;
  await owner.commit(lease, { ...turn(1, started, hook), dueAt: null });
  await other.deliver({ token: "door" }, { type: "hook_received", data: {}, payload: "devl[1]", at: 0 });
  expect(await other.lease("wrkr_other", 10)).toEqual([]);
  expect(await owner.lease("wrkr_owner", 10)).toEqual([lease]);
});
