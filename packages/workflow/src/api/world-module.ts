import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { WorkflowWorldError } from "../world/errors.ts";

/** What the module of a World is asked to do with what it stores. */
export interface WorldRequest {
  /** `false`: whoever opens the World only looks, or delivers, and must not change its tables. */
  readonly migrate?: boolean;
}

/** What the module exports that `WORKFLOW_TARGET_WORLD` names. */
export interface WorldModule {
  /** As the variable has it. */
  readonly target: string;
  /** `createWorld`, or a default factory or instance. */
  readonly source: unknown;
  /** Brings the data up to date, for those who want it done before a deployment. */
  readonly migrate: (() => Promise<unknown>) | undefined;
}

/** Whether `WORKFLOW_TARGET_WORLD` names the embedded World, or none. */
export function isEmbeddedWorld(): boolean {
  return ["local", ""].includes(process.env["WORKFLOW_TARGET_WORLD"] ?? "");
}

/** @throws `WorkflowWorldError` `INVALID_ARGUMENT` when the module cannot be loaded. */
export async function loadWorldModule(): Promise<WorldModule> {
  const target = process.env["WORKFLOW_TARGET_WORLD"] ?? "";
  const found = await importWorld(target);
  const { migrate } = found;
  return {
    target,
    source: found["createWorld"] ?? found["default"],
    migrate: typeof migrate === "function" ? async () => (await migrate()) as unknown : undefined,
  };
}

async function importWorld(target: string): Promise<Record<string, unknown>> {
  try {
    return (await import(specifierOf(target))) as Record<string, unknown>;
  } catch (error) {
    throw new WorkflowWorldError(
      "INVALID_ARGUMENT",
      `WORKFLOW_TARGET_WORLD=${target} cannot be loaded. Install the package, or use "local"`,
      { field: "WORKFLOW_TARGET_WORLD", cause: error },
    );
  }
}

/** A relative path is one from the working directory; a package is the app's, and need not be visible from here. */
function specifierOf(target: string): string {
  if (/^\.{0,2}\//.test(target)) return pathToFileURL(resolve(target)).href;
  try {
    return pathToFileURL(createRequire(join(process.cwd(), "app.js")).resolve(target)).href;
  } catch {
    return target;
  }
}
