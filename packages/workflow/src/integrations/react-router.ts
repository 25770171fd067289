import type { Plugin } from "vite";
import { SERVER_MODULE } from "../plugin/server-module.ts";
import { hasNitro } from "../plugin/vite-plugins.ts";

/** The module that React Router's servers are given: its routes, among other things. */
const SERVER_BUILD = "virtual:react-router/server-build";

const WRAPPED = "\0workflow:react-router/server-build";

/** Exports what the server build does, and its routes with one more, which answers webhooks. */
const TEXT = `import ${JSON.stringify(SERVER_MODULE)};
import { createWebhookHandler } from "workflow/http";
import { routes as declared } from ${JSON.stringify(SERVER_BUILD)};
export * from ${JSON.stringify(SERVER_BUILD)};
const handler = createWebhookHandler();
const answer = ({ request }) => handler(request);
const id = "workflow";
const path = ".well-known/workflow/v1/*";
export const routes = { ...declared, [id]: { id, path, module: { action: answer, loader: answer } } };
`;

/**
 * What a build of React Router's framework mode gets beside what all of Vite's builds do. Where Nitro is the server, it
 * has the webhooks and the worker; in development, Vite's own server has them.
 */
export function reactRouter(): Plugin {
  let isServer = false;
  return {
    name: "workflow:react-router",
    apply: "build",
    configResolved({ plugins }) {
      isServer = !hasNitro(plugins);
    },
    resolveId: {
      // Before the plugin that has the module.
      order: "pre",
      handler: (specifier, importer) =>
        isServer && specifier === SERVER_BUILD && importer !== WRAPPED ? WRAPPED : undefined,
    },
    load: (id) => (id === WRAPPED ? TEXT : undefined),
  };
}
