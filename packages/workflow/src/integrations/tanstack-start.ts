import type { Plugin } from "vite";
import { SERVER_MODULE } from "../plugin/server-module.ts";
import { hasNitro, hasTanStackStart } from "../plugin/vite-plugins.ts";

/** What the server's entry has after its file name where it is itself, and not what stands in its place. */
const ORIGINAL = "?workflow-original";

/**
 * What a build of TanStack Start gets beside what all of Vite's builds do: its server has the worker, and answers
 * webhooks. Where Nitro is the server, Nitro has both; in development, Vite's own server has them.
 */
export function tanstackStart(): Plugin {
  let isServer = false;
  const entries = new Set<string>();
  return {
    name: "workflow:tanstack-start",
    apply: "build",
    configResolved({ plugins }) {
      isServer = hasTanStackStart(plugins) && !hasNitro(plugins);
    },
    applyToEnvironment: ({ config }) => isServer && config.consumer === "server",
    resolveId: {
      order: "pre",
      async handler(specifier, importer, options) {
        if (!options.isEntry) return null;
        const resolved = await this.resolve(specifier, importer, { ...options, skipSelf: true });
        if (resolved !== null) entries.add(resolved.id);
        return resolved;
      },
    },
    load: {
      order: "pre",
      handler: (id) => (entries.has(id) ? wrapped(id + ORIGINAL) : null),
    },
  };
}

/** Exports what the entry does, and by default its server, which answers webhooks too. */
function wrapped(entry: string): string {
  const name = JSON.stringify(entry);
  return `import ${JSON.stringify(SERVER_MODULE)};
import { withWebhooks } from "workflow/runtime";
import server from ${name};
export * from ${name};
export default withWebhooks(server);
`;
}
