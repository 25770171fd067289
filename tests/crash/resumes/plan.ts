/** Who sends what, to which hooks: known to all processes, so that each can go on where another was killed. */
export const HOOKS = 100;
export const CALLERS = 50;
export const PAYLOADS_PER_CALLER = 200;

/** Each caller sends to so many hooks, in turns; each hook is sent to by so many callers. */
const HOOKS_PER_CALLER = 10;

/** The last payload of every hook. */
export const END = "end";

function tokenOf(hook: number): string {
  return `hook ${hook}`;
}

export function tokens(): readonly string[] {
  return Array.from({ length: HOOKS }, (_, hook) => tokenOf(hook));
}

/** The n-th payload of a caller. */
export function payloadOf(caller: number, n: number): { readonly token: string; readonly payload: string } {
  const hook = (2 * caller + (n % HOOKS_PER_CALLER)) % HOOKS;
  return { token: tokenOf(hook), payload: `${n} of ${caller} for ${hook}` };
}
