import type { Hook } from "../world/entities.ts";
import { HookNotFoundError } from "../world/hook-errors.ts";
import { isEnded } from "../world/reduce.ts";
import { workerFor } from "../worker/registry.ts";
import type { World } from "../world/world.ts";

/**
 * The webhook that takes requests for a token. One read where there is none, and no other, so that all tokens without
 * one take the same time; none where a run that is live here has it.
 * @throws `HookNotFoundError` also for hooks that are not open to the web.
 */
export async function findWebhook(world: World, token: string): Promise<Hook> {
  const live = workerFor(world)?.hookOf(token);
  const hook = live?.isWebhook === true ? live : await world.hooks.getByToken(token);
  if (!hook.isWebhook) throw new HookNotFoundError(token);
  // Only such a hook may be there although its run has ended.
  if (hook.tokenRetentionUntil !== undefined) {
    const run = await world.runs.get(hook.runId, { resolveData: "none" });
    if (isEnded(run)) throw new HookNotFoundError(token);
  }
  return hook;
}
