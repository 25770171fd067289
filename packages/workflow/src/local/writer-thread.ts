// The thread that owns all writing: entered by `writer.ts` as a file of its own.
import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import type { Keys } from "../payloads/keys.ts";
import { systemClock } from "../world/clock.ts";
import { prepareBatches } from "./apply-batch.ts";
import { type Durability, openConnection } from "./connection.ts";
import { startHeartbeat } from "./heartbeat.ts";
import type { Request } from "./operations.ts";
import { createProcessLocks } from "./process-lock.ts";

export interface WriterThreadData {
  readonly database: string;
  readonly workers: string;
  readonly durability: Durability;
  readonly keys: Keys;
  /** Whether to renew for the workers of this process. Not where time is a test's. */
  readonly renewing: boolean;
}

/** Bounds how long the first request of a crowd waits for the last one's work. */
const LARGEST_BATCH = 512;

const port = parentPort;
if (port === null) throw new Error("This file is the entry of a worker thread");
const { database, workers, durability, keys, renewing } = workerData as WriterThreadData;
const db = openConnection(database, durability);
const locks = createProcessLocks(workers);
const applyBatch = prepareBatches(db, database, locks, keys);
// From here on `transaction` does the waiting.
db.exec("PRAGMA busy_timeout = 0");

const endHeartbeat = renewing ? startHeartbeat(db, locks, systemClock()) : (): void => {};

const close = (): void => {
  endHeartbeat();
  locks.close();
  db.close();
  port.close();
};

/** Takes whatever has gathered while the disk was busy. True when a request to stop was among it. */
const gather = (into: Request[]): boolean => {
  for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port)) {
    if (next.message === null) return true;
    for (const request of next.message as readonly Request[]) into.push(request);
  }
  return false;
};

port.on("message", (message: readonly Request[] | null) => {
  const gathered: Request[] = [...(message ?? [])];
  let stopping = message === null;
  do {
    stopping ||= gather(gathered);
    if (gathered.length > 0) port.postMessage(applyBatch(gathered.splice(0, LARGEST_BATCH)));
  } while (gathered.length > 0);
  if (stopping) close();
});
