import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { createTestClock, type TestClock } from "@workflow/world/testkit";
import { describe, expect, test } from "vitest";
import { isSealed, whySealed } from "../world/decryption.ts";
import type { NewEvent } from "../world/events.ts";
import { ANSWER_MEMORY_MS, DROPPED_MEMORY_MS, type NewFact, type World } from "../world/world.ts";
import { newRun, openWorld, own, started, temporaryDirectory, turn } from "./fixtures/scene.ts";
import { createLocalWorld } from "./world.ts";

const KEY = randomBytes(32).toString("base64");
const OTHER = randomBytes(32).toString("base64url");

interface Blob {
  readonly size: number;
  readonly refs: number;
}

function blobsIn(directory: string): readonly Blob[] {
  const file = new DatabaseSync(join(directory, "workflow.db"), { readOnly: true });
  const rows = file
    .prepare("SELECT length(content) AS size, refs FROM blobs LEFT JOIN blob_contents USING (id) ORDER BY size")
    .all();
  file.close();
  return rows.map((row) => ({ ...row })) as unknown as Blob[];
}

/** Pieces that are counted otherwise than rows name them. */
function miscounted(directory: string): readonly unknown[] {
  const file = new DatabaseSync(join(directory, "workflow.db"), { readOnly: true });
  const rows = file
    .prepare(
      `WITH payloads (text) AS (SELECT payload FROM events UNION ALL SELECT payload FROM inbox
        UNION ALL SELECT payload FROM held UNION ALL SELECT answer FROM answers),
      named (name) AS (SELECT value FROM payloads,
        json_each(CASE WHEN substr(text, 1, 4) = 'blob' THEN substr(text, 5) END, '$.pieces')),
      counted AS (SELECT name, refs, (SELECT count(*) FROM named WHERE named.name = blobs.name) AS needed FROM blobs)
      SELECT * FROM counted WHERE refs <> needed OR refs = 0
      UNION ALL SELECT name, NULL, NULL FROM named WHERE name NOT IN (SELECT name FROM blobs)`,
    )
    .all();
  file.close();
  return rows;
}

function count(directory: string, table: string): unknown {
  const file = new DatabaseSync(join(directory, "workflow.db"), { readOnly: true });
  const row = file.prepare(`SELECT count(*) AS n FROM ${table}`).get();
  file.close();
  return row?.["n"];
}

/** For what no World does to its data. */
function damage(directory: string, sql: string): void {
  const file = new DatabaseSync(join(directory, "workflow.db"));
  file.exec(sql);
  file.close();
}

function bytesIn(directory: string): Buffer {
  return Buffer.concat(
    readdirSync(directory)
      .filter((name) => name.startsWith("workflow.db"))
      .map((name) => readFileSync(join(directory, name))),
  );
}

function step(type: "step_created" | "step_completed", payload: string): NewEvent {
  const about = { correlationId: "step_1", at: 0, payload };
  return type === "step_created" ? { type, data: { stepName: "s" }, ...about } : { type, data: {}, ...about };
}

const begun: NewEvent = { type: "step_started", correlationId: "step_1", data: { attempt: 1 }, at: 0 };
const hook = (metadata: string): NewEvent => ({
  type: "hook_created",
  correlationId: "hook_1",
  data: { token: "door", isWebhook: false },
  payload: metadata,
  at: 0,
});
const said = (payload: string): NewFact & { readonly type: "hook_received" } => ({
  type: "hook_received",
  data: {},
  payload,
  at: 0,
});
/** Text that only compression of repetition makes small. */
const large = (word: string): string => `devl["${`${word} `.repeat(2_000)}"]`;

async function openScene(): Promise<{ directory: string; clock: TestClock; world: World }> {
  const directory = temporaryDirectory();
  const clock = createTestClock();
  const world = await openWorld(directory, { clock, encryptionKeys: [] });
  await world.join("wrkr_a");
  return { directory, clock, world };
}

describe("large payloads are stored once", () => {
  test("20 MB through a run and its step cost 20 MB [06-6.9.compression]", { timeout: 60_000 }, async () => {
    const directory = temporaryDirectory();
    const world = await createLocalWorld({ directory, encryptionKeys: [] });
    await world.code.put({ hash: newRun(1).codeHash, source: "", map: "" });
    await world.join("wrkr_a");
    const value = randomBytes(15_000_000).toString("base64");
    const run = { ...newRun(1), input: `devl[[1],"${value}"]` };
    const creation = await world.createRun(run, "wrkr_a");
    if (creation.status !== "created" || creation.lease === null) throw new Error("The World gave no lease");
    const input = `devl[{"args":1},[2],"${value}"]`;
    const output = `devl["${value}"]`;
    await world.commit(creation.lease, turn(1, started, step("step_created", input), begun));
    const end: NewEvent = { type: "run_completed", data: {}, payload: output, at: 0 };
    await world.commit(creation.lease, turn(4, step("step_completed", output), end));
    expect(blobsIn(directory)).toEqual([{ size: expect.closeTo(15_000_000, -6), refs: 4 }]);
    const { history } = await world.read(run.runId, 0);
    expect(history.map(({ payload }) => payload?.length)).toEqual([
      run.input.length,
      undefined,
      input.length,
      undefined,
      output.length,
      output.length,
    ]);
    expect((await world.runs.get(run.runId)).output === output).toBe(true);
    expect((await world.steps.get(run.runId, "step_1")).input === input).toBe(true);
    await world.close();
    expect(statSync(join(directory, "workflow.db")).size).toBeLessThan(15_500_000);
  });

  test("1,000 runs with the same input of 100 KB have one copy of it", async () => {
    const { directory, world } = await openScene();
    const input = `devl[[1],"${randomBytes(75_000).toString("base64")}"]`;
    await Promise.all(Array.from({ length: 1_000 }, (_, n) => world.createRun({ ...newRun(n), input })));
    expect(blobsIn(directory)).toEqual([{ size: expect.any(Number), refs: 1_000 }]);
    expect((await world.runs.get(newRun(500).runId)).input).toBe(input);
    expect(bytesIn(directory).length).toBeLessThan(3_000_000);
  });

  test("a batch that is refused in part leaves no piece behind", async () => {
    const { directory, world } = await openScene();
    const input = large("again");
    const attempts = [1, 1, 2].map((n) => world.createRun({ ...newRun(n), input, idempotencyKey: "k" }));
    await Promise.allSettled([...attempts, world.createRun({ ...newRun(1), input: large("refused") })]);
    expect(blobsIn(directory)).toEqual([{ size: expect.any(Number), refs: 1 }]);
  });
});

describe("pieces go with the last row that names them", () => {
  test("a payload that moves from table to table keeps its piece", async () => {
    const { directory, clock, world } = await openScene();
    const lease = await own(world, "wrkr_a", 1);
    await world.deliver({ token: "door" }, said(large("early")), { holdUntil: clock.now() + 1_000 });
    expect((await world.held.list()).data).toMatchObject([{ payload: large("early"), size: large("early").length }]);
    await world.commit(lease, turn(1, started, hook("devl[1]")));
    await world.deliver({ token: "door" }, said(large("early")));
    await world.deliver({ token: "door" }, said(large("late")));
    const refs = (): readonly number[] => blobsIn(directory).map((blob) => blob.refs);
    expect(refs().toSorted()).toEqual([1, 2]);
    const { inbox } = await world.read(lease.runId, 3);
    const texts = [large("early"), large("early"), large("late")];
    expect(inbox.map(({ event }) => event.payload)).toEqual(texts);
    const entries = inbox.map(({ id }) => ({ kind: "admit", factId: id, undelivered: false }) as const);
    await world.commit(lease, { after: 3, entries, drops: [], dueAt: null });
    expect((await world.read(lease.runId, 3)).history.map(({ payload }) => payload)).toEqual(texts);
    expect(refs().toSorted()).toEqual([1, 2]);
  });

  test("held payloads and answers that are forgotten leave nothing", async () => {
    const { directory, clock, world } = await openScene();
    await world.createRun(newRun(1));
    const hold = (word: string): Promise<unknown> =>
      world.deliver({ token: word }, said(large(word)), { holdUntil: clock.now() + 1_000 });
    await hold("one");
    await hold("two");
    expect(await world.answers.put("request", large("answer"))).toBe(true);
    expect(await world.answers.put("request", large("another"))).toBe(false);
    expect(await world.answers.wait("request", { runId: newRun(1).runId, timeoutMs: 1 })).toBe(large("answer"));
    expect(blobsIn(directory).map(({ refs }) => refs)).toEqual([1, 1, 1]);
    clock.advance(DROPPED_MEMORY_MS + ANSWER_MEMORY_MS);
    expect(await world.answers.put("request", large("again"))).toBe(true);
    clock.advance(20_000);
    await hold("three");
    expect(blobsIn(directory).map(({ refs }) => refs)).toEqual([1, 1]);
    expect(count(directory, "blob_contents")).toBe(2);
  });

  test("every way of a row into the history and out of it is counted", async () => {
    const { directory, clock, world } = await openScene();
    const { runId } = newRun(1);
    const input = large("input");
    const creation = await world.createRun({ ...newRun(1), input }, "wrkr_a");
    if (creation.status !== "created" || creation.lease === null) throw new Error("The World gave no lease");
    const { lease } = creation;
    await world.deliver({ token: "door" }, said(large("early")), { holdUntil: clock.now() + 1_000 });
    await world.commit(lease, turn(1, started, step("step_created", input), begun, hook(large("metadata"))));
    for (const word of ["one", "two"]) await world.deliver({ token: "door" }, said(large(word)));
    const { inbox } = await world.read(runId, 5);
    const admit = inbox.slice(0, 2).map(({ id }) => ({ kind: "admit", factId: id, undelivered: false }) as const);
    await world.commit(lease, { after: 5, entries: admit, drops: [], dueAt: null });
    expect(inbox).toHaveLength(3);
    expect(miscounted(directory)).toEqual([]);

    const again = { kind: "continue", codeHash: newRun(1).codeHash, input, at: 0 } as const;
    const hooks = [{ token: "door", hookId: "hook_1" }];
    await world.commit(lease, { after: 7, entries: [{ ...again, hooks, untaken: [7] }], drops: [], dueAt: null });
    expect((await world.runs.get(runId)).input).toBe(input);
    expect(blobsIn(directory)).toHaveLength(3);
    expect(miscounted(directory)).toEqual([]);

    await world.commit(lease, turn(1, started, { type: "run_completed", data: {}, payload: input, at: 0 }));
    const { history } = await world.read(runId, 0);
    expect(history.map(({ payload }) => payload)).toEqual([input, undefined, large("one"), large("two"), input]);
    expect(blobsIn(directory)).toHaveLength(3);
    expect(miscounted(directory)).toEqual([]);
  });

  test("a row that is given another payload in place is refused, because that would not be counted", async () => {
    const { directory, world } = await openScene();
    await world.createRun({ ...newRun(1), input: large("input") });
    expect(() => damage(directory, "UPDATE events SET payload = 'devl[1]'")).toThrow("its pieces would be miscounted");
  });
});

test("reads without payloads do not look at pieces; reads with them say what is missing", async () => {
  const { directory, world } = await openScene();
  const { runId } = newRun(1);
  await world.createRun({ ...newRun(1), input: large("input") });
  damage(directory, "DELETE FROM blob_contents");
  const none = { resolveData: "none" } as const;
  expect(await world.runs.get(runId, none)).not.toHaveProperty("input");
  expect((await world.events.list({ runId, ...none })).data).toHaveLength(1);
  await expect(world.runs.get(runId)).rejects.toThrow(
    /A stored value is damaged: its piece .* is missing.*WORLD_FAILED/,
  );
});

describe("encrypted payloads", () => {
  const WORDS = ["bees", "wasps", "flies", "moths", "ants", "gnats"];

  /** One of everything that has a payload, small and large, in a directory that has the key. */
  async function fill(directory: string, encryptionKeys: readonly string[]): Promise<string> {
    const world = await createLocalWorld({ directory, encryptionKeys });
    await world.code.put({ hash: newRun(1).codeHash, source: "", map: "" });
    await world.join("wrkr_a");
    const run = { ...newRun(1), input: 'devl["secret bees"]', attributes: { shown: "plainly" } };
    const { lease } = (await world.createRun(run, "wrkr_a")) as { lease: Parameters<World["commit"]>[0] };
    await world.commit(lease, turn(1, started, step("step_created", large("wasps")), begun, hook('devl["flies"]')));
    await world.commit(lease, turn(5, step("step_completed", 'devl["moths"]')));
    await world.deliver({ token: "door" }, said('devl["ants"]'));
    await world.deliver({ token: "shed" }, said(large("gnats")), { holdUntil: Date.now() + 60_000 });
    await world.answers.put("request", 'devl["bees"]');
    await world.close();
    return run.runId;
  }

  test("are nowhere in the files of the data directory; names, tokens and attributes are [04-4.12]", async () => {
    const [plain, encrypted] = [temporaryDirectory(), temporaryDirectory()];
    await fill(plain, []);
    await fill(encrypted, [KEY]);
    const found = (directory: string): string[] => WORDS.filter((word) => bytesIn(directory).includes(word));
    // What is large is compressed there, and still readable.
    expect(found(plain)).toEqual(WORDS);
    expect(found(encrypted)).toEqual([]);
    for (const word of ["door", "plainly", newRun(1).workflowName])
      expect(bytesIn(encrypted).includes(word)).toBe(true);
  });

  test("are read with the key, also when another one writes by now", async () => {
    const directory = temporaryDirectory();
    const runId = await fill(directory, [KEY]);
    for (const encryptionKeys of [[KEY], [KEY, OTHER], [OTHER, KEY]]) {
      const world = await openWorld(directory, { encryptionKeys });
      expect(world.encrypts).toBe(true);
      const { history, inbox } = await world.read(runId, 0);
      const payloads = [...history, ...inbox.map((fact) => fact.event)].flatMap(({ payload }) => payload ?? []);
      expect(payloads).toEqual([
        'devl["secret bees"]',
        large("wasps"),
        'devl["flies"]',
        'devl["moths"]',
        'devl["ants"]',
      ]);
      expect((await world.hooks.getByToken("door")).metadata).toBe('devl["flies"]');
      expect((await world.held.list()).data).toMatchObject([{ payload: large("gnats"), size: large("gnats").length }]);
      expect(await world.answers.wait("request", { runId, timeoutMs: 1 })).toBe('devl["bees"]');
    }
  });

  test("that were stored before there was a key stay readable", async () => {
    const directory = temporaryDirectory();
    const runId = await fill(directory, []);
    const world = await openWorld(directory, { encryptionKeys: [KEY] });
    expect((await world.steps.get(runId, "step_1")).input).toBe(large("wasps"));
    expect(await world.runs.get(runId)).toMatchObject({ input: 'devl["secret bees"]' });
  });

  test.each([
    ["no key", []],
    ["another key", [OTHER]],
  ])("do not hide what is not encrypted from a process with %s", async (_what, encryptionKeys) => {
    const directory = temporaryDirectory();
    const runId = await fill(directory, [KEY]);
    const world = await openWorld(directory, { encryptionKeys });
    const run = await world.runs.get(runId);
    expect(run).toMatchObject({ status: "running", attributes: { shown: "plainly" } });
    expect(isSealed(run.input ?? "")).toBe(true);
    expect(whySealed(run.input ?? "")).toMatchObject({
      name: "RuntimeDecryptionError",
      code: "DECRYPTION_FAILED",
      message: expect.stringMatching(/^(?!.*DECRYPTION_FAILED.*DECRYPTION_FAILED).*\(DECRYPTION_FAILED\)$/),
      context: { operation: "decrypt", byteLength: expect.any(Number), formatPrefix: "encr" },
    });
    const { data } = await world.events.list({ runId });
    expect(data.map(({ eventType }) => eventType)).toContain("hook_created");
    // Who resumes a hook need not read its metadata.
    expect(await world.deliver({ token: "door" }, said("devl[2]"))).toMatchObject({ status: "delivered", runId });
  });

  test("a key that is malformed is refused before anything is created", async () => {
    const directory = join(temporaryDirectory(), "data");
    const made = createLocalWorld({ directory, encryptionKeys: [KEY, "not a key"] });
    await expect(made).rejects.toThrow(/^Key 2 of encryptionKeys is not 32 bytes .*INVALID_ARGUMENT/);
    expect(() => statSync(directory)).toThrow("ENOENT");
  });
});
