import { dirname, resolve } from "node:path";
import type { Plugin } from "vite";
import { toPosix } from "../build/source-files.ts";
import type { WorkflowPluginOptions } from "../plugin/options.ts";
import { plugins } from "../plugin/plugin.ts";
import { SERVER_MODULE } from "../plugin/server-module.ts";
import { WorkflowBuildError } from "../world/errors.ts";

export interface SvelteKitOptions extends WorkflowPluginOptions {
  /** Accepted, and without effect: there are always source maps of workflow code. */
  readonly sourcemap?: boolean | "inline" | undefined;
}

/** The module of SvelteKit that answers requests, as those import it that are the only way to it. */
const RESPOND = "./respond.js";
const IMPORTERS = /\/@sveltejs\/kit\/src\/runtime\/server\/(?:index|instance)\.js$/;
const MOUNTED = "\0workflow/sveltekit/respond.js?";

/**
 * The plugins for a SvelteKit app, beside `sveltekit()`. Its server executes runs from its start on, and answers the
 * addresses of webhooks, before SvelteKit's check of cross-site forms and the app's own hooks.
 */
export function workflowPlugin({ dirs }: SvelteKitOptions = {}): Plugin[] {
  const shared = plugins.vite({ dirs, importedBy: "integration", development: "environment" });
  return [...([shared].flat() as Plugin[]), mountInServer()];
}

/** In development Vite's process answers webhooks. What is built has only SvelteKit's server, whatever the adapter. */
function mountInServer(): Plugin {
  let isMounted = false;
  return {
    name: "workflow:sveltekit",
    apply: "build",
    enforce: "pre",
    applyToEnvironment: ({ config }) => config.consumer === "server",
    resolveId(specifier, importer = "") {
      if (specifier !== RESPOND || !IMPORTERS.test(toPosix(importer))) return null;
      return MOUNTED + resolve(dirname(importer), specifier);
    },
    load(id) {
      if (!id.startsWith(MOUNTED)) return null;
      isMounted = true;
      return mountedRespond(id.slice(MOUNTED.length));
    },
    buildEnd(error) {
      if (error === undefined && !isMounted) throw new WorkflowBuildError(UNKNOWN_SERVER);
    },
  };
}

const UNKNOWN_SERVER =
  "The server of this SvelteKit cannot be extended: its modules are not those of SvelteKit 2 or 3. " +
  "Use one of these, or a newer workflow package.";

function mountedRespond(original: string): string {
  return `import ${JSON.stringify(SERVER_MODULE)};
import { withWebhooks } from "workflow/runtime";
import { respond as answer } from ${JSON.stringify(original)};
export * from ${JSON.stringify(original)};
export const respond = withWebhooks({ fetch: answer }).fetch;
`;
}
