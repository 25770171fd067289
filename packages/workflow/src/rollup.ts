export { workflow, workflow as default } from "./integrations/rollup.ts";
export type { WorkflowPluginOptions } from "./plugin/options.ts";
