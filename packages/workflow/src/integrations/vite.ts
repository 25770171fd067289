import type { Plugin } from "vite";
import type { WorkflowPluginOptions } from "../plugin/options.ts";
import { plugins } from "../plugin/plugin.ts";
import { reactRouter } from "./react-router.ts";

/**
 * The plugins for Vite: they compile directives, and have the built server find its workflows and steps and execute runs.
 * In apps of React Router's framework mode they also mount the webhooks.
 */
export function workflow(options: WorkflowPluginOptions = {}): Plugin[] {
  return [plugins.vite(options) as Plugin, reactRouter()];
}
