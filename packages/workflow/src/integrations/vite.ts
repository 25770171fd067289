import type { Plugin } from "vite";
import type { WorkflowPluginOptions } from "../plugin/options.ts";
import { plugins } from "../plugin/plugin.ts";
import { nitro } from "./nitro-vite.ts";
import { reactRouter } from "./react-router.ts";
import { tanstackStart } from "./tanstack-start.ts";

/**
 * The plugins for Vite: they compile directives, and have the built server find its workflows and steps and execute runs.
 * Servers of React Router and TanStack Start also answer webhooks.
 */
export function workflow(options: WorkflowPluginOptions = {}): Plugin[] {
  return [...(plugins.vite(options) as Plugin[]), reactRouter(), tanstackStart(), nitro()];
}
