import { defineHandler } from "nitro";
import { getRouterParam } from "nitro/h3";
import { getRun } from "workflow/api";

export default defineHandler(async (event) => {
  const run = getRun(getRouterParam(event, "runId") ?? "");
  const status = await run.status;
  return { status, ...(status === "completed" && { output: await run.returnValue }) };
});
