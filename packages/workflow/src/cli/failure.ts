import { inspect } from "node:util";
import type { WorkflowError } from "../world/errors.ts";
import { printable, printableLines } from "./printable.ts";
import { UsageError } from "./usage-error.ts";

/** How a command ends that could not do what it was asked. */
export interface Failure {
  /** 2 when what was typed or set cannot be used, else 1. */
  readonly exitCode: 1 | 2;
  readonly text: string;
}

const ADVICE: { readonly [code: string]: string } = {
  HOOK_NOT_FOUND: "workflow inspect hooks lists the tokens that can be resumed now.",
  RUN_NOT_FOUND: "workflow inspect runs lists the runs of this data.",
};

export function failureOf(error: unknown): Failure {
  if (error instanceof UsageError) return { exitCode: 2, text: printable(error.message) };
  if (!isOurs(error)) return { exitCode: 1, text: inspect(error) };
  const lines = [error.message, causeOf(error), ADVICE[error.code]].filter((line) => line !== undefined);
  return {
    exitCode: error.code === "INVALID_ARGUMENT" ? 2 : 1,
    text: lines.flatMap(printableLines).join("\n"),
  };
}

/** By its looks: a World of another package may bring its own copy of the class. */
function isOurs(error: unknown): error is WorkflowError {
  return error instanceof Error && "code" in error && error.message.endsWith(` (${String(error.code)})`);
}

/** Unless the message has it. */
function causeOf({ message, cause }: WorkflowError): string | undefined {
  return cause instanceof Error && !message.includes(cause.message) ? `Because: ${cause.message}` : undefined;
}
