import { getRun } from "workflow/api";
import { WorkflowRunNotFoundError } from "workflow/errors";
import type { RequestHandler } from "./$types";

export const GET: RequestHandler = async ({ params }) => {
  const run = getRun(params.runId);
  try {
    const status = await run.status;
    return Response.json({ status, ...(status === "completed" && { output: await run.returnValue }) });
  } catch (error) {
    if (!WorkflowRunNotFoundError.is(error)) throw error;
    return Response.json({ error: error.message }, { status: 404 });
  }
};
