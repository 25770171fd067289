export { stepReloader } from "./integrations/next/reload-steps.ts";
export { withWorkflow, type WithWorkflowOptions } from "./integrations/next/with-workflow.ts";
