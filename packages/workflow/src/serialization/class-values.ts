/**
 * Classes and their instances as values (contract 06 section 6.5). The compiler gives each class that may be written an
 * id, and tells whoever revives values which class has it; the host and every run have their own copy of a class.
 */
import { WorkflowRuntimeError } from "../world/errors.ts";
import type { Handles } from "./references.ts";
import { Refused, textOf } from "./refusal.ts";

/** The fields in this order: while a cycle is being revived, what comes last is missing. */
export interface InstanceData {
  readonly is: "instance";
  readonly classId: string;
  /** What the class's own code made of the instance. */
  readonly data?: unknown;
}

export interface ClassData {
  readonly is: "class";
  readonly classId: string;
}

/** The names that `@workflow/serde` exports. In the registry of symbols, so that every copy of it means the same. */
const SERIALIZE: unique symbol = Symbol.for("workflow-serialize");
const DESERIALIZE: unique symbol = Symbol.for("workflow-deserialize");

/** Where compiled code puts the id of a class; on the class itself, since each subclass has another one. */
export const CLASS_ID: unique symbol = Symbol.for("workflow.classId");

interface SerializableClass {
  readonly name: string;
  [SERIALIZE]?: (instance: object) => unknown;
  [DESERIALIZE]?: (data: unknown) => unknown;
}

/** The id that an object has itself. */
export function ownClassId(value: object): string | undefined {
  if (!Object.hasOwn(value, CLASS_ID)) return undefined;
  const { [CLASS_ID]: id } = value as { readonly [CLASS_ID]?: unknown };
  return typeof id === "string" ? id : undefined;
}

/** Undefined for what is no instance of a class that speaks of serialization. */
export function encodeInstance(value: object, prototype: object): InstanceData | Refused | undefined {
  if (!Object.hasOwn(prototype, "constructor")) return undefined;
  const Class = (prototype as { readonly constructor?: SerializableClass }).constructor;
  if (typeof Class !== "function") return undefined;
  const { [SERIALIZE]: writes, [DESERIALIZE]: reads } = Class as SerializableClass;
  if (writes === undefined && reads === undefined) {
    return SERIALIZE in value || DESERIALIZE in value ? notStatic(Class) : undefined;
  }
  if (typeof writes !== "function" || typeof reads !== "function") return oneSided(Class);
  const classId = ownClassId(Class);
  if (classId === undefined) return unregistered(Class);
  try {
    return { is: "instance", classId, data: writes.call(Class, value) };
  } catch (error) {
    return threw(Class, error);
  }
}

function notStatic({ name }: SerializableClass): Refused {
  return new Refused({
    what: `an instance of ${name}, whose serialization methods are not static`,
    hint: "Write `static` before [WORKFLOW_SERIALIZE] and [WORKFLOW_DESERIALIZE]",
  });
}

function oneSided(Class: SerializableClass): Refused {
  const missing = typeof Class[SERIALIZE] === "function" ? "WORKFLOW_DESERIALIZE" : "WORKFLOW_SERIALIZE";
  return new Refused({
    what: `an instance of ${Class.name}, which has no static method [${missing}]`,
    hint: "A class that can be stored needs both WORKFLOW_SERIALIZE and WORKFLOW_DESERIALIZE",
  });
}

function unregistered({ name }: SerializableClass): Refused {
  return new Refused({
    what: `an instance of ${name}, a class that is not registered`,
    hint: "Declare the class under a name at the top level of a module that the compiler sees",
  });
}

function threw({ name }: SerializableClass, error: unknown): Refused {
  return new Refused({
    what: `an instance of ${name}, whose WORKFLOW_SERIALIZE threw: ${textOf(error)}`,
    hint: "Correct that method; it must work in workflow code and in steps alike",
  });
}

/** The classes that a payload mentions. Text that only looks like the id of a class is none. */
export function classesIn(payload: string): readonly string[] {
  if (!payload.includes('"class//')) return [];
  const values = valuesOf(payload);
  const ids = values.flatMap((value: unknown) => {
    const { classId } = (value ?? {}) as { readonly classId?: unknown };
    const id: unknown = typeof classId === "number" ? values[classId] : undefined;
    return typeof id === "string" ? [id] : [];
  });
  return [...new Set(ids)];
}

/** None when the payload is damaged: that is for whoever revives it. */
function valuesOf(payload: string): readonly unknown[] {
  try {
    const values: unknown = JSON.parse(payload.slice(payload.indexOf("[")));
    return Array.isArray(values) ? values : [];
  } catch {
    return [];
  }
}

/** @throws `WorkflowRuntimeError` naming the class where it is not known. */
export function reviveInstance({ classId, ...rest }: InstanceData, handles: Handles): unknown {
  if (!("data" in rest)) throw new Error("the data of an instance lead back to the instance");
  const Class = reviveClass(classId, handles) as SerializableClass;
  if (typeof Class[DESERIALIZE] !== "function") throw notKnown(classId, "cannot be revived any more");
  try {
    return Class[DESERIALIZE](rest.data);
  } catch (error) {
    throw new Error(`WORKFLOW_DESERIALIZE of ${classId} threw: ${textOf(error)}`, { cause: error });
  }
}

/** @throws `WorkflowRuntimeError` naming the class where it is not known. */
export function reviveClass(classId: string, handles: Handles): object {
  const found = handles.class(classId);
  if (found === undefined) throw notKnown(classId, "is not known here");
  return found;
}

function notKnown(classId: string, what: string): WorkflowRuntimeError {
  return new WorkflowRuntimeError(
    `A stored value belongs to the class ${classId}, which ${what}. ` +
      "Keep the class, under its name and in its file, as long as there are such values, and import it where they are read",
  );
}
