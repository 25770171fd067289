export { withWorkflow, type WithWorkflowOptions } from "./integrations/next/with-workflow.ts";
