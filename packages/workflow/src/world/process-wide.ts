import { WorkflowRuntimeError } from "./errors.ts";
import { VERSION } from "./version.generated.ts";

/** A value of which there is one per process, also when bundlers duplicate the module that keeps it. */
export interface Slot<T> {
  /** @throws `WorkflowRuntimeError` `VERSION_CONFLICT` when another version of the package is in use. */
  get(): T | undefined;
  /** Returns what it was given. @throws as `get` does. */
  set<V extends T | undefined>(value: V): V;
}

/** One copy of this package in the process. */
interface Copy {
  readonly version: string;
  readonly location: string;
}

/** Every version of the package writes the same under this name, or they would not know of each other. */
const IN_USE = Symbol.for("workflow.inUse");

const self: Copy = { version: VERSION, location: locationOf(import.meta.url) };

/** @param name The same in every copy of the package. */
export function processWide<T>(name: string): Slot<T> {
  const key = Symbol.for(name);
  return {
    get() {
      requireOneVersion();
      return Reflect.get(globalThis, key) as T | undefined;
    },
    set(value) {
      requireOneVersion();
      Reflect.set(globalThis, key, value);
      return value;
    },
  };
}

/** What one version keeps for the process means nothing to another one. */
function requireOneVersion(): void {
  const first = Reflect.get(globalThis, IN_USE) as Copy | undefined;
  if (first === undefined) Reflect.set(globalThis, IN_USE, self);
  else if (first.version !== VERSION) throw versionConflict(first);
}

function versionConflict(first: Copy): WorkflowRuntimeError {
  return new WorkflowRuntimeError(
    `Two versions of the package "workflow" are used in this process: first ${describe(first)}, and now ` +
      `${describe(self)}. Runs, hooks and steps of one do not exist for the other. Run \`npm ls workflow\` to see who ` +
      "depends on which, bring all to one version (`npm dedupe`, or `overrides` in package.json), and start again",
    { code: "VERSION_CONFLICT" },
  );
}

function describe({ version, location }: Copy): string {
  return `${version} (${location})`;
}

/** The package's folder, or the bundle that this module went into. A bundle in CommonJS has no URL. */
function locationOf(url: string | undefined): string {
  return url?.replace(/\/(?:dist|src)\/world\/process-wide\.[jt]s$/, "") ?? "in a bundle";
}
