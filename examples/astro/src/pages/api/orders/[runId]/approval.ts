import type { APIRoute } from "astro";
import { resumeHook } from "workflow/api";
import { HookNotFoundError } from "workflow/errors";

export const POST: APIRoute = async ({ params, request }) => {
  const { approved } = (await request.json()) as { approved: boolean };
  try {
    const { runId } = await resumeHook(`order:${params.runId}`, { approved });
    return Response.json({ runId });
  } catch (error) {
    if (!HookNotFoundError.is(error)) throw error;
    return Response.json({ error: error.message }, { status: 404 });
  }
};
