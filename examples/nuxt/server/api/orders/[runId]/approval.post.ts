import { resumeHook } from "workflow/api";

export default defineOrderHandler(async (event) => {
  const { approved } = await readBody<{ approved: boolean }>(event);
  const { runId } = await resumeHook(`order:${getRouterParam(event, "runId")}`, { approved });
  return { runId };
});
