import type { WebpackPluginInstance } from "webpack";
import type { WorkflowPluginOptions } from "../plugin/options.ts";
import { plugins } from "../plugin/plugin.ts";

/** The plugin for webpack: compiles directives, and has the built server find its workflows and steps and execute runs. */
export function workflow(options: WorkflowPluginOptions = {}): WebpackPluginInstance {
  return plugins.webpack(options) as WebpackPluginInstance;
}
