export {
  WORKFLOW_MODULE_OPTIONS,
  WorkflowModule,
  type WorkflowModuleAsyncOptions,
  type WorkflowModuleOptions,
} from "./integrations/nest.ts";
