import type { Bridge } from "./bridge.ts";
import type { RunContext } from "./context.ts";

const CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/**
 * Names the n-th thing of a kind and name in this run. Each (kind, name) counts for itself, so an unrelated
 * call elsewhere in the workflow shifts nothing.
 */
export function drawId(bridge: Bridge, run: RunContext, kind: "step" | "hook" | "wait", name: string): string {
  const key = `${kind}\n${encodeURIComponent(name)}`;
  const n = (run.draws.get(key) ?? 0) + 1;
  run.draws.set(key, n);
  return `${kind}_${base32(bridge.digest("SHA-256", `${run.runId}\n${key}\n${n}`))}`;
}

/** A token that only the holder of the run's secret seed can compute. */
export function tokenOf(bridge: Bridge, run: RunContext, hookId: string): string {
  return base32(bridge.digest("SHA-256", `token\n${run.seed}\n${hookId}`)).toLowerCase();
}

/** The first 128 bits of a hex digest, in the 26 characters of a ULID. */
function base32(hex: string): string {
  let rest = BigInt(`0x${hex.slice(0, 32)}`);
  let text = "";
  for (let i = 0; i < 26; i++) {
    text = CROCKFORD[Number(rest & 31n)] + text;
    rest >>= 5n;
  }
  return text;
}
