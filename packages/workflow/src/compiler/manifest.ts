import type { ModuleManifest } from "./types.ts";

/** What a project defines, by file and by the path of the function or class in it (contract 08 section 8.3). */
export interface Manifest {
  readonly workflows: ByFile<{ readonly workflowId: string }>;
  readonly steps: ByFile<{ readonly stepId: string }>;
  readonly classes: ByFile<{ readonly classId: string }>;
}

type ByFile<T> = Readonly<Record<string, Readonly<Record<string, T>>>>;

/** @param file Relative to the project, with `/`. */
export function projectManifest(
  modules: readonly { readonly file: string; readonly manifest: ModuleManifest }[],
): Manifest {
  const byFile = <T>(
    entriesOf: (manifest: ModuleManifest) => readonly (readonly [id: string, entry: T])[],
  ): ByFile<T> =>
    Object.fromEntries(
      modules.flatMap(({ file, manifest }) => {
        const entries = entriesOf(manifest).map(([id, entry]) => [pathIn(id), entry] as const);
        return entries.length === 0 ? [] : [[file, Object.fromEntries(entries)]];
      }),
    );
  return {
    workflows: byFile(({ workflows }) => workflows.map(({ workflowId }) => [workflowId, { workflowId }])),
    steps: byFile(({ steps }) => steps.map(({ stepId }) => [stepId, { stepId }])),
    classes: byFile(({ classes }) => classes.map(({ classId }) => [classId, { classId }])),
  };
}

/** What stands last in an id. */
function pathIn(id: string): string {
  return id.slice(id.lastIndexOf("//") + 2);
}
