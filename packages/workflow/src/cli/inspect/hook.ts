import type { Hook } from "../../world/entities.ts";
import { HookNotFoundError } from "../../world/hook-errors.ts";
import type { World } from "../../world/world.ts";
import type { Answer } from "../answer.ts";
import { fieldLines } from "../fields.ts";
import type { Flags } from "../flags.ts";
import { payloadFields, payloadsAsJson } from "../payloads.ts";
import { exactTime } from "../relative-time.ts";

export async function readHook(world: World, { withData }: Flags, tokenOrId: string): Promise<Answer> {
  const { metadata, ...found } = await findHook(world, tokenOrId);
  const hook = withData && metadata !== undefined ? { ...found, metadata } : found;
  return {
    json: payloadsAsJson(hook),
    lines: ({ paint }) =>
      fieldLines(
        [
          ["token", hook.token],
          ["hook", hook.hookId],
          ["run", hook.runId],
          ["created", exactTime(hook.createdAt, world.clock.now())],
          ["webhook", hook.isWebhook ? "yes" : undefined],
          ...payloadFields(hook),
        ],
        paint,
      ),
  };
}

async function findHook(world: World, tokenOrId: string): Promise<Hook> {
  try {
    return await world.hooks.getByToken(tokenOrId);
  } catch (error) {
    if (!HookNotFoundError.is(error)) throw error;
    return await world.hooks.get(tokenOrId);
  }
}
