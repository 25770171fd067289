import { getRun } from "workflow/api";
import { WorkflowRunNotFoundError } from "workflow/errors";

export async function GET(_request: Request, { params }: RouteContext<"/api/orders/[runId]/stream">) {
  const run = getRun((await params).runId);
  try {
    await run.status;
  } catch (error) {
    if (!WorkflowRunNotFoundError.is(error)) throw error;
    return Response.json({ error: error.message }, { status: 404 });
  }
  const lines = run.getReadable().pipeThrough(
    new TransformStream<unknown, string>({
      transform: (chunk, controller) => controller.enqueue(`${JSON.stringify(chunk)}\n`),
    }),
  );
  return new Response(lines.pipeThrough(new TextEncoderStream()), {
    headers: { "content-type": "application/x-ndjson" },
  });
}
