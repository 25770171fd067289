import { compile } from "../compiler/compile.ts";
import { mayHaveClasses, mayHaveDirective } from "../compiler/prefilter.ts";
import type { Compiled } from "../compiler/types.ts";
import { errorsAmong, formatDiagnostic, toBuildError } from "./diagnostics.ts";
import { moduleSpecifierOf } from "./module-specifier.ts";

/**
 * The host code of a file. Undefined when there is nothing to compile.
 * @param isSecondCopy Another bundle of the same server has the file too, and the steps that it registers count.
 * @throws `WorkflowBuildError`
 */
export function compileHost(file: string, source: string, root: string, isSecondCopy = false): Compiled | undefined {
  const isWorkflowCode = mayHaveDirective(source);
  if (!isWorkflowCode && !mayHaveClasses(source)) return undefined;
  const compiled = compile({
    source,
    file,
    moduleSpecifier: moduleSpecifierOf(file, root),
    mode: "host",
    isSecondCopy,
  });
  const errors = errorsAmong(compiled.diagnostics);
  // Scripts may have syntax that modules do not; without directives that is nothing to this package.
  if (!isWorkflowCode && errors.length > 0) return undefined;
  if (errors.length > 0) throw toBuildError(errors);
  for (const warning of compiled.diagnostics) process.emitWarning(formatDiagnostic(warning), "WorkflowWarning");
  return compiled.code === source ? undefined : compiled;
}
