import type { Diagnostic, ModuleManifest } from "../compiler/types.ts";

/** A place that gives a function its id. */
export interface Definition {
  readonly id: string;
  readonly file: string;
  /** 1-based. */
  readonly line: number;
}

/** Says that several files claim the same id. */
export function duplicateId(definitions: readonly Definition[]): Diagnostic {
  const sorted = definitions.toSorted((a, b) => (a.file < b.file ? -1 : 1));
  const { id, file, line } = sorted[0] as Definition;
  return {
    severity: "error",
    code: "duplicate-id",
    message: `${id} is defined in ${sorted.map((definition) => definition.file).join(" and in ")}.`,
    fix: "Rename or remove one of the files, so that their names differ in more than the extension.",
    file,
    line,
    column: 1,
  };
}

/** The workflows and steps of a module. */
export function definitionsOf(file: string, { workflows, steps }: ModuleManifest): readonly Definition[] {
  return [
    ...workflows.map(({ workflowId, line }) => ({ id: workflowId, file, line })),
    ...steps.map(({ stepId, line }) => ({ id: stepId, file, line })),
  ];
}
