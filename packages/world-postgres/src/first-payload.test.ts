import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Payload } from "workflow/world";
import { createFirstPayload } from "./first-payload.ts";
import { type Connection, createData, type Data } from "./fixtures/data.ts";

describe("the first payload of a system hook", () => {
  let data: Data;
  let owner: Connection;
  let run: Awaited<ReturnType<Data["addRun"]>>;
  let look: () => Promise<Payload | null>;

  beforeEach(async () => {
    data = await createData();
    owner = await data.connect();
    run = await data.addRun();
    const firstPayload = createFirstPayload(data.core());
    const options = { timeoutMs: 0, signal: AbortSignal.abort() };
    look = () => firstPayload({ runId: run.runId, hookId: "hook_s" }, options);
  });

  afterEach(() => data.drop());

  const addEvent = (position: number, hookId: string, payload: string): Promise<unknown> =>
    owner.run(
      `WITH event AS (
         INSERT INTO {schema}.events (run, position, type, correlation_id, turn, at, payload)
         VALUES ($1, $2, 'hook_received', $3, 1, 0, $4))
       UPDATE {schema}.runs SET length = $2 WHERE id = $1`,
      [run.id, position, hookId, payload],
    );

  const addFact = (id: number, payload: string): Promise<unknown> =>
    owner.run(
      `INSERT INTO {schema}.inbox (run, id, type, correlation_id, at, payload)
       VALUES ($1, $2, 'hook_received', 'hook_s', 0, $3)`,
      [run.id, id, payload],
    );

  test("is the first of the inbox, and one that the history has comes before those", async () => {
    expect(await look()).toBeNull();
    await addFact(2, "second");
    await addFact(1, "first");
    expect(await look()).toBe("first");
    await addEvent(3, "hook_other", "other");
    await addEvent(4, "hook_s", "of the history");
    await addEvent(5, "hook_s", "later");
    expect(await look()).toBe("of the history");
  });

  test("is found in the history of the next generation, where another one had nothing", async () => {
    await addEvent(9, "hook_other", "other");
    expect(await look()).toBeNull();
    await owner.run("DELETE FROM {schema}.events");
    await owner.run("UPDATE {schema}.runs SET generation = 1, length = 1");
    await addEvent(2, "hook_s", "early");
    expect(await look()).toBe("early");
  });

  test("is null where the run kept nothing, and of what PostgreSQL cannot hold", async () => {
    await addEvent(3, "hook_s", "gone");
    await owner.run("UPDATE {schema}.events SET payload = NULL");
    await owner.run("UPDATE {schema}.runs SET ended_at = 1");
    expect(await look()).toBeNull();
    const firstPayload = createFirstPayload(data.core());
    const { runId } = run;
    expect(await firstPayload({ runId, hookId: "hook_s\0" }, { timeoutMs: 0 })).toBeNull();
    const nowhere = firstPayload({ runId: `${runId}\0`, hookId: "hook_s" }, { timeoutMs: 0 });
    await expect(nowhere).rejects.toMatchObject({ code: "RUN_NOT_FOUND" });
  });
});
