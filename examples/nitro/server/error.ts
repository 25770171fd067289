import { defineErrorHandler } from "nitro";
import { HookNotFoundError, WorkflowRunNotFoundError } from "workflow/errors";

/** What is not there is answered with 404; Nitro answers the rest. */
export default defineErrorHandler(({ cause }) => {
  const isUnknown = WorkflowRunNotFoundError.is(cause) || HookNotFoundError.is(cause);
  return isUnknown ? Response.json({ error: cause.message }, { status: 404 }) : undefined;
});
