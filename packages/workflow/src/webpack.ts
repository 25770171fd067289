export { workflow, workflow as default } from "./integrations/webpack.ts";
export type { WorkflowPluginOptions } from "./plugin/options.ts";
