import { closeSync, fdatasyncSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { FLOOR_BYTES, FLOOR_SAMPLES, FLOOR_WARM_UP, type Floors } from "./target.ts";

/** A commit in WAL with `synchronous = FULL`, on the main thread; at the least, an append and `fdatasync`. */
export function measureSqliteFloors(directory: string): Floors {
  return { commit: measureCommits(join(directory, "floor.db")), least: measureSyncs(join(directory, "floor.bin")) };
}

function measureCommits(path: string): readonly number[] {
  const db = new DatabaseSync(path);
  db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE IF NOT EXISTS rows (row TEXT)");
  const insert = db.prepare("INSERT INTO rows VALUES (?)");
  const row = "x".repeat(FLOOR_BYTES);
  const samples = sample(() => insert.run(row));
  db.close();
  return samples;
}

function measureSyncs(path: string): readonly number[] {
  const file = openSync(path, "a");
  const bytes = Buffer.alloc(FLOOR_BYTES, "x");
  const samples = sample(() => {
    writeSync(file, bytes);
    fdatasyncSync(file);
  });
  closeSync(file);
  return samples;
}

function sample(write: () => void): readonly number[] {
  for (let index = 0; index < FLOOR_WARM_UP; index += 1) write();
  return Array.from({ length: FLOOR_SAMPLES }, () => {
    const before = performance.now();
    write();
    return performance.now() - before;
  });
}
