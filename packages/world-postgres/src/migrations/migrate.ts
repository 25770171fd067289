import { WorkflowWorldError } from "workflow/world";
import type { Session } from "../database/database.ts";
import { lockKey } from "../database/lock-key.ts";
import { inSchema } from "../database/sql.ts";
import { TABLES } from "./001-tables.ts";
import { WRITES } from "./002-writes/index.ts";
import { STREAMS } from "./003-streams.ts";
import { REMOVAL } from "./004-removal.ts";

/**
 * Each entry takes a schema from the version of its index to the next. Forward only: one that was released is never
 * edited. Functions of released entries keep their names and what they do, so processes of the version before go on
 * working while the schema is ahead of them, and a write need not ask for the version: what has to change gets a new name.
 */
const MIGRATIONS: readonly string[] = [TABLES, WRITES, STREAMS, REMOVAL];

/** The version of the schema that this code knows. */
export const VERSION: number = MIGRATIONS.length;

const META = "CREATE TABLE IF NOT EXISTS {schema}.meta (key text PRIMARY KEY, value bigint NOT NULL)";

/**
 * Brings a schema up to date, creating it where it is not there. Of several that do so at once, one does the work and the
 * others wait. Where there is nothing to do, nothing is locked or written, so that a role that may not does no harm.
 * Resolves with the version that it found.
 * @throws `WorkflowWorldError` `WORLD_FAILED` when a newer version of the package wrote the schema; the driver's errors.
 */
export async function migrate(client: Session, schema: string): Promise<number> {
  const found = await versionOf(client, schema);
  refuseNewer(found, schema);
  if (found === VERSION) return found;
  if (found === 0) await requireUnicode(client);
  await inTransaction(client, async () => {
    // However long the others take.
    await client.query("SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0");
    await client.query("SELECT pg_advisory_xact_lock($1)", [lockKey("migrate", schema)]);
    // A role that owns the schema need not be one that may create schemas.
    if (!(await isThere(client, schema))) await client.query(inSchema("CREATE SCHEMA {schema}", schema));
    await client.query(inSchema(META, schema));
  });
  for (let version = found; version < VERSION; version++) await step(client, schema, version);
  return found;
}

/** @throws `WorkflowWorldError` `WORLD_FAILED` when the schema is not of the version that this code knows. */
export async function checkVersion(client: Session, schema: string): Promise<void> {
  const version = await versionOf(client, schema);
  refuseNewer(version, schema);
  if (version === VERSION) return;
  throw new WorkflowWorldError(
    "WORLD_FAILED",
    version === 0
      ? `There is no workflow data in the schema ${schema} of this database. If this is the place, start the app or run ` +
          "npx workflow migrate; else set WORKFLOW_POSTGRES_URL and WORKFLOW_POSTGRES_SCHEMA to what the app has"
      : `The workflow data in the schema ${schema} is of version ${version}, and this package needs ${VERSION}. ` +
          "Run npx workflow migrate, as the role that owns the tables",
  );
}

/** One migration and its version in one transaction, so that it happens once and as a whole. */
async function step(client: Session, schema: string, version: number): Promise<void> {
  await inTransaction(client, async () => {
    await client.query("SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0");
    await client.query("SELECT pg_advisory_xact_lock($1)", [lockKey("migrate", schema)]);
    const now = await versionOf(client, schema);
    refuseNewer(now, schema);
    if (now !== version) return;
    await client.query(inSchema(MIGRATIONS[version] as string, schema));
    await client.query(
      inSchema(
        `INSERT INTO {schema}.meta (key, value) VALUES ('version', $1)
         ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
        schema,
      ),
      [version + 1],
    );
  });
}

async function inTransaction(client: Session, task: () => Promise<void>): Promise<void> {
  await client.query("BEGIN");
  try {
    await task();
    await client.query("COMMIT");
  } catch (error) {
    await client.query("ROLLBACK").catch(() => undefined);
    throw error;
  }
}

/** 0 where there is no schema, or nothing of this package in it. */
async function versionOf(client: Session, schema: string): Promise<number> {
  const { rows } = await client.query<{ there: boolean }>("SELECT to_regclass($1) IS NOT NULL AS there", [
    inSchema("{schema}.meta", schema),
  ]);
  if (rows[0]?.there !== true) return 0;
  const found = await client.query<{ value: string | number }>(
    inSchema("SELECT value FROM {schema}.meta WHERE key = 'version'", schema),
  );
  return Number(found.rows[0]?.value ?? 0);
}

/** Payloads hold any character, and texts are compared by their bytes. */
async function requireUnicode(client: Session): Promise<void> {
  const { rows } = await client.query<{ server_encoding: string }>("SHOW server_encoding");
  const encoding = rows[0]?.server_encoding;
  if (encoding === "UTF8") return;
  throw new WorkflowWorldError(
    "WORLD_FAILED",
    `The encoding of the database is ${encoding}, in which not every text can be stored. Use one with the encoding UTF8`,
  );
}

async function isThere(client: Session, schema: string): Promise<boolean> {
  const { rows } = await client.query("SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = $1", [schema]);
  return rows.length > 0;
}

function refuseNewer(version: number, schema: string): void {
  if (version <= VERSION) return;
  throw new WorkflowWorldError(
    "WORLD_FAILED",
    `The workflow data in the schema ${schema} was written by a newer version of the package (data version ${version}, ` +
      `this one knows ${VERSION}). Update the package, or set WORKFLOW_POSTGRES_SCHEMA to another schema`,
  );
}
