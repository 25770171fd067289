import { relative } from "node:path";
import type { Diagnostic } from "../compiler/types.ts";
import { WorkflowBuildError } from "../world/errors.ts";

/** One diagnostic in two lines: `file:line:column  message`, and what to do about it. */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const { file, line, column, message, fix } = diagnostic;
  return `${shortPath(file)}:${line}:${column}  ${message}\n  fix: ${fix}`;
}

/** Relative to the working directory when the file is below it, so that terminals make a link of it. */
function shortPath(file: string): string {
  const path = relative(process.cwd(), file);
  return path.startsWith("..") ? file : path;
}

export function errorsAmong(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return diagnostics.filter((diagnostic) => diagnostic.severity === "error");
}

export function toBuildError(diagnostics: readonly Diagnostic[]): WorkflowBuildError {
  const hint = diagnostics[0]?.fix;
  const list = diagnostics.map(formatDiagnostic).join("\n");
  const error = new WorkflowBuildError(`Workflow code cannot be built:\n${list}`, hint === undefined ? {} : { hint });
  // Where the engine noticed says nothing about the user's file.
  error.stack = `${error.name}: ${error.message}`;
  return error;
}
