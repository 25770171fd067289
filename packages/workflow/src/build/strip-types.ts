import { TsconfigCache, transformSync, type TransformOptions } from "rolldown/utils";
import type { Diagnostic } from "../compiler/types.ts";
import { WorkflowBuildError } from "../world/errors.ts";
import { toBuildError } from "./diagnostics.ts";
import type { ModuleFormat } from "./module-format.ts";
import { failuresIn, headline, toDiagnostic } from "./rolldown-errors.ts";
import { isInNodeModules } from "./source-files.ts";

export interface Script {
  readonly code: string;
  /** Source map (JSON) back to what the user wrote. */
  readonly map: string;
}

/** The transformer lowers only what the running Node cannot run itself; on Node 22 that is `using`. */
const TARGET: string = `node${process.versions.node}`;
const tsconfigs: TsconfigCache = new TsconfigCache();

/**
 * TypeScript and JSX to JavaScript, following the `tsconfig.json` that covers the file.
 * @param before The source map (JSON) from `source` back to the file, when they differ.
 * @throws `WorkflowBuildError` on a syntax error
 */
export function stripTypes(file: string, source: string, format: ModuleFormat, before?: string): Script {
  const options: TransformOptions = {
    target: TARGET,
    sourceType: format,
    sourcemap: true,
    tsconfig: !isInNodeModules(file),
  };
  if (before !== undefined) options.inputMap = withoutContents(before);
  const { code, map, errors } = transformSync(file, source, options, tsconfigs);
  if (errors.length > 0) throw toSyntaxError(errors);
  return { code, map: JSON.stringify({ ...map, sourcesContent: undefined }) };
}

/** The transformer takes a map with contents only if they are complete; nobody needs them. */
function withoutContents(map: string): NonNullable<TransformOptions["inputMap"]> {
  const { version, sources, names, mappings } = JSON.parse(map) as NonNullable<TransformOptions["inputMap"]>;
  return { version, sources, names, mappings };
}

function toSyntaxError(errors: readonly Error[]): WorkflowBuildError {
  const failures = failuresIn({ errors }) ?? [];
  const diagnostics = failures
    .map(toDiagnostic)
    .filter((diagnostic): diagnostic is Diagnostic => diagnostic !== undefined);
  if (diagnostics.length > 0) return toBuildError(diagnostics);
  return new WorkflowBuildError(headline(errors[0]?.message ?? "The file cannot be transformed"), {
    cause: errors[0],
  });
}
