import type { EventHandlerRequest, H3Event } from "h3";
import { HookNotFoundError, WorkflowRunNotFoundError } from "workflow/errors";

/** A handler that answers with 404 what is not there. */
export function defineOrderHandler<T>(handle: (event: H3Event<EventHandlerRequest>) => Promise<T>) {
  return defineEventHandler(async (event) => {
    try {
      return await handle(event);
    } catch (error) {
      if (!WorkflowRunNotFoundError.is(error) && !HookNotFoundError.is(error)) throw error;
      setResponseStatus(event, 404);
      return { error: error.message };
    }
  });
}
