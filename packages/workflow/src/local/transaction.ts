import type { DatabaseSync } from "node:sqlite";
import { isBusy } from "./failures.ts";

/** The transaction could not begin (`cause` says why), so `write` was not called. */
export class BeginFailed extends Error {}

/** How long to wait for another process's transaction, in milliseconds. */
const PATIENCE_MS = 10_000;

/**
 * SQLite's own waiting backs off to 100 ms, so that one of two busy processes sleeps through every gap that the
 * other leaves. Gaps are short here: look again soon.
 */
const LOOK_AGAIN_MS = 0.25;

const never = new Int32Array(new SharedArrayBuffer(4));

function begin(db: DatabaseSync): void {
  const giveUpAt = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      db.exec("BEGIN IMMEDIATE");
      return;
    } catch (cause) {
      if (!isBusy(cause) || performance.now() > giveUpAt) throw new BeginFailed("BEGIN failed", { cause });
    }
    Atomics.wait(never, 0, 0, LOOK_AGAIN_MS);
  }
}

/** Runs `write` in one transaction of its own; what it throws undoes it. Blocks the thread while another writes. */
export function transaction<T>(db: DatabaseSync, write: () => T): T {
  begin(db);
  try {
    const result = write();
    db.exec("COMMIT");
    return result;
  } catch (error) {
    rollBack(db);
    throw error;
  }
}

/** Several reads of one state of the file. */
export function snapshot<T>(db: DatabaseSync, read: () => T): T {
  db.exec("BEGIN");
  try {
    return read();
  } finally {
    rollBack(db);
  }
}

function rollBack(db: DatabaseSync): void {
  try {
    db.exec("ROLLBACK");
  } catch {
    // SQLite itself rolls back on some failures (disk full, I/O); there is nothing left to undo then.
  }
}
