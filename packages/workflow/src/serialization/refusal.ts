import { DevalueError } from "devalue";
import { SerializationError, type ErrorCode } from "../world/errors.ts";
import { MAX_DEPTH, MAX_PAYLOAD_BYTES } from "./limits.ts";

/** What a value is, for the one who reads the error. */
export interface Boundary {
  readonly what:
    | "workflow arguments"
    | "workflow return value"
    | "step arguments"
    | "step return value"
    | "hook payload"
    | "hook metadata"
    | "webhook response"
    | "stream chunk"
    | "abort reason"
    | "thrown value";
  /** The workflow's or step's name, the hook's token, or the stream's name. */
  readonly of: string;
}

/** What paths start with. */
const ROOT: Record<Boundary["what"], string> = {
  "workflow arguments": "args",
  "workflow return value": "returnValue",
  "step arguments": "args",
  "step return value": "returnValue",
  "hook payload": "payload",
  "hook metadata": "metadata",
  "webhook response": "answer",
  "stream chunk": "chunk",
  "abort reason": "reason",
  "thrown value": "error",
};

/**
 * Stands in for a value that must not be written. devalue stops at it like at any other class instance, and
 * says where it is.
 */
export class Refused {
  readonly reason: Reason;

  constructor(reason: Reason) {
    this.reason = reason;
  }
}

/** What a value is that cannot be written, and what to do instead. */
interface Reason {
  readonly what: string;
  readonly hint: string;
  readonly code?: ErrorCode;
}

/** What every refusal of too much data says. */
export const OVERSIZE: Pick<Reason, "hint" | "code"> = {
  code: "PAYLOAD_TOO_LARGE",
  hint:
    `The limit is ${MAX_PAYLOAD_BYTES} bytes (${MAX_PAYLOAD_BYTES / 2 ** 20} MiB) in all. ` +
    "Store the data elsewhere (a file, a bucket, a database) and pass a reference to it",
};

/** What devalue's error says, in short. */
export function reasonOf(error: unknown): string {
  return error instanceof DevalueError ? explain(error.value).what : textOf(error);
}

/** The error for a value that devalue could not write. */
export function refusal(error: unknown, at: Boundary): SerializationError {
  if (error instanceof DevalueError) {
    const { what, ...options } = explain(error.value);
    return new SerializationError(`${intro(at)}: ${pathOf(error.path ?? "", at)} is ${what}`, options);
  }
  if (error instanceof RangeError && error.message.includes("string length")) return tooLarge(Infinity, at);
  if (error instanceof RangeError && error.message.includes("call stack")) return tooDeep(at);
  return new SerializationError(`${intro(at)}: a part of it threw when it was read: ${textOf(error)}`, {
    cause: error,
    hint: "Getters, proxies and iterators in it must work without their surroundings; pass plain data",
  });
}

export function tooDeep(at: Boundary): SerializationError {
  return new SerializationError(`${intro(at)}: it is nested more than ${MAX_DEPTH} levels deep`, {
    hint: "Pass long chains as an array",
  });
}

export function inCycle(classId: string, at: Boundary): SerializationError {
  return new SerializationError(`${intro(at)}: it has an instance of ${classId} whose data lead back to the instance`, {
    hint: "Let WORKFLOW_SERIALIZE write an id, or leave the way back out and restore it in WORKFLOW_DESERIALIZE",
  });
}

export function tooLarge(bytes: number, at: Boundary): SerializationError {
  const size = bytes === Infinity ? "more text than JavaScript can hold" : `${bytes} bytes`;
  return new SerializationError(`${intro(at)}: it takes ${size}`, OVERSIZE);
}

function intro(at: Boundary): string {
  return `The ${at.what} of ${at.of} cannot be serialized`;
}

/** devalue's path starts at the root with `.key` or `[index]`; argument lists may be wrapped in named fields. */
function pathOf(path: string, at: Boundary): string {
  if (path.startsWith(".") && at.what.endsWith("arguments")) return path.slice(1);
  return path === "" ? "it" : ROOT[at.what] + path;
}

/** Never throws. */
export function explain(value: unknown): Reason {
  if (typeof value === "symbol") return { what: `the symbol ${String(value)}`, hint: "Use a string instead" };
  try {
    if (typeof value === "function") return explainFunction(value);
    if (typeof value !== "object" || value === null) return { what: String(value), hint: "Pass plain data" };
    return value instanceof Refused ? value.reason : explainObject(value);
  } catch {
    return { what: "something that cannot be inspected", hint: "Pass a plain copy of it" };
  }
}

function explainFunction(value: { readonly name?: unknown }): Reason {
  const isClass = Function.prototype.toString.call(value).startsWith("class");
  const name = typeof value.name === "string" && value.name !== "" ? ` ${value.name}` : "";
  return {
    what: `a ${isClass ? "class" : "function"}${name}`,
    hint: isClass
      ? "Only classes that are registered can be passed: those with WORKFLOW_SERIALIZE, with steps, and those of errors"
      : 'Code stays where it is: pass data, or a "use step" function',
  };
}

const HINTS: Readonly<Record<string, string>> = {
  Blob: "Pass its bytes: await blob.arrayBuffer()",
  File: "Pass its bytes: await file.arrayBuffer()",
  FormData: "Pass its entries as a plain object",
  Promise: "Await it first and pass its result",
  ReadableStream: "Read it first and pass its content",
  Request: "Pass what is needed of it: method, url, headers, await request.text()",
  Response: "Pass what is needed of it: status, headers, await response.text()",
  SharedArrayBuffer: "Copy it into an ArrayBuffer",
  WeakMap: "Use a Map",
  WeakRef: "Pass the value that it refers to",
  WeakSet: "Use a Set",
  WritableStream: "Pass the data that would be written to it",
};

function explainObject(value: object): Reason {
  const tag = tagOf(value);
  const hint = Object.hasOwn(HINTS, tag) ? HINTS[tag] : undefined;
  if (hint !== undefined) return { what: article(tag), hint };
  if ("then" in value && typeof value.then === "function") {
    return { what: "a thenable (an object with a then method)", hint: "Await it first and pass its result" };
  }
  if (Object.hasOwn(value, "__proto__")) {
    return { what: "an object with a key named __proto__", hint: "Rename the key" };
  }
  if (Object.getOwnPropertySymbols(value).length > 0 && isPlain(value)) {
    return { what: "an object with symbols for keys", hint: "Use strings for keys" };
  }
  const name = nameOfClass(value) ?? tag;
  return {
    what: name === "Object" ? "an object with a prototype of its own" : `an instance of ${name}`,
    hint:
      "Pass a plain object with the data that it holds, or teach its class to be stored with WORKFLOW_SERIALIZE and " +
      'WORKFLOW_DESERIALIZE of "@workflow/serde"',
  };
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype || nameOfClass(value) === "Object";
}

function nameOfClass(value: object): string | undefined {
  const name: unknown = (value.constructor as { readonly name?: unknown } | undefined)?.name;
  return typeof name === "string" && name !== "" ? name : undefined;
}

function article(noun: string): string {
  return `${/^[AEIOU]/.test(noun) ? "an" : "a"} ${noun}`;
}

/** What the value says it is: `Map`, `Error`, ... Works across realms. */
export function tagOf(value: object): string {
  return Object.prototype.toString.call(value).slice(8, -1);
}

/** `String(value)` that never throws. */
export function textOf(value: unknown): string {
  try {
    return String(value);
  } catch {
    return "something that cannot be turned into text";
  }
}
