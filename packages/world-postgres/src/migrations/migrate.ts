import type pg from "pg";
import { inSchema } from "../database/sql.ts";
import { TABLES } from "./001-tables.ts";
import { WRITES } from "./002-writes/index.ts";
import { STREAMS } from "./003-streams.ts";

/** Each entry takes a schema from the version of its index to the next. Forward only. */
const MIGRATIONS: readonly string[] = [TABLES, WRITES, STREAMS];

/** Brings a schema up to date. */
export async function migrate(client: Pick<pg.ClientBase, "query">, schema: string): Promise<void> {
  await client.query(inSchema("CREATE SCHEMA IF NOT EXISTS {schema}", schema));
  for (const step of MIGRATIONS) await client.query(inSchema(step, schema));
}
