import { closeSync, fdatasyncSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** What the disk costs, whoever writes to it. Samples in milliseconds. */
export interface Floors {
  /** One row of 300 bytes per SQLite transaction; WAL, `synchronous = FULL`, on the main thread. */
  readonly commit: readonly number[];
  /** 300 bytes appended to a file, then `fdatasync`. */
  readonly sync: readonly number[];
}

const BYTES = 300;
const WARM_UP = 20;
const SAMPLES = 100;

export function measureFloors(directory: string): Floors {
  return { commit: measureCommits(join(directory, "floor.db")), sync: measureSyncs(join(directory, "floor.bin")) };
}

function measureCommits(path: string): readonly number[] {
  const db = new DatabaseSync(path);
  db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE IF NOT EXISTS rows (row TEXT)");
  const insert = db.prepare("INSERT INTO rows VALUES (?)");
  const row = "x".repeat(BYTES);
  const samples = sample(() => insert.run(row));
  db.close();
  return samples;
}

function measureSyncs(path: string): readonly number[] {
  const file = openSync(path, "a");
  const bytes = Buffer.alloc(BYTES, "x");
  const samples = sample(() => {
    writeSync(file, bytes);
    fdatasyncSync(file);
  });
  closeSync(file);
  return samples;
}

function sample(write: () => void): readonly number[] {
  for (let index = 0; index < WARM_UP; index += 1) write();
  return Array.from({ length: SAMPLES }, () => {
    const before = performance.now();
    write();
    return performance.now() - before;
  });
}
