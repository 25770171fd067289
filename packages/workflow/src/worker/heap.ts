import { getHeapStatistics } from "node:v8";

/** How much of what the heap can hold for long may be in use before live runs are let go. */
const TIGHT = 0.7;

/** V8 counts the space for young objects into its limit, up to this many bytes; what lives long cannot use it. */
const YOUNG_BYTES = 192 * 1024 * 1024;

/** Whether so much of a heap is used that it comes close to its limit (both in bytes). */
export function isTight(used: number, limit: number): boolean {
  return used > TIGHT * Math.max(limit - YOUNG_BYTES, limit * 0.4);
}

export function isHeapTight(): boolean {
  const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
  return isTight(used, limit);
}
