import { expect, test } from "vitest";
import { createEventReads } from "./event-reads.ts";
import { runIdOf } from "./fixtures/many-rows.ts";
import { openSchema, type TestSchema } from "./fixtures/schema.ts";
import { createHeldReads } from "./held-reads.ts";
import { createHookReads } from "./hook-reads.ts";
import { createRecordReads } from "./record-reads.ts";
import { createRunEnds } from "./run-end.ts";
import { createRunReads } from "./run-reads.ts";
import { createStepReads } from "./step-reads.ts";

/** Inserts the n-th run (from 1), which is its key as well. */
async function insertRun({ execute }: TestSchema, n: number, rest: { owner?: number; dueAt?: number }): Promise<void> {
  await execute(
    `INSERT INTO {schema}.runs (run_id, workflow_name, code, seed, status, created_at, length, turn, epoch, generation, owner, due_at)
     VALUES ($1, $2, 1, 'seed', 'running', 0, 1, 1, 1, 7, $3, $4)`,
    [runIdOf(n), "name \ufffd", rest.owner ?? null, rest.dueAt ?? null],
  );
}

const NOT_THERE = expect.objectContaining({ code: expect.stringMatching(/NOT_FOUND$/) });
const EMPTY = { data: [], cursor: null, hasMore: false };

// The driver writes half a pair as U+FFFD: asked for, the text would be found where somebody has that character.
test.each(["a\0b", "name \ud800", "\udc00"])("%j is nowhere, without asking the server", async (text) => {
  const schema = await openSchema();
  const { core, asked } = schema;
  const [runs, steps, hooks] = [createRunReads(core), createStepReads(core), createHookReads(core)];
  const [events, records, held] = [createEventReads(core), createRecordReads(core), createHeldReads(core)];
  const failures = [
    () => runs.get(text),
    () => createRunEnds(core).hasEnded(text),
    () => steps.get(text, "step_1"),
    () => steps.get(runIdOf(1), text),
    () => hooks.get(text),
    () => hooks.getByToken(text),
    () => events.get(text, `evnt_${"1".padStart(26, "0")}`),
    () => events.get(runIdOf(1), text),
    () => events.get(runIdOf(1), `evnt_${"9".repeat(26)}`),
    () => records.read(text, 0),
  ];
  for (const failure of failures) await expect(failure()).rejects.toEqual(NOT_THERE);
  const lists = [
    runs.list({ workflowName: text }),
    runs.list({ status: text as "running" }),
    runs.list({ workflowName: text, attributes: { key: "value" } }),
    steps.list({ runId: text }),
    hooks.list({ runId: text }),
    events.list({ runId: text }),
    events.listByCorrelationId({ runId: text, correlationId: "step_1" }),
    events.listByCorrelationId({ runId: runIdOf(1), correlationId: text }),
    held.list({ token: text }),
  ];
  for (const list of lists) expect(await list).toEqual(EMPTY);
  expect(await records.code(text)).toBeNull();
  expect(asked).toEqual([]);
});

test("attributes that no run can have are looked for and not found", async () => {
  const schema = await openSchema();
  await insertRun(schema, 1, {});
  await schema.execute(
    `INSERT INTO {schema}.events VALUES (1, 1, 'run_created', NULL, 0, 0, '{"attributes":{}}', NULL)`,
  );
  await schema.execute(`INSERT INTO {schema}.code (hash, source, map) VALUES ('c0de', '', '')`);
  await schema.execute("INSERT INTO {schema}.attributes VALUES (1, $1, $2)", [`"\ufffd"`, `"a\\u0000b"`]);
  const { list } = createRunReads(schema.core);
  const found = async (attributes: Record<string, string>): Promise<number> => (await list({ attributes })).data.length;
  expect(await found({ "\ufffd": "a\0b" })).toBe(1);
  expect(await found({ "\ud800": "a\0b" })).toBe(0);
  expect(await found({ "\ufffd": "a" })).toBe(0);
});

test("a run is due by itself, or when its worker is gone or silent", async () => {
  const schema = await openSchema();
  const { nextDueAt } = createRecordReads(schema.core);
  await schema.execute("INSERT INTO {schema}.workers (worker, gone) VALUES ('a', false), ('b', false), ('c', true)");
  const [alive, silent, gone] = [1, 2, 3];
  expect(await nextDueAt([])).toBeNull();
  await insertRun(schema, 1, { owner: alive, dueAt: 100 });
  await insertRun(schema, 2, { owner: silent, dueAt: 200 });
  await insertRun(schema, 3, {});
  expect(await nextDueAt([])).toBeNull();
  expect(await nextDueAt([silent])).toBe(200);
  expect(await nextDueAt([silent, alive])).toBe(100);
  await insertRun(schema, 4, { owner: gone, dueAt: 300 });
  await insertRun(schema, 5, { owner: gone });
  expect(await nextDueAt([])).toBe(300);
  await insertRun(schema, 6, { dueAt: 250 });
  expect(await nextDueAt([])).toBe(250);
  expect(await nextDueAt([silent])).toBe(200);
  // Of a run with unread facts.
  await insertRun(schema, 7, { dueAt: -1 });
  expect(await nextDueAt([])).toBe(0);
});

test("an owner gets the rows beside what they say, all of one moment", async () => {
  const schema = await openSchema();
  await insertRun(schema, 1, {});
  await insertRun(schema, 2, {});
  // Stored out of order, and another run's beside.
  for (const [run, position] of [
    [2, 12],
    [2, 2],
    [1, 2],
    [2, 1],
    [2, 3],
  ]) {
    await schema.execute("INSERT INTO {schema}.events VALUES ($1, $2, 'run_started', NULL, 5, 1.5, NULL, 'devl')", [
      run,
      position,
    ]);
  }
  for (const [run, id] of [
    [2, 30],
    [2, 4],
    [1, 5],
  ]) {
    await schema.execute("INSERT INTO {schema}.inbox VALUES ($1, $2, 'hook_received', 'hook_1', 2, '{}', NULL)", [
      run,
      id,
    ]);
  }
  const { read } = createRecordReads(schema.core);
  const { record, events, inbox, id, generation } = await read(runIdOf(2), 1);
  expect(schema.asked).toHaveLength(1);
  expect({ id, generation }).toEqual({ id: 2, generation: 7 });
  const event = { type: "run_started", data: {}, at: 1.5, turn: 5, payload: "devl" };
  const fact = { type: "hook_received", correlationId: "hook_1", at: 2, data: {} };
  expect(record).toEqual({
    seed: "seed",
    history: [2, 3, 12].map((position) => ({ ...event, position })),
    inbox: [4, 30].map((factId) => ({ id: factId, event: fact })),
  });
  expect(events).toMatchObject([2, 3, 12].map((position) => ({ type: "run_started", position, turn: 5, data: null })));
  expect(inbox).toMatchObject([4, 30].map((factId) => ({ id: factId, correlation_id: "hook_1", data: "{}" })));
});
