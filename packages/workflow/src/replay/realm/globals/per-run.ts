/**
 * Globals that belong to a run although all runs of a realm share one global object. The web's names are
 * accessors that look at the run; anything else that a run adds is taken off between entries.
 */
import { currentRun, type RunContext } from "../context.ts";
import { mapDelete, mapForEach, mapGet, mapSet, setHas } from "./intrinsics.ts";

const { defineProperty, deleteProperty, getOwnPropertyDescriptor, ownKeys, apply } = Reflect;
const { getOwnPropertySymbols, keys } = Object;

const accessors = new Set<PropertyKey>();
let baseline: ReadonlySet<PropertyKey> = new Set();
let locked = false;
let symbolCount = 0;
/** Something may have been added that {@link strayed} cannot see. */
let dirty = false;

/** Defines a global with one value for all runs, until a run assigns its own. */
export function defineShared(name: string, value: unknown): void {
  definePerRun(name, () => value);
}

/** Defines a global of which every run gets its own object, made at first use: for objects that code patches. */
export function defineFresh(name: string, make: () => unknown): void {
  definePerRun(name, (run) => {
    const value = make();
    if (run !== undefined) assign(run, name, value);
    return value;
  });
}

function definePerRun(name: string, initial: (run: RunContext | undefined) => unknown): void {
  accessors.add(name);
  defineProperty(globalThis, name, {
    configurable: false,
    enumerable: false,
    get: () => {
      const run = currentRun();
      const own = run && mapGet(run.globals, name);
      if (own === undefined) return initial(run);
      return own.get === undefined ? own.value : apply(own.get, globalThis, []);
    },
    set: (value: unknown) => {
      const run = runOrThrow(name);
      const own = mapGet(run.globals, name);
      if (own?.set === undefined) assign(run, name, value);
      else apply(own.set, globalThis, [value]);
    },
  });
}

function assign(run: RunContext, name: string, value: unknown): void {
  mapSet(run.globals, name, { value, writable: true, enumerable: false, configurable: true });
}

function runOrThrow(name: PropertyKey): RunContext {
  const run = currentRun();
  if (run === undefined) throw new TypeError(`Cannot set global "${String(name)}" while no run is executing`);
  return run;
}

/** What `Object.defineProperty(globalThis, ...)` does: whatever it defines must be removable. */
export function defineGlobal(key: PropertyKey, descriptor: PropertyDescriptor): boolean {
  if (setHas(accessors, key)) {
    mapSet(runOrThrow(key).globals, key, descriptor);
    return true;
  }
  dirty = true;
  return defineProperty(globalThis, key, descriptor);
}

/** What a run sees as the own property, or undefined. */
export function globalDescriptor(key: PropertyKey): PropertyDescriptor | undefined {
  if (!setHas(accessors, key)) return getOwnPropertyDescriptor(globalThis, key);
  const run = currentRun();
  return run && mapGet(run.globals, key);
}

/** Puts the run's globals in place. Call before each synchronous entry, after the run was made the current one. */
export function enterGlobals(run: RunContext): void {
  if (!locked) lock();
  if (run.globals.size > 0) mapForEach(run.globals, restore);
}

function restore(descriptor: PropertyDescriptor, key: PropertyKey): void {
  if (setHas(accessors, key)) return;
  defineProperty(globalThis, key, descriptor);
  dirty = true;
}

/** Takes the run's globals away. Call after the entry has drained. */
export function leaveGlobals(run: RunContext): void {
  if (!dirty && !strayed()) return;
  const { globals } = run;
  mapForEach(globals, (_, key) => {
    if (!setHas(accessors, key)) mapDelete(globals, key);
  });
  const present = ownKeys(globalThis);
  for (let index = 0; index < present.length; index++) {
    const key = present[index]!;
    if (setHas(baseline, key)) continue;
    mapSet(globals, key, getOwnPropertyDescriptor(globalThis, key)!);
    deleteProperty(globalThis, key);
  }
  dirty = false;
}

/**
 * Several times cheaper than looking at all own keys. An assignment makes an enumerable property, and those of the
 * baseline are not; definitions of others go through {@link defineGlobal}.
 */
function strayed(): boolean {
  return keys(globalThis).length > 0 || getOwnPropertySymbols(globalThis).length !== symbolCount;
}

/** Nothing that is there before the first run can be replaced, removed or enumerated. */
function lock(): void {
  const present = ownKeys(globalThis);
  for (const key of present) {
    const descriptor = getOwnPropertyDescriptor(globalThis, key)!;
    const fixed = "value" in descriptor ? { writable: false } : {};
    defineProperty(globalThis, key, { ...descriptor, ...fixed, enumerable: false, configurable: false });
  }
  baseline = new Set(present);
  locked = true;
  symbolCount = getOwnPropertySymbols(globalThis).length;
}
