import { pathToFileURL } from "node:url";
import { resolve } from "node:path";
import { WorkflowWorldError } from "../world/errors.ts";
import { processWide } from "../world/process-wide.ts";
import type { World } from "../world/world.ts";

const current = processWide<Promise<World>>("workflow.world");

/** The World of this process, made on first use from `WORKFLOW_TARGET_WORLD` (contract 04 section 4.1). */
export async function getWorld(): Promise<World> {
  const known = current.get();
  if (known !== undefined) return known;
  const made = current.set(createWorld());
  made.catch(() => {
    if (current.get() === made) current.set(undefined);
  });
  return made;
}

/** Whether `WORKFLOW_TARGET_WORLD` names the embedded World, or none. */
export function isEmbeddedWorld(): boolean {
  return ["local", ""].includes(process.env["WORKFLOW_TARGET_WORLD"] ?? "");
}

/** Replaces the World of this process. `undefined`: the next {@link getWorld} makes a new one. Closes nothing. */
export function setWorld(world: World | undefined): void {
  current.set(world === undefined ? undefined : Promise.resolve(world));
}

/**
 * Makes a World: the embedded one, or what the module named by `WORKFLOW_TARGET_WORLD` exports as `createWorld`,
 * or as a default factory or instance. A relative path is resolved from the working directory.
 * @throws `WorkflowWorldError` when the module cannot be loaded or exports none of them.
 */
export async function createWorld(): Promise<World> {
  if (isEmbeddedWorld()) return (await import("../local/world.ts")).createLocalWorld();
  const target = process.env["WORKFLOW_TARGET_WORLD"] ?? "";
  const found = await importWorld(target);
  const factory = found["createWorld"] ?? found["default"];
  const world: unknown = typeof factory === "function" ? await factory() : factory;
  if (isWorld(world)) return world;
  throw new WorkflowWorldError(
    "INVALID_ARGUMENT",
    `WORKFLOW_TARGET_WORLD=${target} exports neither createWorld() nor a World as its default`,
    { field: "WORKFLOW_TARGET_WORLD" },
  );
}

async function importWorld(target: string): Promise<Record<string, unknown>> {
  const specifier = /^\.{0,2}\//.test(target) ? pathToFileURL(resolve(target)).href : target;
  try {
    return (await import(specifier)) as Record<string, unknown>;
  } catch (error) {
    throw new WorkflowWorldError(
      "INVALID_ARGUMENT",
      `WORKFLOW_TARGET_WORLD=${target} cannot be loaded. Install the package, or use "local"`,
      { field: "WORKFLOW_TARGET_WORLD", cause: error },
    );
  }
}

function isWorld(value: unknown): value is World {
  return typeof value === "object" && value !== null && "commit" in value && "deliver" in value;
}
