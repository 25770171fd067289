import { lockKey } from "./database/lock-key.ts";

/** The key of the session lock that a worker's process holds while it lives. `id`: of its row. */
export function workerLock(schema: string, id: number): number {
  return lockKey("worker", schema, id);
}
