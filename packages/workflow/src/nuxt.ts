export type { NitroModuleOptions as ModuleOptions } from "./integrations/nitro-options.ts";
export { nuxtModule as default, type NuxtModule } from "./integrations/nuxt.ts";
