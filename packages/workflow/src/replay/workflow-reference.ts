import { WorkflowRuntimeError } from "../world/errors.ts";

/** The id of a workflow function or reference; undefined for anything else. */
export function workflowIdOf(workflow: unknown): string | undefined {
  const isCandidate = typeof workflow === "function" || (typeof workflow === "object" && workflow !== null);
  const id: unknown = isCandidate ? Reflect.get(workflow, "workflowId") : undefined;
  return typeof id === "string" && id !== "" ? id : undefined;
}

/** The error for what {@link workflowIdOf} finds no id in. */
export function invalidWorkflow(functionName: string, workflow: unknown): WorkflowRuntimeError {
  const what = typeof workflow === "function" ? `the function ${workflow.name || "(anonymous)"}` : String(workflow);
  return new WorkflowRuntimeError(
    `${functionName}() received an invalid workflow function: ${what} has no workflowId. Put "use workflow" first in its body, ` +
      "pass it itself and not a wrapper, and run the app with `node --import workflow/register`",
    { code: "INVALID_WORKFLOW_FUNCTION" },
  );
}
