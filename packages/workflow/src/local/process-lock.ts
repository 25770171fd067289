import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { openPlain } from "./connection.ts";
import { isBusy } from "./failures.ts";

/**
 * Locks that die with their process, one file per worker, so that others see at once that a worker is dead.
 * An open exclusive transaction on an empty SQLite file is such a lock, also against other connections of the
 * same process. All functions are called within a write transaction on the data file, which keeps the
 * processes from watching each other half-way.
 */
export interface ProcessLocks {
  /** Takes the worker's lock. False when another holder is alive. */
  hold(worker: string): boolean;
  /** Whether this very object holds it. */
  holds(worker: string): boolean;
  /** The workers whose locks it holds. */
  held(): Iterable<string>;
  /** Whether nobody alive holds it. */
  isFree(worker: string): boolean;
  /** Gives the worker's lock back and removes its file. Nothing happens when it is not held here. */
  drop(worker: string): void;
  /** Removes the files that dead processes left. */
  sweep(): void;
  close(): void;
}

const SUFFIX = ".lock";

export function createProcessLocks(directory: string): ProcessLocks {
  const held = new Map<string, DatabaseSync>();
  const fileOf = (worker: string): string => join(directory, encodeURIComponent(worker) + SUFFIX);

  return {
    hold(worker) {
      if (held.has(worker)) return true;
      const lock = lockFile(fileOf(worker));
      if (lock !== undefined) held.set(worker, lock);
      return lock !== undefined;
    },
    holds: (worker) => held.has(worker),
    held: () => held.keys(),
    isFree: (worker) => !held.has(worker) && isUnlocked(fileOf(worker)),
    drop(worker) {
      held.get(worker)?.close();
      if (held.delete(worker)) remove(fileOf(worker));
    },
    sweep() {
      for (const name of readdirSync(directory)) {
        const file = join(directory, name);
        if (name.endsWith(SUFFIX) && isUnlocked(file)) remove(file);
      }
    },
    close() {
      for (const worker of held.keys()) this.drop(worker);
    },
  };
}

function lockFile(file: string): DatabaseSync | undefined {
  const lock = openPlain(file);
  try {
    // Nothing is ever written, so there is no journal to keep beside the file.
    lock.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
    return lock;
  } catch (error) {
    lock.close();
    if (isBusy(error)) return undefined;
    throw error;
  }
}

function isUnlocked(file: string): boolean {
  // Opening would create it. A worker has its lock before it has a row, so a missing file is a dead worker's.
  if (!existsSync(file)) return true;
  const lock = lockFile(file);
  lock?.close();
  return lock !== undefined;
}

/** A file that cannot be removed does no harm: nobody holds it, and the next sweep tries again. */
function remove(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // Windows refuses while another process is looking at the file.
  }
}
