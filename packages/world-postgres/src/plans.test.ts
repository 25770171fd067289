import { expect, test } from "vitest";
import { createEventReads } from "./event-reads.ts";
import { insertManyRows, LONG, MANY, runIdOf } from "./fixtures/many-rows.ts";
import { MODES, planOfLast } from "./fixtures/plans.ts";
import { openSchema, type TestSchema } from "./fixtures/schema.ts";
import { createHeldReads } from "./held-reads.ts";
import { createHookReads } from "./hook-reads.ts";
import { createRecordReads } from "./record-reads.ts";
import { createRunEnds } from "./run-end.ts";
import { createRunReads } from "./run-reads.ts";
import { createStepReads } from "./step-reads.ts";

/** Many more than a page of 20 needs, and a fraction of what any of the tables has. */
const MOST_PAGES = 400;

/** Rows: a page, and beside each of its runs a few. */
const MOST_ROWS = 200;

/** A step is found in the history of its run. */
const IN_HISTORY = new Set(["a step", "steps, oldest first", "events of a step"]);

/** Tables with so few rows that an index is no help. */
const SMALL = ["code", "workers"];

/** Every read, also for what few rows have, which lie where a list comes last. */
function readsOf({ core }: TestSchema): readonly (readonly [what: string, read: () => Promise<unknown>])[] {
  const runs = createRunReads(core);
  const steps = createStepReads(core);
  const hooks = createHookReads(core);
  const events = createEventReads(core);
  const held = createHeldReads(core);
  const records = createRecordReads(core);
  const pagination = { limit: 20 } as const;
  const oldestFirst = { limit: 20, sortOrder: "asc" } as const;
  const [short, long] = [runIdOf(77), runIdOf(MANY)];
  return [
    ["a run", () => runs.get(short)],
    ["whether a run has ended", () => createRunEnds(core).hasEnded(short)],
    ["runs", () => runs.list({ pagination })],
    ["runs, oldest first", () => runs.list({ pagination: oldestFirst })],
    ["runs of a name that most have", () => runs.list({ workflowName: "common", pagination })],
    ["runs of a rare name", () => runs.list({ workflowName: "rare", pagination })],
    ["runs of a name that none has", () => runs.list({ workflowName: "none", pagination })],
    ["runs of a rare status", () => runs.list({ status: "failed", pagination })],
    ["runs of several statuses", () => runs.list({ status: ["failed", "running", "completed"], pagination })],
    ["runs of a name and status", () => runs.list({ status: "completed", workflowName: "common", pagination })],
    ["runs of a name and a rare status", () => runs.list({ status: "failed", workflowName: "common", pagination })],
    ["runs with an attribute that most have", () => runs.list({ attributes: { plan: "common" }, pagination })],
    ["runs with a rare attribute", () => runs.list({ attributes: { plan: "rare" }, pagination })],
    ["runs with two attributes", () => runs.list({ attributes: { few: "v", plan: "common" }, pagination })],
    ["a step", () => steps.get(long, "step_7")],
    ["steps", () => steps.list({ runId: long, pagination })],
    ["steps, oldest first", () => steps.list({ runId: long, pagination: oldestFirst })],
    ["steps of a short run", () => steps.list({ runId: short, pagination })],
    ["an event", () => events.get(long, `evnt_${String(LONG).padStart(26, "0")}`)],
    ["events", () => events.list({ runId: long, pagination })],
    ["events, newest first", () => events.list({ runId: long, pagination: { ...pagination, sortOrder: "desc" } })],
    ["events of a step", () => events.listByCorrelationId({ runId: long, correlationId: "step_7", pagination })],
    ["a hook", () => hooks.get("hook_7")],
    ["a hook by its token", () => hooks.getByToken("token 7")],
    ["hooks", () => hooks.list({ pagination })],
    ["hooks of a run", () => hooks.list({ runId: short, pagination })],
    ["held payloads", () => held.list({ pagination })],
    ["held payloads of a token", () => held.list({ token: "token 7", pagination })],
    ["what an owner needs", () => records.read(short, 0)],
    ["what an owner needs of a long history", () => records.read(long, LONG - 10)],
    ["code", () => records.code("c0de")],
    ["when a run is due", () => records.nextDueAt([2])],
  ];
}

test("reads look at little more than what they give, however many rows there are", async () => {
  const schema = await openSchema();
  await insertManyRows(schema);
  const costly: string[] = [];
  for (const [what, read] of readsOf(schema)) {
    const before = schema.asked.length;
    await read();
    if (schema.asked.length !== before + 1) costly.push(`${what}: ${schema.asked.length - before} round trips`);
    for (const mode of MODES) {
      const { scanned, pages, rows } = await planOfLast(schema, mode);
      const scans = scanned.filter((table) => !SMALL.includes(table));
      const most = IN_HISTORY.has(what) ? LONG + MOST_ROWS : MOST_ROWS;
      if (scans.length > 0 || pages > MOST_PAGES || rows > most)
        costly.push(`${what} (${mode}): ${rows} rows, ${pages} pages, scans [${scans}]`);
    }
  }
  expect(costly).toEqual([]);
});
