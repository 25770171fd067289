import type { RspackPluginInstance } from "@rspack/core";
import type { WorkflowPluginOptions } from "../plugin/options.ts";
import { plugins } from "../plugin/plugin.ts";

/** The plugin for Rspack: compiles directives, and has the built server find its workflows and steps and execute runs. */
export function workflow(options: WorkflowPluginOptions = {}): RspackPluginInstance {
  return plugins.rspack(options) as RspackPluginInstance;
}
