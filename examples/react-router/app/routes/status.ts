import { getRun } from "workflow/api";
import { WorkflowRunNotFoundError } from "workflow/errors";
import type { Route } from "./+types/status";

export async function loader({ params }: Route.LoaderArgs): Promise<Response> {
  const run = getRun(params.runId);
  try {
    const status = await run.status;
    return Response.json({ status, ...(status === "completed" && { output: await run.returnValue }) });
  } catch (error) {
    if (!WorkflowRunNotFoundError.is(error)) throw error;
    return Response.json({ error: error.message }, { status: 404 });
  }
}
