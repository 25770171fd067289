import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { AnswerStore } from "workflow/world";
import { createAnswers } from "./answer-store.ts";
import type { Database, Statement, Value } from "./database/database.ts";
import { createData, type Data } from "./fixtures/data.ts";

const HOUR = 3_600_000;

describe("answers of several processes", () => {
  let data: Data;
  let answers: AnswerStore;
  let runId: string;

  beforeEach(async () => {
    data = await createData();
    answers = createAnswers(data.core());
    ({ runId } = await data.addRun());
  });

  afterEach(() => data.drop());

  test.each(["COMMIT", "ROLLBACK"])("of answers that are put at once one is the first (%s)", async (end) => {
    const first = await data.connect();
    await first.run("BEGIN");
    const values = ["req_1", "0", data.clock.now()];
    await first.run("INSERT INTO {schema}.answers (request_id, answer, at) VALUES ($1, $2, $3)", values);
    const putting = [answers, createAnswers(data.core())].map((of, index) => of.put("req_1", String(index + 1)));
    await data.waiting(2);
    await first.run(end);
    const firsts = [end === "COMMIT", ...(await Promise.all(putting))];
    expect(firsts.filter(Boolean)).toEqual([true]);
    expect(await answers.wait("req_1", { runId, timeoutMs: 0 })).toBe(String(firsts.indexOf(true)));
  });

  test("whoever waits in another process gets the answer", async () => {
    const waiting = createAnswers(data.core()).wait("req_1", { runId, timeoutMs: HOUR });
    await answers.put("req_1", "yes");
    expect(await waiting).toBe("yes");
  });

  test("an answer that is on its way when the run ends reaches who waits", async () => {
    const { promise: looked, resolve } = Promise.withResolvers<void>();
    const core = data.core();
    const database: Database = {
      ...core.database,
      async query<R>(statement: Statement, values: readonly Value[]) {
        const rows = await core.database.query<R>(statement, values);
        if (statement.name.includes("find answer")) resolve();
        return rows;
      },
    };
    answers = createAnswers({ ...core, database });
    const other = await data.connect();
    await other.run("BEGIN");
    await other.run("INSERT INTO {schema}.answers (request_id, answer, at) VALUES ('req_1', 'no', 0)");
    const putting = answers.put("req_1", "yes");
    await data.waiting(1);
    await (await data.connect()).run("UPDATE {schema}.runs SET ended_at = 1 WHERE run_id = $1", [runId]);
    const waiting = answers.wait("req_1", { runId, timeoutMs: HOUR });
    await looked;
    // Time enough to look again, for a reader that does not wait for what is on its way.
    for (let n = 0; n < 20; n += 1) await other.run("SELECT 1");
    await other.run("ROLLBACK");
    expect(await putting).toBe(true);
    expect(await waiting).toBe("yes");
  });

  test("what PostgreSQL cannot hold is refused, and not found", async () => {
    for (const text of ["a\0", "\ud800"]) {
      const refusal = (field: string): object => ({ code: "INVALID_ARGUMENT", field });
      await expect(answers.put(text, "yes")).rejects.toMatchObject(refusal("requestId"));
      await expect(answers.put("req_1", text)).rejects.toMatchObject(refusal("answer"));
      expect(await answers.wait(text, { runId, timeoutMs: 0, signal: AbortSignal.abort() })).toBeNull();
      await expect(answers.wait("req_1", { runId: text, timeoutMs: 0 })).rejects.toMatchObject({
        code: "RUN_NOT_FOUND",
      });
    }
  });
});
