export { workflow, workflow as default } from "./integrations/vite.ts";
export type { NitroModuleOptions as ModuleOptions } from "./integrations/nitro-options.ts";
export type { WorkflowPluginOptions } from "./plugin/options.ts";
