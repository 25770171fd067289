import { existsSync, readdirSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { NewRun, World } from "../world/world.ts";
import { overwriteEveryPage } from "./fixtures/damage.ts";
import { completed, newRun, openWorld, own, started, temporaryDirectory, turn } from "./fixtures/scene.ts";
import { MAY_MOUNT, mountSmallDisk } from "./fixtures/small-disk.ts";
import { createLocalWorld } from "./world.ts";

const DISK_FULL = {
  name: "WorkflowWorldError",
  code: "WORLD_FAILED",
  message: expect.stringMatching(/workflow\.db .*the disk is full\. Free some space; nothing .* was written/),
};

const DAMAGED = {
  name: "WorkflowWorldError",
  code: "WORLD_FAILED",
  message: expect.stringMatching(/workflow\.db is damaged\. Move the file aside and restore a backup/),
};

const bigRun = (n: number): NewRun => ({ ...newRun(n), input: `devl["${"x".repeat(3_000)}"]` });

async function idsOf(world: World): Promise<string[]> {
  const { data } = await world.runs.list({ pagination: { limit: 1000, sortOrder: "asc" } });
  return data.map(({ runId }) => runId).toSorted();
}

/** What SQLite itself says about the file, once nobody has it open. */
function integrityOf(directory: string): unknown {
  const db = new DatabaseSync(join(directory, "workflow.db"));
  const [row] = db.prepare("PRAGMA integrity_check").all();
  db.close();
  return row?.["integrity_check"];
}

describe.skipIf(!MAY_MOUNT)("a full disk (Linux, as root)", () => {
  test("refuses writes, keeps what was acknowledged, and takes writes again once there is space", async () => {
    const disk = mountSmallDisk();
    const directory = join(disk.path, "data");
    const world = await openWorld(directory);
    await world.join("w1");
    const lease = await own(world, "w1", 1);
    await world.commit(lease, turn(1, started));

    disk.fill();
    const refused = [10, 11, 12].map((n) => world.createRun(bigRun(n)));
    refused.push(world.commit(lease, turn(2, completed)) as Promise<never>);
    refused.push(world.deliver({ runId: lease.runId }, { type: "run_cancelled", data: {}, at: 0 }) as Promise<never>);
    for (const write of await Promise.allSettled(refused)) {
      expect(write).toMatchObject({ status: "rejected", reason: DISK_FULL });
    }
    expect(await idsOf(world)).toEqual([lease.runId]);
    expect(await world.read(lease.runId, 0)).toMatchObject({ history: { length: 2 }, inbox: [] });

    disk.free();
    await world.commit(lease, turn(2, completed));
    await world.createRun(bigRun(13));
    await world.close();
    const again = await openWorld(directory);
    expect(await idsOf(again)).toEqual([lease.runId, newRun(13).runId]);
    expect(await again.runs.get(lease.runId)).toMatchObject({ status: "completed" });
    await again.close();
    expect(integrityOf(directory)).toBe("ok");
  });

  test("that fills up under a crowd of writes has exactly those that were acknowledged", async () => {
    const disk = mountSmallDisk();
    const directory = join(disk.path, "data");
    const world = await openWorld(directory);
    disk.fill(256 * 1024);
    const attempts = await Promise.allSettled(Array.from({ length: 200 }, (_, n) => world.createRun(bigRun(n))));
    const written = attempts.flatMap(({ status }, n) => (status === "fulfilled" ? [newRun(n).runId] : []));
    expect(written.length).toBeGreaterThan(0);
    expect(written.length).toBeLessThan(200);
    expect(await idsOf(world)).toEqual(written);
    await world.close();
    disk.free();
    expect(await idsOf(await openWorld(directory))).toEqual(written);
  });

  test("is named when data is opened on it, and nothing is lost or left half made", async () => {
    const disk = mountSmallDisk();
    const directory = join(disk.path, "data");
    const world = await openWorld(directory);
    await world.createRun(newRun(1));
    await world.close();
    disk.fill();
    const refusal = { code: "WORLD_FAILED", message: expect.stringMatching(/disk has space left/) };
    await expect(createLocalWorld({ directory })).rejects.toMatchObject(refusal);
    const fresh = join(disk.path, "deep", "fresh");
    await expect(createLocalWorld({ directory: fresh })).rejects.toMatchObject({
      code: "WORLD_FAILED",
      message: expect.stringMatching(/Cannot create the directory .*fresh .*Free some space on the disk/),
    });
    expect(existsSync(fresh)).toBe(false);
    disk.free();
    expect(await idsOf(await openWorld(directory))).toEqual([newRun(1).runId]);
    await openWorld(fresh);
    expect(readdirSync(fresh)).toContain(".gitignore");
  });
});

describe.skipIf(!MAY_MOUNT)("a read-only file system (Linux, as root)", () => {
  test("is named, whether there is data on it or not", async () => {
    const disk = mountSmallDisk();
    const directory = join(disk.path, "data");
    await (await openWorld(directory)).close();
    disk.makeReadOnly();
    await expect(createLocalWorld({ directory })).rejects.toMatchObject({
      code: "WORLD_FAILED",
      message: expect.stringMatching(/data\/workflow\.db could not be opened\. Check that the directory is writable/),
    });
    await expect(createLocalWorld({ directory: join(disk.path, "new") })).rejects.toMatchObject({
      code: "WORLD_FAILED",
      message: expect.stringMatching(
        /Cannot create the directory .*new .*read-only file system.*WORKFLOW_LOCAL_DATA_DIR/,
      ),
    });
  });
});

test.skipIf(process.platform !== "linux")("a directory in which nothing can be made is named, at once", async () => {
  for (const directory of ["/proc", "/proc/data/deep"]) {
    await expect(createLocalWorld({ directory })).rejects.toMatchObject({
      code: "WORLD_FAILED",
      message: expect.stringMatching(/Cannot create the directory \/proc.*WORKFLOW_LOCAL_DATA_DIR/),
    });
  }
});

test("a file that is damaged under a running World is named by reads and writes, and the thread lives on", async () => {
  const directory = temporaryDirectory();
  const world = await openWorld(directory);
  for (let n = 1; n <= 50; n++) await world.createRun(bigRun(n));
  overwriteEveryPage(directory);
  const tries = [
    world.read(newRun(7).runId, 0),
    world.runs.get(newRun(7).runId),
    world.runs.list(),
    world.createRun(newRun(100)),
    world.join("w1"),
    world.deliver({ runId: newRun(7).runId }, { type: "run_cancelled", data: {}, at: 0 }),
  ];
  for (const outcome of await Promise.allSettled(tries)) {
    expect(outcome).toMatchObject({ status: "rejected", reason: DAMAGED });
  }
  await expect(world.createRun(newRun(101))).rejects.toMatchObject(DAMAGED);
});

test("damage that only garbles a stored text is named as such", async () => {
  const directory = temporaryDirectory();
  const world = await openWorld(directory);
  await world.join("w1");
  // Given back and taken again, so that the writer has to read what the file says of the run.
  await world.release(await own(world, "w1", 1), { dueAt: 0 });
  const [lease] = await world.lease("w1", 1);
  if (lease === undefined) throw new Error("The World gave no lease");
  const other = new DatabaseSync(join(directory, "workflow.db"));
  other.exec(`UPDATE events SET data = '{"workflowName":"order\u0007'`);
  other.close();
  await expect(world.read(lease.runId, 0)).rejects.toMatchObject(DAMAGED);
  await expect(world.runs.list()).rejects.toMatchObject(DAMAGED);
  await expect(world.commit(lease, turn(1, started))).rejects.toMatchObject(DAMAGED);
});
