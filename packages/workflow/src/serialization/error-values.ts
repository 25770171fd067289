import * as errors from "../world/errors.ts";
import * as hookErrors from "../world/hook-errors.ts";
import { RuntimeDecryptionError } from "../world/decryption.ts";
import { RunExpiredError } from "../world/run-expired-error.ts";
import { StepOutcomeUnknownError, StepTimeoutError } from "../world/step-errors.ts";
import * as reserved from "../world/reserved-errors.ts";
import { RetryableError } from "../world/retryable-error.ts";
import { CLASS_ID, ownClassId } from "./class-values.ts";
import { text } from "./plain-parts.ts";
import type { Handles } from "./references.ts";
import { tagOf, textOf } from "./refusal.ts";

/**
 * How an error is written. The fields that its object is made from come first: in a cycle the object is asked
 * for before the rest is there.
 */
export interface ErrorData {
  readonly is: "error";
  /** The nearest class that is known on the other side. */
  readonly class: string;
  /** Of the user's own class, when it is registered. Where nobody knows it, `class` has to do. */
  readonly classId?: string;
  /** Where it is neither the class's own nor among `own`. */
  readonly name?: string;
  readonly message: string;
  readonly stack?: string;
  /** Enumerable properties, except those that cannot be serialized: losing one is better than losing the error. */
  readonly own?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
  /** Of an `AggregateError`. */
  readonly errors?: readonly unknown[];
}

type ErrorClass = (new (...args: never[]) => Error) & { readonly prototype: Error };

const OWN_CLASSES: Readonly<Record<string, ErrorClass>> = {
  EntityConflictError: errors.EntityConflictError,
  FatalError: errors.FatalError,
  HoldLimitError: hookErrors.HoldLimitError,
  HookConflictError: hookErrors.HookConflictError,
  HookExpiredError: hookErrors.HookExpiredError,
  HookNotFoundError: hookErrors.HookNotFoundError,
  LeaseLostError: errors.LeaseLostError,
  NotInStepContextError: errors.NotInStepContextError,
  NotInWorkflowContextError: errors.NotInWorkflowContextError,
  NotInWorkflowOrStepContextError: errors.NotInWorkflowOrStepContextError,
  ReplayDivergenceError: errors.ReplayDivergenceError,
  RetryableError,
  RunExpiredError,
  RuntimeDecryptionError,
  SerializationError: errors.SerializationError,
  StepNotRegisteredError: errors.StepNotRegisteredError,
  StepOutcomeUnknownError,
  StepTimeoutError,
  UnavailableInWorkflowContextError: errors.UnavailableInWorkflowContextError,
  ...reserved,
  WebhookError: hookErrors.WebhookError,
  WorkflowBuildError: errors.WorkflowBuildError,
  WorkflowError: errors.WorkflowError,
  WorkflowNotRegisteredError: errors.WorkflowNotRegisteredError,
  WorkflowRunCancelledError: errors.WorkflowRunCancelledError,
  WorkflowRunFailedError: errors.WorkflowRunFailedError,
  WorkflowRunNotCompletedError: errors.WorkflowRunNotCompletedError,
  WorkflowRunNotFoundError: errors.WorkflowRunNotFoundError,
  WorkflowRuntimeError: errors.WorkflowRuntimeError,
  WorkflowWorldError: errors.WorkflowWorldError,
};

const STANDARD_CLASSES: ReadonlySet<string> = new Set([
  "AggregateError",
  "DOMException",
  "Error",
  "EvalError",
  "RangeError",
  "ReferenceError",
  "SyntaxError",
  "TypeError",
  "URIError",
]);

/** Written in fields of their own, or never. */
const RESERVED: ReadonlySet<string> = new Set(["__proto__", "cause", "message", "stack"]);

/** Also for errors of another realm. */
export function isError(value: object, tag: string = tagOf(value)): value is Error {
  return tag === "Error" || tag === "DOMException" || value instanceof Error;
}

/** Why a value cannot be serialized; undefined when it can. */
type Judge = (value: unknown) => string | undefined;

export function encodeError(error: Error, problemOf: Judge): ErrorData {
  const nested = (value: unknown): unknown => {
    const problem = problemOf(value);
    return problem === undefined ? value : describeThrown(value, problem);
  };
  const list = listOf(error);
  return {
    ...encodeAlone(error, problemOf),
    ...(Object.hasOwn(error, "cause") && { cause: nested(read(error, "cause")) }),
    ...(list !== undefined && { errors: list.map(nested) }),
  };
}

/** Without the errors that it leads to. */
function encodeAlone(error: Error, problemOf: Judge): ErrorData {
  const nearest = nearestClass(error);
  const name = read(error, "name");
  const stack = read(error, "stack");
  const classId = registeredClass(error);
  return {
    is: "error",
    class: nearest,
    ...(classId !== undefined && { classId }),
    ...(typeof name === "string" && name !== nearest && !isEnumerable(error, "name") && { name }),
    message: textOf(read(error, "message") ?? ""),
    ...(typeof stack === "string" && { stack }),
    ...ownProperties(error, problemOf),
  };
}

/** What an `AggregateError` lists; elsewhere `errors` is a property like any other. */
function listOf(error: Error): readonly unknown[] | undefined {
  const list = nearestClass(error) === "AggregateError" ? read(error, "errors") : undefined;
  return Array.isArray(list) ? list : undefined;
}

function read(from: object, key: string): unknown {
  try {
    return (from as Readonly<Record<string, unknown>>)[key];
  } catch {
    return undefined;
  }
}

function isEnumerable(value: object, key: string): boolean {
  return Object.prototype.propertyIsEnumerable.call(value, key);
}

/** By name, because the class may be of another realm or another copy of this package. */
function nearestClass(error: Error): string {
  const name = read(error, "name");
  if (typeof name === "string" && Object.hasOwn(OWN_CLASSES, name)) return name;
  if (tagOf(error) === "DOMException") return "DOMException";
  for (let type: object | null = Object.getPrototypeOf(error); type !== null; type = Object.getPrototypeOf(type)) {
    const className = read(read(type, "constructor") as object, "name");
    if (typeof className !== "string") continue;
    if (STANDARD_CLASSES.has(className) || Object.hasOwn(OWN_CLASSES, className)) return className;
  }
  return "Error";
}

/**
 * Of the nearest class that is registered. An error that was revived where its class is not known has the id itself, so
 * that it is what it was again where the class is.
 */
function registeredClass(error: Error): string | undefined {
  for (let at: object | null = error; at !== null; at = Object.getPrototypeOf(at) as object | null) {
    const owner = at === error ? error : read(at, "constructor");
    const classId = typeof owner === "function" || owner === error ? ownClassId(owner) : undefined;
    if (classId !== undefined) return classId;
  }
  return undefined;
}

function ownProperties(error: Error, problemOf: Judge): Pick<ErrorData, "own"> {
  const own: Record<string, unknown> = {};
  const listed = listOf(error) !== undefined;
  for (const key of Object.keys(error)) {
    if (RESERVED.has(key) || (listed && key === "errors")) continue;
    const value = read(error, key);
    if (problemOf(value) === undefined) own[key] = value;
  }
  return Object.keys(own).length === 0 ? {} : { own };
}

/** What stands in for a thrown value that cannot be serialized for that reason. Never throws. */
export function describeThrown(thrown: unknown, reason: string): Error {
  try {
    if (typeof thrown === "object" && thrown !== null && isError(thrown)) {
      return reviveError(clipped(encodeAlone(thrown, (value) => (isSmall(value) ? undefined : "large"))));
    }
  } catch {
    // Not even its kind can be asked for.
  }
  return new Error(`Something that cannot be serialized was thrown: ${reason.slice(0, CLIP)}`);
}

/** Enough for every message meant for people, little enough for every payload. */
const CLIP = 16_384;

/** How many of an error's properties are kept then. */
const MAX_PROPERTIES = 32;

function clipped(data: ErrorData): ErrorData {
  const own = Object.entries(data.own ?? {}).filter(([key]) => key.length <= CLIP);
  return {
    is: "error",
    class: data.class,
    ...(data.classId !== undefined && { classId: data.classId }),
    ...(data.name !== undefined && { name: data.name.slice(0, CLIP) }),
    message: data.message.slice(0, CLIP),
    ...(data.stack !== undefined && { stack: data.stack.slice(0, CLIP) }),
    own: Object.fromEntries(own.slice(0, MAX_PROPERTIES)),
  };
}

function isSmall(value: unknown): boolean {
  if (typeof value === "string") return value.length <= CLIP;
  return value === null || value instanceof Date || ["number", "boolean", "undefined"].includes(typeof value);
}

const revived = new WeakMap<ErrorData, Error>();

/** In a cycle called once more with the same data, then complete. */
export function reviveError(data: ErrorData, handles?: Pick<Handles, "class">): Error {
  const message = text(data.message);
  const error = revived.get(data) ?? construct(data, handles);
  revived.set(data, error);
  const name = text(data.name ?? data.class);
  if (error.name !== name) define(error, "name", name, false);
  define(error, "stack", text(data.stack ?? `${name}: ${message}`), false);
  for (const [key, value] of Object.entries(data.own ?? {})) define(error, key, value, true);
  if (Object.hasOwn(data, "cause")) define(error, "cause", data.cause, false);
  if (Object.hasOwn(data, "errors")) define(error, "errors", data.errors, false);
  return error;
}

/** A real error object of the class; its constructor, which would make up other properties, is not run. */
function construct(data: ErrorData, handles: Pick<Handles, "class"> | undefined): Error {
  const Class = classNamed(text(data.class));
  if (data.class === "DOMException" && Class !== Error) {
    return new (Class as typeof DOMException)(data.message, data.name ?? "Error");
  }
  const own = data.classId === undefined ? undefined : handles?.class(text(data.classId));
  const error = Reflect.construct(Error, [data.message], isErrorClass(own) ? own : Class) as Error;
  if (data.classId !== undefined && own === undefined) Object.defineProperty(error, CLASS_ID, { value: data.classId });
  return error;
}

function isErrorClass(value: object | undefined): value is ErrorClass {
  return typeof value === "function" && (value as ErrorClass).prototype instanceof Error;
}

function classNamed(name: string): ErrorClass {
  if (Object.hasOwn(OWN_CLASSES, name)) return OWN_CLASSES[name] as ErrorClass;
  if (!STANDARD_CLASSES.has(name)) throw new Error("an error has a class that is not known");
  // A realm need not have DOMException.
  return (globalThis as unknown as Record<string, ErrorClass | undefined>)[name] ?? Error;
}

function define(error: Error, key: string, value: unknown, enumerable: boolean): void {
  Object.defineProperty(error, key, { value, enumerable, writable: true, configurable: true });
}
