import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createTestClock } from "@workflow/world/testkit";
import { expect, onTestFinished, test } from "vitest";
import type { Database, Session } from "./database/database.ts";
import { sqlFor } from "./database/sql.ts";
import { doEverything } from "./fixtures/everything.ts";
import { freshName, poolFor, SERVER } from "./fixtures/server.ts";
import { cleanup, createWorld, migrate } from "./index.ts";
import { openMembership } from "./membership.ts";
import { checkVersion } from "./migrations/migrate.ts";
import { createPeers } from "./peers.ts";

const PAGE = join(import.meta.dirname, "../../../docs/postgres.md");

interface Scene {
  readonly schema: string;
  readonly app: Database;
  readonly appUrl: string;
}

/** What the page says, done under names of the test's own. */
async function asDocumented(): Promise<Scene> {
  const schema = freshName();
  const named = (text: string): string =>
    text
      .replaceAll("workflow_owner", `owner_${schema}`)
      .replaceAll("workflow_app", `app_${schema}`)
      .replaceAll(/SCHEMA workflow\b/g, `SCHEMA ${schema}`)
      .replaceAll("workflow.meta", `${schema}.meta`);
  const blocks = [...readFileSync(PAGE, "utf8").matchAll(/```sql\n(.*?)```/gs)].map(([, block]) =>
    named(block as string),
  );
  const [administrator, owner] = blocks as [string, string];
  expect(blocks).toHaveLength(2);
  const urlOf = (role: string): string => {
    const url = new URL(SERVER);
    url.username = `${role}_${schema}`;
    url.password = role === "owner" ? "secret" : "other secret";
    return url.href;
  };
  const admin = poolFor();
  onTestFinished(async () => {
    for (const role of ["app", "owner"]) {
      await admin.session((client) =>
        client.query(`DROP OWNED BY ${role}_${schema} CASCADE; DROP ROLE ${role}_${schema}`),
      );
    }
    await admin.close();
  });
  await admin.session((client) => client.query(administrator));
  await migrate({ connectionString: urlOf("owner"), schema });
  await poolFor({ connectionString: urlOf("owner") }).session((client) => client.query(owner));
  return { schema, appUrl: urlOf("app"), app: poolFor({ connectionString: urlOf("app") }) };
}

async function namesOf(client: Session, query: string, schema: string): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string }>(query, [schema]);
  return rows.map(({ name }) => name);
}

test("the role of an app can do what the World does with the rights that the page lists", async () => {
  const { schema, app, appUrl } = await asDocumented();
  await migrate({ connectionString: appUrl, schema });
  await app.session(async (client) => {
    await checkVersion(client, schema);
    const tables = await namesOf(client, "SELECT tablename AS name FROM pg_tables WHERE schemaname = $1", schema);
    expect(tables).toContain("runs");
    for (const table of tables.filter((name) => name !== "meta")) {
      const name = `${schema}.${table}`;
      const columns = await namesOf(
        client,
        `SELECT attname AS name FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND attidentity = ''`,
        name,
      );
      await client.query(`SELECT * FROM ${name}`);
      await client.query(`INSERT INTO ${name} OVERRIDING SYSTEM VALUE SELECT * FROM ${name} WHERE false`);
      await client.query(`UPDATE ${name} SET ${columns[0]} = ${columns[0]} WHERE false`);
      await client.query(`DELETE FROM ${name} WHERE false`);
    }
    await client.query(`SELECT nextval('${schema}.facts')`);
    const refused = await namesOf(
      client,
      `SELECT p.oid::regprocedure::text AS name FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
       WHERE n.nspname = $1 AND (NOT has_function_privilege(p.oid, 'EXECUTE') OR p.prosecdef)`,
      schema,
    );
    expect(refused).toEqual([]);
  });
});

test("it can do whatever a World does, and clean up", async () => {
  const { schema, appUrl } = await asDocumented();
  const clock = createTestClock();
  const world = await createWorld({ connectionString: appUrl, schema, clock });
  onTestFinished(() => world.close());
  await doEverything(world, clock, 1);
  const ended = (await world.runs.list()).data.filter(({ completedAt }) => completedAt !== undefined);
  expect(ended.length).toBeGreaterThan(0);
  expect(await cleanup({ connectionString: appUrl, schema, retention: 0 })).toMatchObject({ runs: ended.length });
});

test("it can keep its workers alive and tell others", async () => {
  const { schema, app, appUrl } = await asDocumented();
  const heard: string[] = [];
  const membership = await openMembership({
    listener: { way: "same", connecting: { connectionString: appUrl } },
    schema,
    onNotification: (payload) => heard.push(payload),
    onListeners: () => {},
    onLoss: () => {},
    onReturn: () => {},
    onTime: () => {},
    periodMs: 100,
  });
  onTestFinished(() => membership.close());
  const sql = sqlFor(schema);
  const insert = sql("test worker", "INSERT INTO {schema}.workers (worker) VALUES ('wrkr_1') RETURNING id");
  const [row] = await app.query<{ id: number }>(insert, []);
  await membership.add((row as { id: number }).id);
  const beats = sql("test beats", "SELECT beats FROM {schema}.workers");
  await expect.poll(async () => (await app.query<{ beats: number }>(beats, []))[0]?.beats).toBeGreaterThan(0);
  createPeers({ database: app, sql, schema, onHint: () => {} }).tell({ kind: "ended", runId: "wrun_1" }, null);
  await expect.poll(() => heard.some((payload) => payload.includes("wrun_1"))).toBe(true);
});

test.each([
  ["create tables", "CREATE TABLE {schema}.more (id int)"],
  ["drop them", "DROP TABLE {schema}.runs"],
  ["say that the schema is of another version", "UPDATE {schema}.meta SET value = 99"],
])("it cannot %s", async (_what, text) => {
  const { schema, app } = await asDocumented();
  await expect(app.query(sqlFor(schema)("test refused", text), [])).rejects.toMatchObject({
    code: "WORLD_FAILED",
    cause: { code: "42501" },
  });
});
