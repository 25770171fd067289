import type { Diagnostic } from "../compiler/types.ts";
import { specifierOfRealmModule } from "./realm-modules.ts";
import { headline, type RolldownFailure } from "./rolldown-errors.ts";

/**
 * A name that was imported from a module of this package and that the module does not have in the realm. That
 * matters only if it is used: a file may serve workflows and host code at once.
 */
export interface MissingName {
  readonly specifier: string;
  readonly name: string;
  /** Stands in the bundle exactly if the name is used there. */
  readonly token: string;
  /** Where it was first imported. */
  readonly failure: RolldownFailure;
}

/** Adds the name that a failed build complained about; undefined when it complained about something else. */
export function withMissingName(
  known: readonly MissingName[],
  failure: RolldownFailure,
): readonly MissingName[] | undefined {
  const specifier = specifierOfRealmModule(failure.exporter);
  const name = /^"([^"]+)" is not exported/.exec(headline(failure.message))?.[1];
  if (failure.code !== "MISSING_EXPORT" || specifier === undefined || name === undefined) return undefined;
  if (known.some((entry) => entry.specifier === specifier && entry.name === name)) return known;
  return [...known, { specifier, name, token: `workflow:missing-${known.length}`, failure }];
}

export function explainMissingName({ specifier, name }: MissingName): Pick<Diagnostic, "code" | "message" | "fix"> {
  return {
    code: "missing-export",
    message: `"${name}" of "${specifier}" does not exist in workflow functions.`,
    fix: 'Use it in a "use step" function or outside of workflow code, or correct the name.',
  };
}
