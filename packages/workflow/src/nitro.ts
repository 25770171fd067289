export { nitroModule as default, type NitroModule } from "./integrations/nitro.ts";
export type { NitroModuleOptions as ModuleOptions } from "./integrations/nitro-options.ts";
