/** Which of the two outputs to make of a module (design section 8). */
export type Mode = "host" | "realm";

export interface CompileInput {
  /** JavaScript or TypeScript. Types are kept; strip them afterwards. */
  readonly source: string;
  /** Absolute path, for diagnostics and source maps; its extension says which language it is. */
  readonly file: string;
  /** Stands in every id of the module: `./src/workflows/order`, or `package/subpath@version`. */
  readonly moduleSpecifier: string;
  readonly mode: Mode;
  /** Of host code: steps that another copy of the module has registered stay registered. Default: the last copy counts. */
  readonly isSecondCopy?: boolean | undefined;
}

export interface Compiled {
  readonly code: string;
  /** Source map (JSON) from `code` to `source`. */
  readonly map: string;
  readonly manifest: ModuleManifest;
  /** With any of severity `error`, `code` must not be used. */
  readonly diagnostics: readonly Diagnostic[];
}

export interface ModuleManifest {
  readonly workflows: readonly WorkflowEntry[];
  readonly steps: readonly StepEntry[];
  /** Classes whose instances may have to be revived where no code mentions them. */
  readonly classes: readonly ClassEntry[];
}

export interface WorkflowEntry {
  /** `workflow//<module>//<function path>` (contract 01 section 1.4). */
  readonly workflowId: string;
  /** What the realm output exports the function as; made up for functions that the source does not export. */
  readonly exportName: string;
  readonly line: number;
}

export interface StepEntry {
  /** `step//<module>//<function path>`; a nested step's path is `outer/inner`. */
  readonly stepId: string;
  readonly line: number;
}

export interface ClassEntry {
  /** `class//<module>//<name>` (contract 01 section 1.4). */
  readonly classId: string;
  /** What the realm output exports the class as. */
  readonly exportName: string;
  /** It has serialization methods of its own, as far as its source says. */
  readonly isSerializable: boolean;
  /** The name of the class that it extends, where the source gives one. */
  readonly parent?: string;
}

export interface Diagnostic {
  readonly severity: "error" | "warning";
  readonly code: DiagnosticCode;
  readonly message: string;
  /** What to do about it. */
  readonly fix: string;
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  /** 1-based. */
  readonly column: number;
}

/** Each has a section in `docs/errors/WORKFLOW_BUILD_FAILED.md`. */
export type DiagnosticCode =
  | "duplicate-id"
  | "dynamic-import-in-workflow"
  | "directive-misplaced"
  | "directive-misspelt"
  | "missing-export"
  | "node-js-module-in-workflow"
  | "not-async"
  | "syntax-error"
  | "top-level-await-in-workflow"
  | "unresolved-import"
  | "unsupported-placement";
