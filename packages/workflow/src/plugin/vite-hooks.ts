import type { Plugin, RunnableDevEnvironment, ViteDevServer } from "vite";
import { findProjectRoot } from "../build/project-root.ts";
import { toNodeListener } from "../http/node-listener.ts";
import { createWebhookHandler } from "../http/webhook-handler.ts";
import { isHandledPath } from "../http/webhook-path.ts";
import { dependenciesWithWorkflow } from "./libraries.ts";
import type { PluginSettings } from "./options.ts";
import type { Project } from "./project.ts";
import { SERVER_MODULE } from "./server-module.ts";
import { hasNitro } from "./vite-plugins.ts";

/** Whether Vite's own process is the server, while somebody works on the project. */
export type ViteHooks = Pick<Plugin, "config" | "configResolved" | "configureServer" | "hotUpdate">;

/** What Vite has beside the hooks of all bundlers. */
export function viteHooks(project: Project, development: PluginSettings["development"]): ViteHooks {
  let server: ViteDevServer | undefined;
  return {
    config({ root = process.cwd() }) {
      const libraries = dependenciesWithWorkflow(findProjectRoot(root)).flatMap(({ name }) => name ?? []);
      // A linked package would count as source.
      return { ssr: { noExternal: libraries, external: ["workflow"] } };
    },
    configResolved({ root, command, plugins, server: { port } }) {
      project.root = findProjectRoot(root);
      project.hasNitro = hasNitro(plugins);
      project.isDevelopment = command === "serve";
      if (project.hasNitro) project.port = port;
      // Frameworks start what they have built, to render pages of it in advance.
      if (command === "build") process.env["WORKFLOW_WORKER"] = "off";
    },
    configureServer(created) {
      if (project.hasNitro || isOnlyForModules(created)) return;
      server = created;
      const listener = toNodeListener(createWebhookHandler());
      created.middlewares.use((request, response, next) => {
        if (isHandledPath(request.url ?? "")) listener(request, response);
        else next();
      });
      whenListening(created, () => void loadServer(created, development));
    },
    async hotUpdate() {
      // Steps are looked up where their modules have registered them: those that have changed do so again.
      if (this.environment.name === "ssr" && server !== undefined) await loadServer(server, development);
    },
  };
}

/** Frameworks, as they build, and test runners make servers that no browser will ever ask. */
function isOnlyForModules({ httpServer, config }: ViteDevServer): boolean {
  return httpServer === null && config.server.hmr === false;
}

function whenListening({ httpServer }: ViteDevServer, then: () => void): void {
  if (httpServer === null) setImmediate(then);
  else {
    httpServer.once("listening", () => {
      const address = httpServer.address();
      // The addresses of webhooks begin with it.
      if (typeof address === "object" && address !== null) process.env["PORT"] ||= String(address.port);
      then();
    });
  }
}

async function loadServer(server: ViteDevServer, development: PluginSettings["development"]): Promise<void> {
  const { ssr } = server.environments;
  try {
    const known = ssr.moduleGraph.getModuleById(`\0${SERVER_MODULE}`);
    if (known !== undefined) ssr.moduleGraph.invalidateModule(known);
    if (development === "environment") await (ssr as RunnableDevEnvironment).runner.import(SERVER_MODULE);
    else await server.ssrLoadModule(SERVER_MODULE);
  } catch (error) {
    server.config.logger.error(`workflow: ${error instanceof Error ? error.message : String(error)}`);
  }
}
