import { randomUUID } from "node:crypto";
import { Pool } from "pg";
import { afterAll } from "vitest";
import { serverUrl } from "./server-url.ts";

/** A schema that nobody else uses at the moment, and that has no data. */
export interface EmptiedSchema {
  readonly url: string;
  /** A name. There is no such schema yet, or it is up to date and its tables are empty. */
  readonly schema: string;
  /** Makes room for the next test. Whoever used it is done. */
  giveBack(): Promise<void>;
}

const free: string[] = [];
const taken = new Set<string>();
let connecting: Promise<Pool> | undefined;

afterAll(async () => {
  const pool = await connecting;
  for (const schema of [...free, ...taken]) await pool?.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
  await pool?.end();
});

/**
 * To create a World's schema takes the server thirty milliseconds, to empty one less than one. So the tests of a file have
 * their schemas one after the other. They go when the file is over.
 */
export async function takeSchema(): Promise<EmptiedSchema> {
  const url = await serverUrl();
  const pool = await (connecting ??= Promise.resolve(new Pool({ connectionString: url, max: 1 })));
  const schema = free.pop() ?? `test_${randomUUID().replaceAll("-", "")}`;
  taken.add(schema);
  return {
    url,
    schema,
    async giveBack() {
      await empty(pool, schema);
      taken.delete(schema);
      free.push(schema);
    },
  };
}

/** Rows are deleted: to truncate so many small tables takes twenty times as long. Only the version stays. */
async function empty(pool: Pool, schema: string): Promise<void> {
  await pool.query(`
    DO $$
    DECLARE
      name text;
    BEGIN
      FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = '${schema}' AND tablename <> 'meta' LOOP
        EXECUTE format('DELETE FROM %I.%I', '${schema}', name);
      END LOOP;
      PERFORM setval(c.oid::regclass, 1, false) FROM pg_class c
      WHERE c.relkind = 'S' AND c.relnamespace = '${schema}'::regnamespace;
    END $$`);
}
