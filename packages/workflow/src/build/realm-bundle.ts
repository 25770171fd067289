import { createHash } from "node:crypto";
import { isAbsolute, relative, resolve } from "node:path";
import type { OutputChunk } from "rolldown";
import type { Diagnostic, WorkflowEntry } from "../compiler/types.ts";
import { WorkflowBuildError } from "../world/errors.ts";
import type { StoredCode } from "../world/world.ts";
import { errorsAmong } from "./diagnostics.ts";
import { findDynamicImports } from "./dynamic-imports.ts";
import { explainMissingName, withMissingName, type MissingName } from "./missing-names.ts";
import { originalPosition } from "./original-position.ts";
import { compileRealm, type RealmBuild } from "./realm-plugin.ts";
import { headline, toDiagnostic, type RolldownFailure } from "./rolldown-errors.ts";
import { runRolldown, type BundlerOutcome } from "./run-rolldown.ts";
import { toPosix } from "./source-files.ts";
import { createStorableClasses } from "./storable-classes.ts";

export type RealmBundle =
  | {
      readonly status: "built";
      readonly code: StoredCode;
      /** The workflows of the module; those of the modules it imports are not among them. */
      readonly workflows: readonly WorkflowEntry[];
      /** What it was made of. */
      readonly files: readonly string[];
    }
  | { readonly status: "refused"; readonly diagnostics: readonly Diagnostic[] };

/**
 * Bundles the workflows of one module with everything they import into one script for the realm. The same files give
 * the same text wherever the project is.
 * @param input Both paths absolute and without symbolic links.
 * @throws `WorkflowBuildError` when the bundler fails for a reason that is not in the user's code
 */
export async function buildRealmBundle(input: { readonly file: string; readonly root: string }): Promise<RealmBundle> {
  const compiled: RealmBuild["compiled"] = new Map();
  const workflows = compileRealm(input.file, { root: input.root, compiled })?.manifest.workflows ?? [];
  const entryCode = entryFor(input.file, workflows);
  const storableClasses = createStorableClasses(input);
  for (let missing: readonly MissingName[] = []; ;) {
    const build: RealmBuild = { ...input, entryCode, storableClasses, compiled, missing, refusals: [] };
    const outcome = await runRolldown(build);
    const refused = errorsAmong([...compiled.values()].flatMap(({ diagnostics }) => diagnostics));
    if (refused.length > 0) return { status: "refused", diagnostics: refused };
    if (outcome.type === "bundled") return finish(outcome, build, workflows);
    const more = outcome.failures.reduce<readonly MissingName[] | undefined>(
      (names, failure) => names && withMissingName(names, failure),
      missing,
    );
    if (more === undefined || more === missing) return refuse(outcome.failures, build);
    missing = more;
  }
}

function entryFor(file: string, workflows: readonly WorkflowEntry[]): string {
  const names = workflows.map(({ exportName }, index) => `${exportName} as workflow${index}`);
  const calls = workflows.map(
    ({ workflowId }, index) => `__workflow.workflow(${JSON.stringify(workflowId)}, workflow${index});`,
  );
  return `import { ${names.join(", ")} } from ${JSON.stringify(file)};\n${calls.join("\n")}\n`;
}

function finish(
  { chunk }: Extract<BundlerOutcome, { type: "bundled" }>,
  build: RealmBuild,
  workflows: readonly WorkflowEntry[],
): RealmBundle {
  const source = chunk.code;
  const map = portableMap(chunk, build.root);
  const used = build.missing.filter(({ token }) => source.includes(token));
  const diagnostics = [
    ...build.refusals,
    ...used.flatMap((name) => explain(name.failure, build).map((found) => ({ ...found, ...explainMissingName(name) }))),
    ...findDynamicImports(source, map, build.root),
  ];
  if (diagnostics.length > 0) return { status: "refused", diagnostics };
  const hash = createHash("sha256").update(source).digest("hex");
  return {
    status: "built",
    code: { hash, source, map },
    workflows,
    files: chunk.moduleIds.filter((id) => isAbsolute(id)),
  };
}

/** @throws `WorkflowBuildError` */
function refuse(failures: readonly RolldownFailure[], build: RealmBuild): RealmBundle {
  const diagnostics = failures.flatMap((failure) => explain(failure, build));
  const [first] = failures;
  if (diagnostics.length > 0 || first === undefined) return { status: "refused", diagnostics };
  throw new WorkflowBuildError(`${build.file} cannot be bundled: ${headline(first.message)}`, {
    cause: first,
  });
}

/** In terms of the file as the user wrote it. */
function explain(failure: RolldownFailure, { compiled }: RealmBuild): readonly Diagnostic[] {
  const diagnostic = toDiagnostic(failure);
  if (diagnostic === undefined) return [];
  const map = compiled.get(diagnostic.file)?.map;
  const original = map === undefined ? undefined : originalPosition(map, diagnostic.line, diagnostic.column - 1);
  return [original === undefined ? diagnostic : { ...diagnostic, line: original.line, column: original.column }];
}

/** Names its sources relative to the project, and leaves their contents out. */
function portableMap({ map }: OutputChunk, root: string): string {
  if (map === null) return "";
  const sources = map.sources.map((source) => toPosix(relative(root, resolve(root, source))));
  return JSON.stringify({ version: 3, sources, names: map.names, mappings: map.mappings });
}
