import { readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CODE, newRun, openWorld, temporaryDirectory } from "./fixtures/scene.ts";
import { RUNS_BY_ATTRIBUTE } from "./run-reads.ts";

test("runs are looked up by their attributes in an index, in the order of the list, and nothing is sorted", async () => {
  const directory = temporaryDirectory();
  await openWorld(directory);
  const file = new DatabaseSync(join(directory, "workflow.db"));
  const sql = `${RUNS_BY_ATTRIBUTE.replace("{beyond}", "a.run < 9")} ORDER BY a.run DESC LIMIT 9`;
  const plan = file
    .prepare(`EXPLAIN QUERY PLAN ${sql}`)
    .all()
    .map((row) => String(row["detail"]));
  file.close();
  expect(plan[0]).toBe("SEARCH a USING COVERING INDEX attributes_by_value (key=? AND value=? AND run<?)");
  expect(plan).toContainEqual(expect.stringMatching(/^SEARCH b USING PRIMARY KEY \(run=\? AND key=\?\)/));
  expect(plan.filter((step) => step.startsWith("SCAN") && !step.includes("VIRTUAL TABLE"))).toEqual([]);
  expect(plan.filter((step) => step.includes("TEMP B-TREE"))).toEqual([]);
});

test("runs of version 2 have the attributes that they were created with", async () => {
  const directory = temporaryDirectory();
  const file = new DatabaseSync(join(directory, "workflow.db"));
  file.exec(readFileSync(new URL("fixtures/version-2.sql", import.meta.url), "utf8"));
  file.exec(`UPDATE events SET data = json_set(data, '$.attributes', json('{"plan":"pro","":"x"}'))
    WHERE type = 'run_created' AND id >> 24 = 1`);
  file.close();
  const world = await openWorld(directory);
  const { runId } = newRun(1);
  expect((await world.runs.get(runId)).attributes).toEqual({ plan: "pro", "": "x" });
  expect((await world.runs.get(newRun(2).runId)).attributes).toEqual({});
  const found = await world.runs.list({ attributes: { plan: "pro" } });
  expect(found.data.map((run) => run.runId)).toEqual([runId]);
});

test.each([[{ "\ud800": "v" }], [{ k: "v\udc00" }]])(
  "text that is not well-formed is refused: %j",
  async (attributes) => {
    const world = await openWorld(temporaryDirectory());
    await expect(world.createRun({ ...newRun(1), codeHash: CODE.hash, attributes })).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      field: "attributes",
    });
    await world.createRun(newRun(1));
    const [[key, value] = ["", ""]] = Object.entries(attributes);
    const data = { changes: [{ key, value }], writer: { type: "workflow" } } as const;
    await expect(world.deliver({ runId: newRun(1).runId }, { type: "attr_set", data, at: 0 })).rejects.toMatchObject({
      field: "attributes",
    });
    expect((await world.read(newRun(1).runId, 0)).inbox).toEqual([]);
  },
);
