import { randomFillSync } from "node:crypto";

/** Asking the system for a few bytes at a time costs more than starting a run. */
const pool = new Uint8Array(4096);
let used: number = pool.length;

function take(count: number): Uint8Array {
  if (used + count > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const bytes = pool.subarray(used, used + count);
  used += count;
  return bytes;
}

/** Random bytes, fit for secrets, in hex. */
export function randomHex(bytes: number): string {
  return Buffer.from(take(bytes)).toString("hex");
}

/** A random number from 0 to below 1, in steps of 1/256. */
export function randomFraction(): number {
  return (take(1)[0] ?? 0) / 256;
}
