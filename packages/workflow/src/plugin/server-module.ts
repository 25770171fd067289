import { relative } from "node:path";
import { toPosix } from "../build/source-files.ts";
import { buildRealmBundle } from "../build/realm-bundle.ts";
import { toBuildError } from "../build/diagnostics.ts";
import { projectManifest } from "../compiler/manifest.ts";
import type { Diagnostic } from "../compiler/types.ts";
import type { StoredCode } from "../world/world.ts";
import type { DurableModule } from "./find-modules.ts";
import type { Project } from "./project.ts";

/** What an app imports, or has imported for it, so that its server runs workflows. */
export const SERVER_MODULE = "workflow/server";

/** How the server's module names what it imports. */
export interface Specifiers {
  /** Of a file of the project; absolute. */
  module(file: string): string;
  /** Of the module with the realm bundle of this hash. */
  code(hash: string): string;
}

/** For bundlers that take absolute paths, and modules that are no files. */
const MADE_UP: Specifiers = {
  module: (file) => file,
  code: (hash) => `${SERVER_MODULE}/code/${hash}`,
};

/** The text of the server's module while somebody works on the project. */
export function developmentServer({ root, port }: Project, modules: readonly DurableModule[]): string {
  return `import { deployInDevelopment } from "workflow/development";
deployInDevelopment({ root: ${JSON.stringify(root)}, port: ${port}, modules: ${modulesText(modules, MADE_UP)} });
`;
}

/** The server's module with the realm bundles, which are modules of their own: most are not needed at once. */
export interface BuiltServer {
  readonly text: string;
  /** The text of the module of a realm bundle, by its specifier. */
  readonly code: ReadonlyMap<string, string>;
  /** What the realm bundles were made of. */
  readonly files: readonly string[];
  /** What was found, as JSON. */
  readonly manifest: string;
}

/** @throws `WorkflowBuildError` */
export async function buildServer(
  { root, hasNitro }: Pick<Project, "root" | "hasNitro">,
  modules: readonly DurableModule[],
  specifiers: Specifiers = MADE_UP,
): Promise<BuiltServer> {
  const hashes: Record<string, string> = {};
  const code = new Map<string, string>();
  const files = new Set<string>();
  const refused: Diagnostic[] = [];
  const withWorkflows = modules.filter(({ manifest }) => manifest.workflows.length > 0);
  for (const { file } of withWorkflows) {
    const bundle = await buildRealmBundle({ file, root });
    if (bundle.status === "refused") refused.push(...bundle.diagnostics);
    else {
      for (const { workflowId } of bundle.workflows) hashes[workflowId] = bundle.code.hash;
      code.set(specifiers.code(bundle.code.hash), codeText(bundle.code));
      for (const source of bundle.files) files.add(source);
    }
  }
  if (refused.length > 0) throw toBuildError(refused);
  const manifest = JSON.stringify(projectManifest(modules.map((module) => inProject(module, root))));
  const bundles = [...new Set(Object.values(hashes))].map(
    (hash) => `${JSON.stringify(hash)}: () => import(${JSON.stringify(specifiers.code(hash))})`,
  );
  const text = `import { deployBuilt } from "workflow/runtime";
deployBuilt({
  workflows: ${JSON.stringify(hashes)},
  bundles: { ${bundles.join(", ")} },
  modules: ${modulesText(modules, specifiers)},
  manifest: ${manifest},
  hasSecondCopies: ${hasNitro},
});
`;
  return { text, code, files: [...files], manifest };
}

function inProject({ file, manifest }: DurableModule, root: string): DurableModule {
  return { file: toPosix(relative(root, file)), manifest };
}

function codeText(code: StoredCode): string {
  return `export default ${JSON.stringify(code)};\n`;
}

function modulesText(modules: readonly DurableModule[], specifiers: Specifiers): string {
  const entries = modules.map(({ file, manifest: { steps, classes } }) => {
    const defines = [...steps.map(({ stepId }) => stepId), ...classes.map(({ classId }) => classId)];
    return `{ defines: ${JSON.stringify(defines)}, load: () => import(${JSON.stringify(specifiers.module(file))}) }`;
  });
  return `[${entries.join(", ")}]`;
}
