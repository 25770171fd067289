import type { Plugin } from "esbuild";
import { findProjectRoot } from "../build/project-root.ts";
import { entryFiles, matching } from "../plugin/entries.ts";
import { filesOfInterest } from "../plugin/find-modules.ts";
import type { WorkflowPluginOptions } from "../plugin/options.ts";
import { plugins, SERVER } from "../plugin/plugin.ts";

/** The plugin for esbuild: compiles directives, and has the built server find its workflows and steps and execute runs. */
export function workflow(options: WorkflowPluginOptions = {}): Plugin {
  return {
    name: "workflow",
    async setup(build) {
      const root = findProjectRoot(build.initialOptions.absWorkingDir ?? process.cwd());
      const files = matching([...entryFiles(build.initialOptions), ...filesOfInterest({ ...options, root })]);
      const filter = new RegExp(`${files.source}|${SERVER.source}`);
      // It is another program: to be asked about a file costs more than most of what esbuild does with it.
      const onLoad: typeof build.onLoad = (_, load) => build.onLoad({ filter }, load);
      await (plugins.esbuild(options) as Plugin).setup({ ...build, onLoad });
    },
  };
}
