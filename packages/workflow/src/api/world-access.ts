import { WorkflowError, WorkflowWorldError } from "../world/errors.ts";
import { processWide } from "../world/process-wide.ts";
import { complaintAbout } from "../world/supported-node.ts";
import type { World } from "../world/world.ts";
import { isEmbeddedWorld, loadWorldModule, type WorldRequest } from "./world-module.ts";

// Before anything is stored: on other runtimes runs go wrong, and not at once.
const complaint = complaintAbout(globalThis.process?.versions);
if (complaint !== undefined) throw new WorkflowError("UNSUPPORTED_NODE", complaint);

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

/** Replaces the World of this process. `undefined`: the next {@link getWorld} makes a new one. Closes nothing. */
export function setWorld(world: World | undefined): void {
  current.set(world === undefined ? undefined : Promise.resolve(world));
}

/**
 * Makes a World: the embedded one, or what the module named by `WORKFLOW_TARGET_WORLD` exports as `createWorld`,
 * or as a default factory or instance. A relative path is resolved from the working directory. The factory is given
 * the `request`; by default it brings its data up to date.
 * @throws `WorkflowWorldError` when the module cannot be loaded or exports none of them.
 */
export async function createWorld(request?: WorldRequest): Promise<World> {
  if (isEmbeddedWorld()) return (await import("../local/world.ts")).createLocalWorld();
  const { target, source } = await loadWorldModule();
  const world: unknown = typeof source === "function" ? await source(request) : source;
  if (isWorld(world)) return world;
  throw new WorkflowWorldError(
    "INVALID_ARGUMENT",
    `WORKFLOW_TARGET_WORLD=${target} exports neither createWorld() nor a World as its default`,
    { field: "WORKFLOW_TARGET_WORLD" },
  );
}

function isWorld(value: unknown): value is World {
  return typeof value === "object" && value !== null && "commit" in value && "deliver" in value;
}
