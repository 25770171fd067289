import { stripVTControlCharacters } from "node:util";
import type { Diagnostic, DiagnosticCode } from "../compiler/types.ts";

/** The part of rolldown's errors that is used here. */
export interface RolldownFailure {
  readonly code: string | undefined;
  readonly message: string;
  readonly id: string | undefined;
  readonly exporter: string | undefined;
  /** The line is 1-based, the column 0-based. */
  readonly loc: { readonly line: number; readonly column: number; readonly file?: string } | undefined;
}

/** The errors behind a failed build; undefined when what was thrown is something else. */
export function failuresIn(thrown: unknown): readonly RolldownFailure[] | undefined {
  if (typeof thrown !== "object" || thrown === null || !("errors" in thrown)) return undefined;
  const { errors } = thrown;
  return Array.isArray(errors) && errors.length > 0 ? errors.map(toFailure) : undefined;
}

/** Some versions of rolldown colour their messages. */
function toFailure({ code, message, id, exporter, loc }: RolldownFailure): RolldownFailure {
  return { code, message: stripVTControlCharacters(message), id, exporter, loc };
}

/** Undefined for errors that no change of the user's code is known to repair. */
export function toDiagnostic(failure: RolldownFailure): Diagnostic | undefined {
  const meaning = meaningOf(failure);
  if (meaning === undefined || failure.loc === undefined) return undefined;
  return {
    severity: "error",
    ...meaning,
    file: failure.id ?? failure.loc.file ?? "",
    line: failure.loc.line,
    column: failure.loc.column + 1,
  };
}

function meaningOf(failure: RolldownFailure): { code: DiagnosticCode; message: string; fix: string } | undefined {
  const message = headline(failure.message);
  switch (failure.code) {
    case "PARSE_ERROR":
      return { code: "syntax-error", message, fix: "Correct the syntax." };
    case "MISSING_EXPORT":
      return {
        code: "missing-export",
        message,
        fix: 'Correct the name, or write "import type" if it is a type.',
      };
    case "UNRESOLVED_IMPORT":
      return {
        code: "unresolved-import",
        message,
        fix: "Correct the path, or install the package.",
      };
    case "INVALID_TLA_FORMAT":
      return {
        code: "top-level-await-in-workflow",
        message: "A module that workflow functions use cannot await at its top level.",
        fix: 'Move the await into a "use step" function.',
      };
    default:
      return undefined;
  }
}

/** Without the code in front and the source excerpt behind. */
export function headline(message: string): string {
  return (message.split("\n", 1)[0] ?? "").replace(/^\[[A-Z_]+\] /, "");
}
