import { join } from "node:path";
import { packageIn } from "../build/packages.ts";
import { dependenciesWithWorkflow } from "../plugin/libraries.ts";
import { isVersion2, type Nitro } from "./nitro-shape.ts";

const OWN = /(?:^|[/\\]node_modules[/\\])workflow(?:[/\\]|$)/;

/** Where this package is, when it is a link. */
const OWN_FOLDER = join(import.meta.dirname, "..", "..");

/**
 * This package stays outside of the bundle, with the Worlds that the project depends on: it has threads of its own, and
 * loads Worlds by their names. Nitro copies what stays outside into its output. Packages that have directives go in.
 */
export function sortPackages({ options, ...nitro }: Pick<Nitro, "options" | "meta">, root: string): void {
  const worlds = (packageIn(root)?.dependencies ?? []).filter((name) => name.startsWith("@workflow/world-"));
  const inside = dependenciesWithWorkflow(root).flatMap(({ name, dir }) => [
    ...(name === undefined ? [] : [new RegExp(`(?:^|[/\\\\]node_modules[/\\\\])${escaped(name)}(?:[/\\\\]|$)`)]),
    // A package of the same repository is a link to where it is.
    within(dir),
  ]);
  if (isVersion2(nitro)) {
    const { inline = [], external = [], traceInclude = [] } = options.externals ?? {};
    options.externals = {
      ...options.externals,
      inline: [...inline, within(root), ...inside],
      // Nuxt wants packages that have a module for it in the bundle.
      external: [...external, (id) => OWN.test(id) || id.startsWith(OWN_FOLDER)],
      traceInclude: [...traceInclude, ...worlds],
    };
  } else {
    const { traceDeps = [], noExternals = [] } = options;
    options.traceDeps = [...traceDeps, "workflow", ...worlds];
    if (Array.isArray(noExternals)) options.noExternals = [...noExternals, ...inside];
  }
}

function within(dir: string): RegExp {
  const path = dir
    .split(/[/\\]/)
    .map(escaped)
    .join(String.raw`[/\\]`);
  return new RegExp(`^${path}[/\\\\](?!.*node_modules)`);
}

/** `RegExp.escape` is newer than some Node.js that is supported. */
function escaped(text: string): string {
  return text.replaceAll(/[$()*+.?[\\\]^{|}-]/g, String.raw`\$&`);
}
