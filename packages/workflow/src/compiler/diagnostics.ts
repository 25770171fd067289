import type { ParsedModule } from "./ast.ts";
import type { Diagnostic, DiagnosticCode } from "./types.ts";

/** A diagnostic that does not know its file and line yet. */
export interface Report {
  readonly code: DiagnosticCode;
  readonly start: number;
  readonly message: string;
  readonly fix: string;
}

export function report(
  code: DiagnosticCode,
  at: { readonly start: number },
  message: string,
  { fix }: { readonly fix: string },
): Report {
  return { code, start: at.start, message, fix };
}

/** In source order, each once. */
export function toDiagnostics(module: ParsedModule, reports: readonly Report[]): Diagnostic[] {
  return reports
    .toSorted((a, b) => a.start - b.start)
    .map(({ code, start, message, fix }) => {
      return { severity: "error", code, message, fix, file: module.file, ...module.locate(start) };
    });
}
