import type { WorkflowPluginOptions } from "../plugin/options.ts";

/** What stands under `workflow` in the configuration of Nitro, or is given to the plugin for Vite. */
export interface NitroModuleOptions extends WorkflowPluginOptions {
  /** Accepted, without effect: it names a runtime of a hosting platform. */
  readonly runtime?: string;
  /** Accepted, without effect: code of runs always has its source map, and other code as Nitro's `sourcemap` says. */
  readonly sourcemap?: boolean | "inline" | "linked" | "external" | "both";
  /** Accepted, without effect: there is no plugin for editors. */
  readonly typescriptPlugin?: boolean;
}
