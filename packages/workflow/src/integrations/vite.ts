import type { Plugin } from "vite";
import type { WorkflowPluginOptions } from "../plugin/options.ts";
import { plugins } from "../plugin/plugin.ts";

/** The plugin for Vite: compiles directives, and has the built server find its workflows and steps and execute runs. */
export function workflow(options: WorkflowPluginOptions = {}): Plugin[] {
  return plugins.vite(options) as Plugin[];
}
