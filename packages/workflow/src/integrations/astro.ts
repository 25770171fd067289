import { writeFileSync } from "node:fs";
import type { Plugin } from "vite";
import type { WorkflowPluginOptions } from "../plugin/options.ts";
import { plugins } from "../plugin/plugin.ts";
import { SERVER_MODULE } from "../plugin/server-module.ts";
import { WorkflowBuildError } from "../world/errors.ts";

export interface AstroOptions extends WorkflowPluginOptions {
  /**
   * Of the built server, for Node's `--enable-source-maps`. Default: what `vite.build.sourcemap` says, else true. Workflow
   * code has them always.
   */
  readonly sourcemap?: boolean | "inline" | undefined;
}

/** What of Astro's integrations is used here. */
interface Setup {
  updateConfig(config: object): unknown;
  injectRoute(route: { pattern: string; entrypoint: URL; prerender: boolean }): void;
  createCodegenDir(): URL;
}

/** As Astro's `AstroIntegration`. */
interface Integration {
  name: string;
  hooks: { "astro:config:setup": (setup: Setup) => void };
}

/** What the servers of adapters make the app with, and what takes its place. */
const APP = "astro/app/entrypoint";
const MOUNTED = "\0workflow/astro/app";

/**
 * The integration for an Astro app that is rendered by a server. The server executes runs from its start on, and answers
 * the addresses of webhooks, before Astro's check of cross-site forms and the app's own middleware.
 */
export function workflow({ dirs, sourcemap }: AstroOptions = {}): Integration {
  return {
    name: "workflow",
    hooks: {
      "astro:config:setup"({ updateConfig, injectRoute, createCodegenDir }) {
        const shared = plugins.vite({ dirs, importedBy: "integration", development: "environment" });
        updateConfig({ vite: { plugins: [shared, mountInServer(sourcemap)].flat() } });
        const entrypoint = new URL("route.js", createCodegenDir());
        writeFileSync(entrypoint, ROUTE);
        // By the route adapters know that the server has to be asked, and Astro that there must be one.
        injectRoute({ pattern: "/.well-known/workflow/v1/[...path]", entrypoint, prerender: false });
      },
    },
  };
}

/** In development Vite's process answers webhooks. */
function mountInServer(sourcemap: AstroOptions["sourcemap"]): Plugin {
  let isMounted = false;
  return {
    name: "workflow:astro",
    apply: "build",
    enforce: "pre",
    applyToEnvironment: ({ name }) => name === "ssr",
    config: ({ build }) => ({
      environments: { ssr: { build: { sourcemap: sourcemap ?? build?.sourcemap ?? true } } },
    }),
    resolveId: (specifier, importer) => (specifier === APP && importer !== MOUNTED ? MOUNTED : null),
    load(id) {
      if (id !== MOUNTED) return null;
      isMounted = true;
      return MOUNTED_APP;
    },
    buildEnd(error) {
      if (error === undefined && !isMounted) throw new WorkflowBuildError(UNKNOWN_SERVER);
    },
  };
}

const UNKNOWN_SERVER =
  `The server of this build does not get its app from ${APP}, so nothing could execute runs in it. ` +
  "Use Astro 6 or newer, and an adapter for it.";

const MOUNTED_APP = `import ${JSON.stringify(SERVER_MODULE)};
import { withWebhooks } from "workflow/runtime";
import { createApp as create } from ${JSON.stringify(APP)};
export function createApp(options) {
  const app = create(options);
  app.render = withWebhooks({ fetch: app.render.bind(app) }).fetch;
  return app;
}
`;

const ROUTE = `import { createWebhookHandler } from "workflow/http";

const handle = createWebhookHandler();

export const prerender = false;
export const ALL = ({ request }) => handle(request);
`;
