import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Client } from "pg";
import type { World } from "workflow/world";
import { worldVariables } from "../support/postgres/world-variables.ts";
import { type Dump, dumpWorld } from "./dump.ts";

/** The built Worlds, as in the processes under test: a thread starts in a third of the time. */
const LOCAL = new URL("../../packages/workflow/dist/local/world.js", import.meta.url).href;
const POSTGRES = new URL("../../packages/world-postgres/dist/index.js", import.meta.url).href;

const NOTHING: Dump = { runs: [], tokens: [], held: [], nextDueAt: null };

/** Where the processes of a case have what they store. A directory says so itself. */
interface Storage {
  /** What tells a process. */
  readonly env: Readonly<Record<string, string>>;
  /** What is stored, when nobody uses it. */
  dump(): Promise<Dump>;
  /** The same, so that the next process finds what a kill left, and not what the look made of it. */
  look(): Promise<Dump>;
  remove(): Promise<void>;
}

/** For one case: the evidence, and what else its processes write. `server`: of PostgreSQL, where that has the data. */
export function newDirectory(name: string, server?: string): string {
  const directory = mkdtempSync(join(tmpdir(), `workflow-crash-${name}-`));
  writeFileSync(evidenceIn(directory), "");
  if (server !== undefined) writeFileSync(serverIn(directory), server);
  return directory;
}

export function evidenceIn(directory: string): string {
  return join(directory, "evidence.ndjson");
}

export function dataIn(directory: string): string {
  return join(directory, "data");
}

export function storageOf(directory: string): Storage {
  const server = serverIn(directory);
  return existsSync(server) ? inSchema(directory, readFileSync(server, "utf8")) : inFile(directory);
}

/** With what is stored. */
export async function removeDirectory(directory: string): Promise<void> {
  await storageOf(directory).remove();
  rmSync(directory, { recursive: true });
}

function serverIn(directory: string): string {
  return join(directory, "server");
}

function inFile(directory: string): Storage {
  const data = dataIn(directory);
  const dumpFrom = (from: string): Promise<Dump> => dumpOf(LOCAL, "createLocalWorld", { directory: from });
  return {
    env: { WORKFLOW_LOCAL_DATA_DIR: data },
    dump: () => dumpFrom(data),
    async look() {
      const copy = join(directory, "copy");
      if (!existsSync(data)) return NOTHING;
      cpSync(data, copy, { recursive: true });
      try {
        return await dumpFrom(copy);
      } finally {
        rmSync(copy, { recursive: true });
      }
    },
    remove: async () => undefined,
  };
}

function inSchema(directory: string, url: string): Storage {
  const schema = `crash_${createHash("sha256").update(directory).digest("hex").slice(0, 16)}`;
  const asking = async <T>(ask: (client: Client) => Promise<T>): Promise<T> => {
    const client = new Client({ connectionString: url });
    await client.connect();
    try {
      return await ask(client);
    } finally {
      await client.end();
    }
  };
  // A World without a worker only reads.
  const dump = async (): Promise<Dump> => {
    if (!(await asking((client) => quiet(client, schema)))) return NOTHING;
    return dumpOf(POSTGRES, "createWorld", { connectionString: url, schema, migrate: false });
  };
  return {
    env: worldVariables({ url, schema }),
    dump,
    look: dump,
    remove: () => asking(async (client) => void (await client.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`))),
  };
}

/** Resolves once the server has done what killed processes had asked for. Says whether there are data. */
async function quiet(client: Client, schema: string): Promise<boolean> {
  const state = `
    SELECT to_regclass($1 || '.runs') IS NOT NULL AS there, count(a.pid)::integer AS others FROM (SELECT 1) one
    LEFT JOIN pg_stat_activity a ON a.pid <> pg_backend_pid() AND a.state <> 'idle' AND position($1 in a.query) > 0`;
  for (;;) {
    const { rows } = await client.query<{ there: boolean; others: number }>(state, [schema]);
    if (rows[0]?.others === 0) return rows[0].there;
    await delay(2);
  }
}

async function dumpOf(module: string, create: string, options: object): Promise<Dump> {
  const open = ((await import(module)) as Record<string, (options: object) => Promise<World>>)[create];
  const world = await open?.(options);
  if (world === undefined) throw new Error(`${module} has no ${create}()`);
  try {
    return await dumpWorld(world);
  } finally {
    await world.close();
  }
}
