import type { NitroModuleOptions } from "./nitro-options.ts";

// Whoever has no Nitro has no such module, and does not miss it.
// oxlint-disable-next-line typescript/ban-ts-comment
/** @ts-ignore */
declare module "nitro/types" {
  interface NitroConfig {
    /** How workflows are found: for the module `workflow/nitro`. */
    workflow?: NitroModuleOptions;
  }
}
