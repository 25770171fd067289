import { CLASS_ID } from "../../serialization/serialize.ts";
import type { StepProxy } from "./step.ts";

export type RegisteredClass = (abstract new (...args: never[]) => unknown) & { readonly prototype: object };

/**
 * Makes a class of workflow code one whose values can be stored.
 * @param isSure Without it, whether values of the class can be stored is seen from what it inherits.
 */
export function registerClass<Class extends RegisteredClass>(
  classes: Map<string, object>,
  classId: string,
  type: Class,
  isSure?: true,
): Class {
  if (isSure !== true && !(type.prototype instanceof Error) && !(Symbol.for("workflow-serialize") in type)) return type;
  Reflect.defineProperty(type, CLASS_ID, { value: classId });
  classes.set(classId, type);
  return type;
}

/** Puts a step in the place of a method, as a class body would. */
export function defineStepMethod(prototype: object, name: PropertyKey, step: StepProxy): void {
  Object.defineProperty(prototype, name, { value: step, writable: true, configurable: true });
}
