export { workflow, workflow as default } from "./integrations/esbuild.ts";
export type { WorkflowPluginOptions } from "./plugin/options.ts";
