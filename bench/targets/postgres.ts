import { randomUUID } from "node:crypto";
import { statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { Client } from "pg";
import { startServer } from "../../tests/support/postgres/server.ts";
import { measurePostgresFloors } from "./postgres-floors.ts";
import type { Place, Target } from "./target.ts";

/** What `statfs` calls a file system in memory. */
const TMPFS = 0x01021994;

/** The PostgreSQL World, on the server that `WORKFLOW_TEST_POSTGRES_URL` names, else on one of its own that waits for the disk. */
export async function openPostgresTarget(): Promise<Target> {
  const { url, end } = await findServer();
  const client = new Client(url);
  await client.connect();
  const { rows } = await client.query<{ version: string; fsync: string }>(
    "select current_setting('server_version') as version, current_setting('fsync') as fsync",
  );
  const [{ version, fsync } = { version: "", fsync: "" }] = rows;
  return {
    world: "postgres",
    description: `PostgreSQL ${version}, fsync ${fsync}`,
    floors: { commit: "one-row PostgreSQL commit", least: "round trip" },
    openPlace: async () => openPlace(url, client),
    async [Symbol.asyncDispose]() {
      await client.end();
      await end();
    },
  };
}

async function findServer(): Promise<{ readonly url: string; end(): Promise<void> }> {
  const url = process.env["WORKFLOW_TEST_POSTGRES_URL"];
  if (url !== undefined) return { url, end: () => Promise.resolve() };
  if ((await statfs(tmpdir())).type === TMPFS) {
    console.error(`${tmpdir()} is in memory, where durability costs nothing: set TMPDIR to a folder on a disk`);
  }
  const server = await startServer({ fsync: true });
  return { url: server.url, end: async () => server[Symbol.asyncDispose]() };
}

/** A schema for each name, and one for the floors. */
function openPlace(url: string, client: Client): Place {
  const prefix = `bench_${randomUUID().slice(0, 8)}`;
  const schemas = new Set([prefix]);
  return {
    env(name) {
      const schema = `${prefix}_${name.replaceAll(/\W/g, "_")}`;
      schemas.add(schema);
      return {
        WORKFLOW_TARGET_WORLD: "@workflow/world-postgres",
        WORKFLOW_POSTGRES_URL: url,
        WORKFLOW_POSTGRES_SCHEMA: schema,
      };
    },
    // Else its own daemon would begin to within a minute, in the middle of a measurement.
    async settle() {
      const tables = await tablesIn(client, schemas);
      if (tables.length > 0) await client.query(`vacuum (analyze) ${tables.join(", ")}`);
    },
    measureFloors: () => measurePostgresFloors(client, prefix),
    async [Symbol.asyncDispose]() {
      for (const schema of schemas) await client.query(`drop schema if exists ${schema} cascade`);
    },
  };
}

async function tablesIn(client: Client, schemas: ReadonlySet<string>): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string }>(
    "select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname = any($1)",
    [[...schemas]],
  );
  return rows.map(({ name }) => name);
}
