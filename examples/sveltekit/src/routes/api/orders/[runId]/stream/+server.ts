import { getRun } from "workflow/api";
import { WorkflowRunNotFoundError } from "workflow/errors";
import type { RequestHandler } from "./$types";

export const GET: RequestHandler = async ({ params }) => {
  const run = getRun(params.runId);
  try {
    await run.status;
  } catch (error) {
    if (!WorkflowRunNotFoundError.is(error)) throw error;
    return Response.json({ error: error.message }, { status: 404 });
  }
  const lines = run.getReadable().pipeThrough(toLines()).pipeThrough(new TextEncoderStream());
  return new Response(lines, { headers: { "content-type": "application/x-ndjson" } });
};

const toLines = (): TransformStream<unknown, string> =>
  new TransformStream({ transform: (chunk, controller) => controller.enqueue(`${JSON.stringify(chunk)}\n`) });
