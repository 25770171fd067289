import type { Bridge } from "./bridge.ts";
import type { RunContext } from "./context.ts";

const CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** Webhooks are hooks, but count for themselves: no token that a hook is given can shift them. */
const PREFIX = {
  step: "step",
  hook: "hook",
  webhook: "hook",
  abort: "hook",
  wait: "wait",
  attributes: "attr",
} as const;

/**
 * Names the n-th thing of a kind and name in this run. Each (kind, name) counts for itself, so an unrelated
 * call elsewhere in the workflow shifts nothing.
 */
export function drawId(bridge: Bridge, run: RunContext, kind: keyof typeof PREFIX, name: string): string {
  const key = `${kind}\n${encoded(name)}`;
  const n = (run.draws.get(key) ?? 0) + 1;
  run.draws.set(key, n);
  return `${PREFIX[kind]}_${base32(bridge.hashText(textOf(scopeOf(run, kind), key, n)))}`;
}

/**
 * Hooks keep their ids, and so their tokens, when the run continues as new; steps, waits and signals are others then:
 * their ids are what the world outside tells one from another by.
 */
function scopeOf({ runId, generation }: RunContext, kind: keyof typeof PREFIX): string {
  return generation === 0 || kind === "hook" || kind === "webhook" ? runId : `${runId}~${generation}`;
}

/** The id that a run draws for its first hook with this token. */
export function firstHookId(hashText: Bridge["hashText"], runId: string, token: string): string {
  return `hook_${base32(hashText(textOf(runId, `hook\n${encoded(token)}`, 1)))}`;
}

/** The id of the hook of a signal that was made outside, whose token is used once. */
export function idOfToken(bridge: Bridge, run: RunContext, token: string): string {
  return `hook_${base32(bridge.hashText(textOf(scopeOf(run, "abort"), `abort\n${token}`, 1)))}`;
}

function textOf(scope: string, key: string, n: number): string {
  return `${scope}\n${key}\n${n}`;
}

/** Names of steps come again and again; tokens of hooks rarely do, and are not kept. */
const names = new Map<string, string>();
const MOST_NAMES = 1_000;

function encoded(name: string): string {
  const known = names.get(name);
  if (known !== undefined) return known;
  const made = encodeURIComponent(name);
  if (names.size < MOST_NAMES && name.startsWith("step//")) names.set(name, made);
  return made;
}

/** A token that only the holder of the run's secret seed can compute. */
export function tokenOf(
  { hashText }: Pick<Bridge, "hashText">,
  { seed }: Pick<RunContext, "seed">,
  hookId: string,
): string {
  return base32(hashText(`token\n${seed}\n${hookId}`)).toLowerCase();
}

/** Whether a hook has the token that was made for it, and none that workflow code chose. */
export function isGeneratedToken(
  hashText: Bridge["hashText"],
  seed: string,
  { hookId, token }: { readonly hookId: string; readonly token: string },
): boolean {
  return tokenOf({ hashText }, { seed }, hookId) === token;
}

/** The first 128 bits of a hex digest, in the 26 characters of a ULID. */
function base32(hex: string): string {
  const top = Number.parseInt(hex.slice(0, 2), 16);
  let text = digit(top >> 5) + digit(top);
  // Five hex digits are four of these.
  for (let at = 2; at < 32; at += 5) {
    const bits = Number.parseInt(hex.slice(at, at + 5), 16);
    text += digit(bits >> 15) + digit(bits >> 10) + digit(bits >> 5) + digit(bits);
  }
  return text;
}

function digit(bits: number): string {
  return CROCKFORD.charAt(bits & 31);
}
