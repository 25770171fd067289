import type { Plugin } from "vite";
import { plugins } from "../plugin/plugin.ts";
import type { NitroModuleOptions } from "./nitro-options.ts";
import { nitro } from "./nitro-vite.ts";
import { reactRouter } from "./react-router.ts";
import { tanstackStart } from "./tanstack-start.ts";

/**
 * The plugins for Vite: they compile directives, and have the built server find its workflows and steps and execute runs.
 * Servers of Nitro, React Router and TanStack Start also answer webhooks. Their place among other plugins does not matter.
 */
export function workflow({ dirs }: NitroModuleOptions = {}): Plugin[] {
  return [...(plugins.vite({ dirs }) as Plugin[]), reactRouter(), tanstackStart(), nitro()];
}
