import { expect, test } from "vitest";
import { freshName, freshSchema, poolFor, SERVER } from "../fixtures/server.ts";
import { inSchema } from "../database/sql.ts";
import { migrate as migrateByUrl } from "../index.ts";
import { checkVersion, migrate, VERSION } from "./migrate.ts";

test("ten processes at once bring a schema into being, once", async () => {
  const schema = freshName();
  const database = poolFor({ maxConnections: 10 });
  const found = await Promise.all(
    Array.from({ length: 10 }, () => database.session((client) => migrate(client, schema))),
  );
  expect(found).toContain(0);
  await database.session((client) => checkVersion(client, schema));
  expect(await database.session((client) => migrate(client, schema))).toBe(VERSION);
});

test("a schema that somebody made beforehand is used, by a role that owns it and may not create any", async () => {
  const schema = freshName();
  const owner = poolFor();
  const role = `role_${schema}`;
  await owner.session((client) => client.query(`CREATE ROLE ${role} LOGIN`));
  const url = new URL(SERVER);
  url.username = role;
  url.password = "";
  try {
    await owner.session((client) => client.query(`CREATE SCHEMA ${schema} AUTHORIZATION ${role}`));
    expect(await migrateByUrl({ connectionString: url.href, schema })).toEqual({ schema, from: 0, to: VERSION });
  } finally {
    await owner.session((client) => client.query(`DROP OWNED BY ${role} CASCADE; DROP ROLE ${role}`));
  }
});

test("a role that may create nothing opens a schema that is up to date, and is told what to do about one that is not", async () => {
  const [current, missing] = [await freshSchema(), freshName()];
  const owner = poolFor();
  const role = `role_${current}`;
  await owner.session((client) =>
    client.query(`CREATE ROLE ${role} LOGIN; GRANT USAGE ON SCHEMA ${current} TO ${role};
      GRANT SELECT ON ALL TABLES IN SCHEMA ${current} TO ${role}`),
  );
  const url = new URL(SERVER);
  url.username = role;
  url.password = "";
  try {
    const migrated = await migrateByUrl({ connectionString: url.href, schema: current });
    expect(migrated).toEqual({ schema: current, from: VERSION, to: VERSION });
    await expect(migrateByUrl({ connectionString: url.href, schema: missing })).rejects.toMatchObject({
      code: "WORLD_FAILED",
      message: expect.stringContaining("npx workflow migrate"),
      cause: { code: "42501" },
    });
  } finally {
    await owner.session((client) => client.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`));
  }
});

test("a schema that a newer version wrote is refused and left alone", async () => {
  const schema = await freshSchema();
  const database = poolFor();
  const set = inSchema("UPDATE {schema}.meta SET value = $1 WHERE key = 'version'", schema);
  await database.session((client) => client.query(set, [VERSION + 1]));
  const refusal = { code: "WORLD_FAILED", message: expect.stringContaining("written by a newer version") };
  await expect(database.session((client) => migrate(client, schema))).rejects.toMatchObject(refusal);
  await expect(database.session((client) => checkVersion(client, schema))).rejects.toMatchObject(refusal);
});

test("a schema that is not there is not made by who only checks", async () => {
  const schema = freshName();
  const database = poolFor();
  await expect(database.session((client) => checkVersion(client, schema))).rejects.toMatchObject({
    code: "WORLD_FAILED",
    message: expect.stringContaining("npx workflow migrate"),
  });
  const { rows } = await database.session((client) =>
    client.query("SELECT 1 FROM pg_namespace WHERE nspname = $1", [schema]),
  );
  expect(rows).toEqual([]);
});

test("a migration that fails leaves nothing of itself behind, and is done when the reason is gone", async () => {
  const schema = freshName();
  const database = poolFor();
  await database.session((client) =>
    client.query(`CREATE SCHEMA ${schema}; CREATE TABLE ${schema}.chunks (in_the_way int)`),
  );
  await expect(database.session((client) => migrate(client, schema))).rejects.toMatchObject({ code: "WORLD_FAILED" });
  await expect(database.session((client) => checkVersion(client, schema))).rejects.toMatchObject({
    message: expect.stringContaining("There is no workflow data"),
  });
  await database.session((client) => client.query(`DROP TABLE ${schema}.chunks`));
  await database.session((client) => migrate(client, schema));
  await database.session((client) => checkVersion(client, schema));
});

test("a database that cannot store every text is refused", async () => {
  const name = freshName();
  const admin = poolFor();
  await admin.session((client) =>
    client.query(`CREATE DATABASE ${name} ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0`),
  );
  const url = new URL(SERVER);
  url.pathname = name;
  try {
    await expect(migrateByUrl({ connectionString: url.href })).rejects.toThrow(/encoding of the database is LATIN1/);
  } finally {
    await admin.session((client) => client.query(`DROP DATABASE ${name}`));
  }
});
