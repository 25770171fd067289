import type { Names } from "./names.ts";

/** The names of the functions that host code brings along, so that it needs no import. */
export interface HostHelpers {
  /** Marks and registers a step that captures nothing. */
  readonly step: string;
  /** Registers a nested step under what makes it from captured values. */
  readonly bind: string;
  /** Marks a nested step where it stands. */
  readonly mark: string;
  readonly source: string;
}

/** Declared as functions: in a circular import they may be called before this module has run. */
export function hostHelpers(names: Names): HostHelpers {
  const [add, mark, step, bind] = ["add", "mark", "step", "bind"].map((name) => names.unique(`__workflow_${name}`)) as [
    string,
    string,
    string,
    string,
  ];
  const source = `function ${add}(id, entry) {
  (globalThis[Symbol.for("workflow.steps")] ??= new Map()).set(id, entry);
}
function ${mark}(id, fn, vars) {
  if (fn.name === "") Object.defineProperty(fn, "name", { value: id.slice(id.lastIndexOf("/") + 1), configurable: true });
  fn.stepId = id;
  if (vars !== undefined) fn[Symbol.for("workflow.closureVars")] = vars;
  return fn;
}
function ${step}(id, fn) {
  ${add}(id, { fn: ${mark}(id, fn) });
  return fn;
}
function ${bind}(id, make) {
  ${add}(id, { bind: (vars = {}) => ${mark}(id, make(vars), () => vars) });
}
`;
  return { step, bind, mark, source };
}
