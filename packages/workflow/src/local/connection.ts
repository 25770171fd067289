import type { DatabaseSync } from "node:sqlite";
import { setTimeout as delay } from "node:timers/promises";
import { isBusy } from "./failures.ts";

/**
 * What survives when the machine stops: `full` every acknowledged write, `process` only a consistent earlier
 * state (writes survive the death of the process either way).
 */
export type Durability = "full" | "process";

/** How long a connection waits for another process, in milliseconds. */
const BUSY_TIMEOUT_MS = 10_000;

type Sqlite = typeof import("node:sqlite");

/** Node 22 announces its SQLite as experimental; nothing else is kept from being shown. */
function loadSqlite(): Sqlite {
  const { emitWarning } = process;
  process.emitWarning = function (this: unknown, warning: string | Error, ...rest: never[]): void {
    if (!String(warning).startsWith("SQLite is an experimental feature"))
      Reflect.apply(emitWarning, process, [warning, ...rest]);
  };
  try {
    return process.getBuiltinModule("node:sqlite");
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** A connection without any setting. Loads SQLite when first called. */
export function openPlain(path: string): DatabaseSync {
  const { DatabaseSync } = loadSqlite();
  return new DatabaseSync(path);
}

/** A connection to the data file. The file is in WAL mode already ({@link enableWal}). */
export function openConnection(path: string, durability: Durability): DatabaseSync {
  const db = openPlain(path);
  db.exec(`
    PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS};
    PRAGMA synchronous = ${durability === "full" ? "FULL" : "NORMAL"};
    PRAGMA fullfsync = ${durability === "full" ? 1 : 0};
    PRAGMA checkpoint_fullfsync = ${durability === "full" ? 1 : 0};
    PRAGMA cache_size = -16000;
    PRAGMA journal_size_limit = 16777216;
    PRAGMA temp_store = MEMORY;
  `);
  return db;
}

/** Puts the file into WAL mode. SQLite does not wait for others here, so several processes that start at once do. */
export async function enableWal(db: DatabaseSync): Promise<void> {
  const giveUpAt = Date.now() + BUSY_TIMEOUT_MS;
  for (;;) {
    try {
      db.exec("PRAGMA journal_mode = WAL");
      return;
    } catch (error) {
      if (!isBusy(error) || Date.now() > giveUpAt) throw error;
    }
    await delay(10);
  }
}
