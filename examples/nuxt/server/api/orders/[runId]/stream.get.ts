import { getRun } from "workflow/api";
import { streamResponse } from "workflow/http";

export default defineEventHandler((event) => {
  const run = getRun(getRouterParam(event, "runId") ?? "");
  return streamResponse(run, toWebRequest(event));
});
