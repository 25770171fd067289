import { resumeHook } from "workflow/api";

/** A handler for callbacks of other systems, with the token in the address. */
export async function POST(request: Request): Promise<Response> {
  const token = new URL(request.url).searchParams.get("token");
  if (!token) return Response.json({ error: "No token given" }, { status: 400 });
  try {
    const event = await request.json();
    const { runId } = await resumeHook(token, event);
    return Response.json({ success: true, runId });
  } catch {
    return Response.json({ error: "Nobody waits for this" }, { status: 404 });
  }
}
