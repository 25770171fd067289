import { WorkflowError } from "../world/errors.ts";

/**
 * What `start` was given after the workflow: `(args, options?)` or `(options?)` (contract 02 section 2.1).
 * @throws `WorkflowError` `INVALID_ARGUMENT` for what is neither.
 */
export function startArguments<Options extends object>(
  argsOrOptions: readonly unknown[] | Options,
  maybeOptions: Options,
): readonly [readonly unknown[], Options] {
  if (isOptions(argsOrOptions)) return [[], argsOrOptions];
  if (!Array.isArray(argsOrOptions)) {
    throw invalid(
      `takes the arguments of the workflow as a list, or options, not ${shown(argsOrOptions)}. Write start(workflow, [argument])`,
    );
  }
  if (!isOptions(maybeOptions)) throw invalid(`takes options after the arguments, not ${shown(maybeOptions)}`);
  return [argsOrOptions, maybeOptions];
}

function isOptions<Options extends object>(value: readonly unknown[] | Options): value is Options {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Enough to find it by; values may be long. */
function shown(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "a list" : `a ${typeof value}`;
}

function invalid(why: string): WorkflowError {
  return new WorkflowError("INVALID_ARGUMENT", `start() ${why}`);
}
