import type { Plugin } from "rollup";
import type { WorkflowPluginOptions } from "../plugin/options.ts";
import { plugins } from "../plugin/plugin.ts";

/** The plugin for Rollup: compiles directives, and has the built server find its workflows and steps and execute runs. */
export function workflow(options: WorkflowPluginOptions = {}): Plugin[] {
  return plugins.rollup(options) as Plugin[];
}
