import { DatabaseSync } from "node:sqlite";

/** How long a write of a live process may take, in milliseconds. */
const LONGEST_WRITE_MS = 500;

/** Whether nobody holds the write lock of an SQLite file: a process that was stopped while it writes keeps it. */
export function canWrite(database: string): boolean {
  const db = new DatabaseSync(database, { timeout: LONGEST_WRITE_MS });
  try {
    db.exec("BEGIN IMMEDIATE; ROLLBACK");
    return true;
  } catch {
    return false;
  } finally {
    db.close();
  }
}
