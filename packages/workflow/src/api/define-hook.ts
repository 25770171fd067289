import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { DefineHookOptions, TypedHook } from "../replay/primitives.ts";
import { NotInWorkflowContextError, WorkflowError } from "../world/errors.ts";
import type { HeldResume, ResumedHook, ResumeOptions } from "../world/resume.ts";
import { resumeHook } from "./hooks.ts";

/**
 * A hook with a type, shared by the workflow that creates it and the code that resumes it (contract 01 section
 * 1.7). With a `schema`, `resume` validates and transforms before anything is stored.
 */
export function defineHook<Input, Output = Input>(
  options: DefineHookOptions<Input, Output> = {},
): TypedHook<Input, Output> {
  const hook = {
    create(): never {
      throw new NotInWorkflowContextError("defineHook().create");
    },
    async resume(token: string, payload: Input, resuming?: ResumeOptions): Promise<ResumedHook | HeldResume> {
      const { schema } = options;
      return resumeHook(token, schema === undefined ? payload : await validate(schema, token, payload), resuming);
    },
  };
  return hook as TypedHook<Input, Output>;
}

async function validate(schema: StandardSchemaV1, token: string, payload: unknown): Promise<unknown> {
  const result = await schema["~standard"].validate(payload);
  if (result.issues === undefined) return result.value;
  const issues = result.issues.map(({ message, path }) => (path?.length ? `${pathText(path)}: ${message}` : message));
  throw new WorkflowError(
    "INVALID_ARGUMENT",
    `The payload for the hook ${JSON.stringify(token)} is not valid, nothing was delivered: ${issues.join("; ")}`,
    { cause: result.issues },
  );
}

function pathText(path: NonNullable<StandardSchemaV1.Issue["path"]>): string {
  return path.map((segment) => String(typeof segment === "object" ? segment.key : segment)).join(".");
}
