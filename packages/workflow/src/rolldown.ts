export { workflow, workflow as default } from "./integrations/rolldown.ts";
export type { WorkflowPluginOptions } from "./plugin/options.ts";
