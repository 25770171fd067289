import { defineHandler } from "nitro";
import { getRouterParam } from "nitro/h3";
import { resumeHook } from "workflow/api";

export default defineHandler(async (event) => {
  const { approved } = (await event.req.json()) as { approved: boolean };
  const { runId } = await resumeHook(`order:${getRouterParam(event, "runId")}`, { approved });
  return { runId };
});
