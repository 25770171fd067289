import { defineMiddleware } from "nitro";
import { HookNotFoundError, WorkflowRunNotFoundError } from "workflow/errors";

/** What is not there is answered with 404. */
export default defineMiddleware(async (_event, next) => {
  try {
    return await next();
  } catch (error) {
    if (!WorkflowRunNotFoundError.is(error) && !HookNotFoundError.is(error)) throw error;
    return Response.json({ error: error.message }, { status: 404 });
  }
});
