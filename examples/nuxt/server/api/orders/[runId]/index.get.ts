import { getRun } from "workflow/api";

export default defineOrderHandler(async (event) => {
  const run = getRun(getRouterParam(event, "runId") ?? "");
  const status = await run.status;
  return { status, ...(status === "completed" && { output: await run.returnValue }) };
});
