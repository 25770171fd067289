import { resumeHook } from "workflow/api";
import { HookNotFoundError } from "workflow/errors";
import type { RequestHandler } from "./$types";

export const POST: RequestHandler = async ({ params, request }) => {
  const { approved } = (await request.json()) as { approved: boolean };
  try {
    const { runId } = await resumeHook(`order:${params.runId}`, { approved });
    return Response.json({ runId });
  } catch (error) {
    if (!HookNotFoundError.is(error)) throw error;
    return Response.json({ error: error.message }, { status: 404 });
  }
};
