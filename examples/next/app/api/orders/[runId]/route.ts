import { getRun } from "workflow/api";
import { WorkflowRunNotFoundError } from "workflow/errors";

export async function GET(_request: Request, { params }: RouteContext<"/api/orders/[runId]">) {
  const run = getRun((await params).runId);
  try {
    const status = await run.status;
    return Response.json({ status, ...(status === "completed" && { output: await run.returnValue }) });
  } catch (error) {
    if (!WorkflowRunNotFoundError.is(error)) throw error;
    return Response.json({ error: error.message }, { status: 404 });
  }
}
