import { resumeHook } from "workflow/api";

/** A route handler that hands on whatever the caller sent. */
export async function POST(request: Request): Promise<Response> {
  const { token, answer } = await request.json();
  try {
    const hook = await resumeHook(token, answer);
    return Response.json({ ok: true, runId: hook.runId });
  } catch (error) {
    return new Response(`No such invitation: ${(error as Error).name}`, { status: 404 });
  }
}
