import type { Hook } from "@workflow/world";
import { resumeHook } from "workflow/api";

type Review = {
  accepted: boolean;
  note: string;
};

/** A route handler whose payload has a type. */
export async function POST(request: Request): Promise<Response> {
  const { token, accepted, note } = await request.json();
  try {
    const hook: Hook = await resumeHook<Review>(token, { accepted, note });
    return Response.json({ runId: hook.runId, hookId: hook.hookId });
  } catch {
    return Response.json({ error: "Unknown review" }, { status: 404 });
  }
}

/** What the type parameter is for: neither compiles. */
export const mistakes = [
  // @ts-expect-error a field is missing
  (token: string) => resumeHook<Review>(token, { accepted: true }),
  // @ts-expect-error a field has the wrong type
  (token: string) => resumeHook<Review>(token, { accepted: "yes", note: "" }),
];
