import type { Names } from "./names.ts";

/** The names of the functions that host code brings along, so that it needs no import. */
export interface HostHelpers {
  /** Marks and registers a step that captures nothing. */
  readonly step: string;
  /** Registers a nested step under what makes it from captured values. */
  readonly bind: string;
  /** Marks a nested step where it stands. */
  readonly mark: string;
  /** Registers a class. */
  readonly register: string;
  /** What of them steps need. */
  readonly forSteps: string;
  /** What of them classes need. */
  readonly forClasses: string;
}

/** Declared as functions: in a circular import they may be called before this module has run. */
export function hostHelpers(names: Names, isSecondCopy: boolean): HostHelpers {
  const name = (wish: string): string => names.unique(`__workflow_${wish}`);
  const [add, mark, step, bind, rebind, register] = [
    name("add"),
    name("mark"),
    name("step"),
    name("bind"),
    name("rebind"),
    name("class"),
  ];
  const steps = `(globalThis[Symbol.for("workflow.steps")] ??= new Map())`;
  const forSteps = `function ${add}(id, entry) {
  ${isSecondCopy ? `if (!${steps}.has(id)) ` : ""}${steps}.set(id, entry);
}
function ${mark}(id, fn, vars) {
  if (fn.name === "") Object.defineProperty(fn, "name", { value: id.slice(id.lastIndexOf("/") + 1), configurable: true });
  fn.stepId = id;
  if (vars !== undefined) fn[Symbol.for("workflow.closureVars")] = vars;
  Object.defineProperty(fn, "bind", { value: ${rebind}, writable: true, configurable: true });
  return fn;
}
function ${rebind}(self, ...args) {
  const first = this[Symbol.for("workflow.bound")] ?? { this: self ?? undefined, args: [] };
  const fn = ${mark}(this.stepId, Function.prototype.bind.call(this, self, ...args), this[Symbol.for("workflow.closureVars")]);
  fn[Symbol.for("workflow.bound")] = { this: first.this, args: [...first.args, ...args] };
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
  const forClasses = `function ${register}(id, type, sure) {
  if (!sure && !(type.prototype instanceof Error) && !(Symbol.for("workflow-serialize") in type)) return;
  Reflect.defineProperty(type, Symbol.for("workflow.classId"), { value: id });
  (globalThis[Symbol.for("workflow-class-registry")] ??= new Map()).set(id, type);
}
`;
  return { step, bind, mark, register, forSteps, forClasses };
}
