export { workflow, workflow as default } from "./integrations/vite.ts";
export type { WorkflowPluginOptions } from "./plugin/options.ts";
