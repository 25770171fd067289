import { createHash } from "node:crypto";

const BYTES = 6;

/**
 * The key of an advisory lock. All programs that use a database share these keys, so they are spread over as many
 * numbers as JavaScript holds.
 */
export function lockKey(...what: readonly (string | number)[]): number {
  return createHash("sha256").update(JSON.stringify(what)).digest().readUIntBE(0, BYTES);
}
