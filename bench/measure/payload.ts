import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { start } from "workflow/api";
import { median } from "../report.ts";
import type { WorkloadName } from "../workloads.ts";
import { carry } from "../workflows.ts";
import type { Measurement } from "./measurement.ts";
import { repeat, timed } from "./timing.ts";

/** Characters of base64 that nobody has stored before. */
function text(length: number): string {
  return randomBytes((length / 4) * 3).toString("base64");
}

/** From `start()` to the result: the text is argument and result of the run and of its step. */
async function carried(length: number): Promise<number> {
  const value = text(length);
  return timed(async () => {
    const run = await start(carry, [value]);
    await run.returnValue;
  });
}

/** The same text in one row of a file of its own, committed. */
function prepareFloor(): (length: number) => Promise<number> {
  const directory = process.env["WORKFLOW_LOCAL_DATA_DIR"] ?? ".";
  const db = new DatabaseSync(join(directory, "..", "payload-floor.db"));
  db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE IF NOT EXISTS rows (row TEXT)");
  const insert = db.prepare("INSERT INTO rows VALUES (?)");
  return (length) => {
    const value = text(length);
    return timed(async () => insert.run(value));
  };
}

function payload(name: WorkloadName, length: number, count: number, warmUps: number): Measurement {
  let floor: ((length: number) => Promise<number>) | undefined;
  return {
    warmUp: () => repeat(warmUps, () => carried(length)),
    async round() {
      floor ??= prepareFloor();
      const insert = floor;
      const floors: number[] = [];
      const samples = await repeat(count, async () => {
        floors.push(await insert(length));
        return carried(length);
      });
      return { [name]: { samples, floor: median(floors) } };
    },
  };
}

export const payload1Kb: Measurement = payload("payload-1kb", 1_000, 25, 500);
export const payload100Kb: Measurement = payload("payload-100kb", 100_000, 10, 200);
export const payload10Mb: Measurement = payload("payload-10mb", 10_000_000, 3, 5);
