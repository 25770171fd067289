import { Client } from "pg";
import { expect, test } from "vitest";
import { freshSchema } from "./fresh-schema.ts";

test("what is made in a fresh schema goes with it, and nothing else does", async () => {
  await using other = await freshSchema();
  const own = await freshSchema();
  expect(other.url).toBe(own.url);
  const client = new Client(own.url);
  await client.connect();
  try {
    for (const { schema } of [own, other]) {
      await client.query(`create schema ${schema}; create table ${schema}.orders (id text)`);
    }
    await own[Symbol.asyncDispose]();
    const schemas = "select nspname as name from pg_namespace where nspname in ($1, $2)";
    expect((await client.query(schemas, [own.schema, other.schema])).rows).toEqual([{ name: other.schema }]);
  } finally {
    await client.end();
  }
});
