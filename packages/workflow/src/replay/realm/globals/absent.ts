/** Takes away what no replay could repeat: garbage collection seen from code, other threads, other clocks. */
const GLOBALS = ["WeakRef", "FinalizationRegistry", "Temporal", "gc"];

const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  Atomics: ["waitAsync", "pause"],
  WebAssembly: ["compile", "instantiate", "compileStreaming", "instantiateStreaming", "promising", "Suspending"],
};

export function removeAbsent(): void {
  for (const name of GLOBALS) Reflect.deleteProperty(globalThis, name);
  for (const [owner, names] of Object.entries(MEMBERS)) {
    const object: unknown = Reflect.get(globalThis, owner);
    if (typeof object !== "object" || object === null) continue;
    for (const name of names) Reflect.deleteProperty(object, name);
  }
  Reflect.deleteProperty(Date.prototype, "toTemporalInstant");
}
