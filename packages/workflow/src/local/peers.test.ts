import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import type { Hint, World } from "../world/world.ts";
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
import { audienceOf } from "../world-parts/hints.ts";
import { createLocalWorld } from "./world.ts";

const hook = {
  type: "hook_created",
  correlationId: "hook_1",
  data: { token: "door", isWebhook: false },
  at: 0,
} as const;
const knock = { type: "hook_received", data: {}, payload: "devl[1]", at: 0 } as const;

function heardBy(world: World): Hint[] {
  const heard: Hint[] = [];
  world.onHint((hint) => heard.push(hint));
  return heard;
}

/** Worlds find each other by themselves and without being waited for. */
async function untilHeard(heard: readonly Hint[], hint: Hint, again: () => Promise<unknown>): Promise<void> {
  await vi.waitFor(
    async () => {
      await again();
      expect(heard).toContainEqual(hint);
    },
    { timeout: 5_000, interval: 20 },
  );
}

test("who has to hear of work: its owner where that is, any worker here, or else everyone", () => {
  const members = new Set(["wrkr_a"]);
  expect(audienceOf("wrkr_a", members)).toBe("own");
  expect(audienceOf("wrkr_b", members)).toBe("owner");
  expect(audienceOf("wrkr_b", new Set())).toBe("owner");
  expect(audienceOf(null, members)).toBe("own");
  expect(audienceOf(null, new Set())).toBe("anyone");
});

test("a payload from one World is hinted to the owner of the run in another, and to no third", async () => {
  const directory = temporaryDirectory();
  const [owner, sender, third] = [await openWorld(directory), await openWorld(directory), await openWorld(directory)];
  await owner.join("wrkr_owner");
  await third.join("wrkr_third");
  const lease = await own(owner, "wrkr_owner", 1);
  await owner.commit(lease, { ...turn(1, started, hook), dueAt: null });
  const [heardByOwner, heardByThird] = [heardBy(owner), heardBy(third)];
  const hint: Hint = { kind: "work", runId: lease.runId };
  await untilHeard(heardByOwner, hint, () => sender.deliver({ token: "door" }, knock));
  heardByThird.length = 0;
  heardByOwner.length = 0;
  await sender.deliver({ token: "door" }, knock);
  await vi.waitFor(() => expect(heardByOwner).toEqual([hint]));
  expect(heardByThird).toEqual([]);
});

test("a run that nobody owns is hinted to every World when this one has no worker", async () => {
  const directory = temporaryDirectory();
  const starter = await openWorld(directory);
  const other = await openWorld(directory);
  await other.join("wrkr_other");
  const heard = heardBy(other);
  let n = 0;
  await vi.waitFor(
    async () => {
      await starter.createRun(newRun((n += 1)));
      expect(heard.map((hint) => hint.kind)).toContain("work");
    },
    { timeout: 5_000, interval: 20 },
  );
});

test("the end of a run is hinted to a process that waits for it", async () => {
  const directory = temporaryDirectory();
  const waiter = await openWorld(directory);
  const heard = heardBy(waiter);
  const { line, done } = inProcess(`
    const world = await createLocalWorld({ directory: ${JSON.stringify(directory)} });
    await world.join("wrkr_child");
    for (let n = 1; n <= 20; n += 1) {
      const { lease } = await world.createRun({ ...${JSON.stringify(newRun(1))}, runId: "wrun_" + String(n).padStart(26, "0") }, "wrkr_child");
      await world.commit(lease, ${JSON.stringify(turn(1, started, completed))});
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    console.log("done");
    await world.close();
  `);
  await line();
  await vi.waitFor(() => expect(heard.map((hint) => hint.kind)).toContain("ended"));
  expect(await done).toMatchObject({ code: 0 });
});

test("what a killed process left behind goes when the next one looks", async () => {
  const directory = temporaryDirectory();
  const { child, line, done } = inProcess(`
    const world = await createLocalWorld({ directory: ${JSON.stringify(directory)} });
    await world.code.put(${JSON.stringify(CODE)});
    console.log("open");
    setInterval(() => {}, 1000);
  `);
  await line();
  const addresses = (): string[] => readdirSync(join(directory, "peers")).filter((name) => name.endsWith(".address"));
  await vi.waitFor(() => expect(addresses()).toHaveLength(1));
  const [left] = addresses();
  child.kill("SIGKILL");
  await done;
  expect(addresses()).toEqual([left]);
  await openWorld(directory);
  await vi.waitFor(() => {
    expect(addresses()).toHaveLength(1);
    expect(addresses()).not.toEqual([left]);
  });
});

test("a process that only delivers ends by itself, and leaves nothing behind", async () => {
  const directory = temporaryDirectory();
  const owner = await openWorld(directory);
  await owner.join("wrkr_owner");
  const lease = await own(owner, "wrkr_owner", 1);
  await owner.commit(lease, { ...turn(1, started, hook), dueAt: null });
  const ended = await inProcess(`
    const world = await createLocalWorld({ directory: ${JSON.stringify(directory)} });
    const { status } = await world.deliver({ token: "door" }, ${JSON.stringify(knock)});
    await world.close();
    console.log(status);
  `).done;
  expect(ended).toEqual({ code: 0, output: "delivered\n" });
  const peers = join(directory, "peers");
  await vi.waitFor(() => {
    const addresses = readdirSync(peers).filter((name) => name.endsWith(".address"));
    expect(addresses).toHaveLength(1);
  });
  expect(existsSync(peers)).toBe(true);
});

test("a World that is closed at once leaves no socket behind", async () => {
  const directory = temporaryDirectory();
  const world = await createLocalWorld({ directory });
  await world.close();
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(readdirSync(join(directory, "peers"))).toEqual([]);
});

test("the address of a World that has the data under another path is left alone", async () => {
  const directory = temporaryDirectory();
  const elsewhere = join(directory, "peers", "elsewhere.address");
  mkdirSync(join(directory, "peers"), { recursive: true });
  writeFileSync(elsewhere, "/another/container/peers/elsewhere.sock");
  const world = await openWorld(directory);
  const heard = heardBy(world);
  const peer = await openWorld(directory);
  // Whoever has reached the one has looked at the other.
  let n = 0;
  await vi.waitFor(
    async () => {
      await peer.createRun(newRun((n += 1)));
      expect(heard.map((hint) => hint.kind)).toContain("work");
    },
    { timeout: 5_000, interval: 20 },
  );
  expect(existsSync(elsewhere)).toBe(true);
});
