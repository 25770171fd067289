import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { start } from "workflow/api";
import { tell } from "../workflows.ts";
import type { Measurement } from "./measurement.ts";
import { timed } from "./timing.ts";

const BYTES = 100;
/** What the engine puts into one write while the disk is busy. */
const BATCH = 1_000;

/** From `start()` until a reader in this process has the last chunk. */
function timeStream(chunks: number): Promise<number> {
  return timed(async () => {
    const run = await start(tell, [chunks, BYTES]);
    let seen = 0;
    for await (const _ of run.readable) seen += 1;
    if (seen !== chunks) throw new Error(`${seen} of ${chunks} chunks came`);
  });
}

/** The same bytes in as many rows and commits. Beside the engine's file, so on the same disk. */
function timeRows(chunks: number): number {
  const db = new DatabaseSync(join(process.env["WORKFLOW_LOCAL_DATA_DIR"] ?? "", "stream-floor.db"));
  db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE IF NOT EXISTS rows (bytes BLOB)");
  const insert = db.prepare("INSERT INTO rows VALUES (?)");
  const row = new Uint8Array(BATCH * BYTES);
  const before = performance.now();
  for (let written = 0; written < chunks; written += BATCH) insert.run(row);
  const milliseconds = performance.now() - before;
  db.close();
  return milliseconds;
}

async function rates(chunks: number): Promise<Awaited<ReturnType<Measurement["round"]>>> {
  const milliseconds = await timeStream(chunks);
  const floor = timeRows(chunks);
  return {
    "stream-10000": { samples: [perSecond(chunks, milliseconds)], floor: perSecond(chunks, floor) },
    "stream-10000-engine": { samples: [((milliseconds - floor) / chunks) * 1000] },
  };
}

function perSecond(count: number, milliseconds: number): number {
  return count / (milliseconds / 1000);
}

export const stream10000: Measurement = { warmUp: () => rates(50_000), round: () => rates(10_000) };
