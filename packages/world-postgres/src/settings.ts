import type { ConnectionOptions } from "node:tls";
import type { Pool } from "pg";
import { WorkflowWorldError } from "workflow/world";

/** Where the data is and how it is reached. What is left open comes from the environment. */
export interface ConnectionOptionsOfWorld {
  /**
   * `postgres://user:password@host:port/database?sslmode=...`. Default: `WORKFLOW_POSTGRES_URL`, else `DATABASE_URL`. What
   * it leaves open comes from `PGHOST`, `PGUSER`, `PGPASSWORD` and so on.
   */
  readonly connectionString?: string;
  /** A pool of the caller's, used instead of one of this World's. It is not closed, and its time limits are its own. */
  readonly pool?: Pool;
  /**
   * The namespace: the schema that all tables are in. 1 to 63 characters `a-z`, `0-9` and `_`, no digit first. Default:
   * `WORKFLOW_POSTGRES_SCHEMA`, else `workflow`.
   */
  readonly schema?: string;
  /**
   * Where hints are listened for and session locks are held: a direct way to the server, where `connectionString` leads
   * through a pooler in transaction mode. `off`: there is none; then work from other processes is found by sweeps, and a
   * killed process is noticed after 10 s. Default: `WORKFLOW_POSTGRES_LISTEN_URL`, else the way of all the others.
   */
  readonly listenerConnectionString?: string;
  /** Connections at most, without the one that listens. Default: 10. */
  readonly maxConnections?: number;
  /** TLS, as Node's `tls.connect` takes it. An `sslmode` in the connection string comes before it. */
  readonly ssl?: boolean | ConnectionOptions;
  /**
   * Whether to create the schema, and bring it up to date. `false`: it has to be already. Default: `true`, unless
   * `WORKFLOW_POSTGRES_MIGRATE` is `off`.
   */
  readonly migrate?: boolean;
  /** The server gives a statement up after as long, in milliseconds. Default: 30,000. */
  readonly statementTimeoutMs?: number;
  /** The server gives up waiting for a lock after as long, in milliseconds. Default: 10,000. */
  readonly lockTimeoutMs?: number;
}

/** How one connection is made. Can be given to a thread. */
export interface Connecting {
  readonly connectionString?: string | undefined;
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly database?: string | undefined;
  readonly ssl?: boolean | ConnectionOptions | undefined;
}

/**
 * `direct`: the connection is known to keep its session. `same`: nobody said so; a pooler between is looked for.
 * `off`: it does not.
 */
export interface ListenerSettings {
  readonly way: "direct" | "same" | "off";
  readonly connecting: Connecting;
}

export interface Settings {
  readonly schema: string;
  readonly migrate: boolean;
  readonly pool: PoolSettings;
  readonly listener: ListenerSettings;
}

export interface PoolSettings {
  readonly connectionString?: string | undefined;
  readonly pool?: Pool | undefined;
  readonly ssl?: boolean | ConnectionOptions | undefined;
  readonly maxConnections?: number | undefined;
  readonly statementTimeoutMs?: number | undefined;
  readonly lockTimeoutMs?: number | undefined;
}

const DEFAULT_SCHEMA = "workflow";

const SCHEMA = /^[a-z_][a-z0-9_]{0,62}$/;

/** @throws `WorkflowWorldError` `INVALID_ARGUMENT` for a schema or a limit that cannot be, `WORLD_FAILED` without a URL. */
export function readSettings(given: ConnectionOptionsOfWorld, env: NodeJS.ProcessEnv = process.env): Settings {
  const schema = given.schema ?? (env["WORKFLOW_POSTGRES_SCHEMA"] || DEFAULT_SCHEMA);
  if (!SCHEMA.test(schema)) {
    throw invalid(
      "schema",
      `${JSON.stringify(schema)} cannot be the schema. It takes 1 to 63 of the characters a-z, 0-9 and _, and no digit first`,
    );
  }
  for (const limit of ["maxConnections", "statementTimeoutMs", "lockTimeoutMs"] as const) {
    const value = given[limit];
    if (value !== undefined && !(Number.isInteger(value) && value > 0 && value < 2 ** 31)) {
      throw invalid(limit, `${limit} is ${String(value)}. It takes a whole number from 1 on`);
    }
  }
  const pool: PoolSettings = {
    pool: given.pool,
    connectionString: given.pool === undefined ? urlFrom(given, env) : undefined,
    ssl: given.ssl,
    maxConnections: given.maxConnections,
    statementTimeoutMs: given.statementTimeoutMs,
    lockTimeoutMs: given.lockTimeoutMs,
  };
  return {
    schema,
    migrate: given.migrate ?? env["WORKFLOW_POSTGRES_MIGRATE"] !== "off",
    pool,
    listener: listenerFrom(given.listenerConnectionString ?? env["WORKFLOW_POSTGRES_LISTEN_URL"], pool),
  };
}

function urlFrom(given: ConnectionOptionsOfWorld, env: NodeJS.ProcessEnv): string {
  const url = given.connectionString || env["WORKFLOW_POSTGRES_URL"] || env["DATABASE_URL"];
  if (url) return url;
  throw new WorkflowWorldError(
    "WORLD_FAILED",
    "Nothing says where PostgreSQL is. Set WORKFLOW_POSTGRES_URL to postgres://user:password@host:5432/database, or pass connectionString",
  );
}

function listenerFrom(url: string | undefined, pool: PoolSettings): ListenerSettings {
  if (url && url !== "off") return { way: "direct", connecting: portable({ connectionString: url, ssl: pool.ssl }) };
  const connecting = pool.pool === undefined ? pool : connectingOf(pool.pool);
  return { way: url === "off" ? "off" : "same", connecting: portable(connecting) };
}

/** As the pool connects. The driver hides passwords from whoever enumerates its options. */
function connectingOf(pool: Pool): Connecting {
  return pool.options as unknown as Connecting;
}

/**
 * A copy that a thread can be given. The driver also hides the key within `ssl`, so it has to be named.
 * @throws `WorkflowWorldError` `INVALID_ARGUMENT` when the way to connect has functions in it.
 */
function portable({ connectionString, host, port, user, password, database, ssl }: Connecting): Connecting {
  const tls = typeof ssl === "object" && ssl.key !== undefined ? { ...ssl, key: ssl.key } : ssl;
  try {
    return structuredClone({ connectionString, host, port, user, password, database, ssl: tls });
  } catch {
    throw invalid(
      "listenerConnectionString",
      "A password or a check of certificates that is a function cannot be used by the thread that listens. Pass a " +
        'listenerConnectionString that needs none, or "off"',
    );
  }
}

function invalid(field: string, message: string): WorkflowWorldError {
  return new WorkflowWorldError("INVALID_ARGUMENT", message, { field });
}
