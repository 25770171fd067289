export { workflow, workflow as default } from "./integrations/rspack.ts";
export type { WorkflowPluginOptions } from "./plugin/options.ts";
