import { resumeHook } from "workflow/api";
import { HookNotFoundError } from "workflow/errors";

export async function POST(request: Request, { params }: RouteContext<"/api/orders/[runId]/approval">) {
  const { approved } = (await request.json()) as { approved: boolean };
  try {
    const { runId } = await resumeHook(`order:${(await params).runId}`, { approved });
    return Response.json({ runId });
  } catch (error) {
    if (!HookNotFoundError.is(error)) throw error;
    return Response.json({ error: error.message }, { status: 404 });
  }
}
