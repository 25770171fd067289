import type { Hook } from "../../world/entities.ts";
import type { World } from "../../world/world.ts";
import { type Answer, type Kind, listOptions, ownPayloads, pageAnswer } from "../answer.ts";
import type { Flags } from "../flags.ts";
import { relativeTime } from "../relative-time.ts";

const HOOKS: Kind<Hook> = {
  ...ownPayloads,
  columns: (now) => [
    { title: "TOKEN", text: (hook) => hook.token, keep: "start" },
    { title: "RUN ID", text: (hook) => hook.runId },
    { title: "CREATED", text: (hook) => relativeTime(hook.createdAt, now) },
  ],
};

export async function readHooks(world: World, flags: Flags): Promise<Answer> {
  const { runId } = flags;
  // A run that does not exist is told from one that has no hooks.
  if (runId !== undefined) await world.runs.get(runId, { resolveData: "none" });
  const page = await world.hooks.list({ ...listOptions(flags), ...(runId !== undefined && { runId }) });
  return pageAnswer(page, HOOKS, world.clock.now(), "No active hooks");
}
