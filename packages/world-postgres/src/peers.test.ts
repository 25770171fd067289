import type { SharedHint } from "workflow/world-parts";
import { Client } from "pg";
import { expect, onTestFinished, test } from "vitest";
import { channelOf, HELLO } from "./channel.ts";
import type { Database } from "./database/database.ts";
import { sqlFor } from "./database/sql.ts";
import { freshName, poolFor, SERVER } from "./fixtures/server.ts";
import { createPeers, type DatabasePeers } from "./peers.ts";

interface Scene {
  readonly heard: SharedHint[];
  readonly notifications: string[];
  readonly peers: DatabasePeers;
}

/** Worlds on one schema, each of which hears what is notified. */
async function worlds(count: number, schema = freshName()): Promise<readonly Scene[]> {
  return Promise.all(
    Array.from({ length: count }, async () => {
      const [heard, notifications]: [SharedHint[], string[]] = [[], []];
      const peers = createPeers({
        database: poolFor(),
        sql: sqlFor(schema),
        schema,
        onHint: (hint) => heard.push(hint),
      });
      const client = new Client(SERVER);
      onTestFinished(() => client.end());
      await client.connect();
      await client.query(`LISTEN ${channelOf(schema)}`);
      client.on("notification", ({ payload = "" }) => {
        notifications.push(payload);
        peers.hear(payload);
      });
      return { heard, notifications, peers };
    }),
  );
}

const work = (runId: string): SharedHint => ({ kind: "work", runId });
const ended = (runId: string): SharedHint => ({ kind: "ended", runId });

/** Everything that was told before has been heard once this is. */
async function heardAll(from: Scene, ...by: readonly Scene[]): Promise<void> {
  const last = ended(`last ${Math.random()}`);
  from.peers.tell(last, null);
  for (const { heard } of by) {
    await expect.poll(() => heard).toContainEqual(last);
    heard.splice(
      heard.findIndex((hint) => hint.kind === "ended" && hint.runId === (last as { runId: string }).runId),
      1,
    );
  }
}

test("hints reach the World that has the worker, or all of them but the one that tells", async () => {
  const [sender, owner, third] = (await worlds(3)) as [Scene, Scene, Scene];
  owner.peers.announce("wrkr_owner", true);
  sender.peers.tell(work("wrun_1"), "wrkr_owner");
  sender.peers.tell(work("wrun_2"), null);
  await heardAll(sender, owner, third);
  expect(owner.heard).toEqual([work("wrun_1"), work("wrun_2")]);
  expect(third.heard).toEqual([work("wrun_2")]);
  expect(sender.heard).toEqual([]);
  owner.peers.announce("wrkr_owner", false);
  sender.peers.tell(work("wrun_3"), "wrkr_owner");
  await heardAll(sender, owner);
  expect(owner.heard).toHaveLength(2);
});

test("every kind of hint comes as it was told, whatever is in it", async () => {
  const [sender, other] = (await worlds(2)) as [Scene, Scene];
  const hints: SharedHint[] = [
    ended("wrun_1"),
    { kind: "answered", requestId: "req_\u0000" },
    { kind: "streamed", runId: "wrun_1", name: "a'\"\\\n\ud800{}\u{1f600}" },
    { kind: "received", hookId: "hook_1" },
  ];
  for (const hint of hints) sender.peers.tell(hint, null);
  await heardAll(sender, other);
  expect(other.heard).toEqual(hints);
});

test("what is told in one go is one notification, each hint once, and many are as few as fit", async () => {
  const [sender, other] = (await worlds(2)) as [Scene, Scene];
  for (let round = 0; round < 10; round++)
    for (let run = 0; run < 10; run++) sender.peers.tell(ended(`wrun_${run}`), null);
  await expect.poll(() => other.heard.length).toBe(10);
  expect(other.notifications).toHaveLength(1);
  other.heard.length = 0;
  for (let run = 0; run < 2_000; run++) sender.peers.tell(ended(`wrun_${run}`), null);
  await expect.poll(() => other.heard.length).toBe(2_000);
  expect(other.notifications.length).toBeLessThan(15);
  expect(other.notifications.every((payload) => Buffer.byteLength(payload) < 8_000)).toBe(true);
});

test("a hint that no notification holds is lost, alone", async () => {
  const [sender, other] = (await worlds(2)) as [Scene, Scene];
  sender.peers.tell({ kind: "streamed", runId: "wrun_1", name: "x".repeat(9_000) }, null);
  sender.peers.tell(ended("wrun_1"), null);
  await heardAll(sender, other);
  expect(other.heard).toEqual([ended("wrun_1")]);
});

test("Worlds of another schema hear nothing", async () => {
  const [sender, same] = (await worlds(2)) as [Scene, Scene];
  const [foreign] = (await worlds(1)) as [Scene];
  sender.peers.tell(work("wrun_1"), null);
  await heardAll(sender, same);
  expect(foreign.notifications).toEqual([]);
});

test("who is known to be alone tells nobody, until somebody says hello", async () => {
  const [sender, other] = (await worlds(2)) as [Scene, Scene];
  sender.peers.listeners(1);
  sender.peers.tell(work("wrun_1"), null);
  sender.peers.hear(HELLO);
  sender.peers.tell(work("wrun_2"), null);
  await heardAll(sender, other);
  expect(other.heard).toEqual([work("wrun_2")]);
  sender.peers.listeners(1);
  sender.peers.listeners(null);
  sender.peers.tell(work("wrun_3"), null);
  await heardAll(sender, other);
  expect(other.heard).toEqual([work("wrun_2"), work("wrun_3")]);
});

test.each(["", "null", "[]", "{}", "[1, 2]", '["x", [{"kind": "other"}, null]]', '["x", [null]]', "not json"])(
  "a notification %j of somebody else means nothing",
  async (payload) => {
    const heard: SharedHint[] = [];
    const schema = freshName();
    const peers = createPeers({ database: poolFor(), sql: sqlFor(schema), schema, onHint: (hint) => heard.push(hint) });
    peers.hear(payload);
    expect(heard).toEqual([]);
  },
);

test("a notification that fails is lost, and the next one goes", async () => {
  const schema = freshName();
  const [other] = (await worlds(1, schema)) as [Scene];
  const database = poolFor();
  let asked = 0;
  const failingOnce: Database = {
    ...database,
    query: (statement, values) =>
      ++asked === 1 ? Promise.reject(new Error("away")) : database.query(statement, values),
  };
  const peers = createPeers({ database: failingOnce, sql: sqlFor(schema), schema, onHint: () => {} });
  peers.tell(work("wrun_1"), null);
  await expect.poll(() => asked).toBe(1);
  peers.tell(work("wrun_2"), null);
  await expect.poll(() => other.heard).toEqual([work("wrun_2")]);
});
