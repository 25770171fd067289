import type { APIRoute } from "astro";
import { getRun } from "workflow/api";
import { WorkflowRunNotFoundError } from "workflow/errors";

export const GET: APIRoute<never, { runId: string }> = async ({ params }) => {
  const run = getRun(params.runId);
  try {
    const status = await run.status;
    return Response.json({ status, ...(status === "completed" && { output: await run.returnValue }) });
  } catch (error) {
    if (!WorkflowRunNotFoundError.is(error)) throw error;
    return Response.json({ error: error.message }, { status: 404 });
  }
};
