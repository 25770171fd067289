/** `structuredClone` for the language's own types. Objects of the web other than DOMException cannot be cloned. */
import { AbortController } from "./abort-controller.ts";
import { AbortSignal } from "./abort-signal.ts";
import { Body } from "./body.ts";
import { isArrayBuffer } from "./buffer-source.ts";
import { DOMException } from "./dom-exception.ts";
import { Headers } from "./headers.ts";
import { typedArrayName, uncurry } from "./intrinsics.ts";
import { TextDecoder } from "./text-decoder.ts";
import { TextEncoder } from "./text-encoder.ts";
import { URLSearchParams } from "./url-search-params.ts";
import { URL } from "./url.ts";

const tagOf = uncurry(Object.prototype.toString) as (value: unknown) => string;

type Memory = Map<object, unknown>;
type TypedArrayClass = new (buffer: ArrayBufferLike, offset: number, length: number) => ArrayBufferView;

const UNCLONEABLE = [
  ...[WeakMap, WeakSet, Promise],
  ...[AbortController, AbortSignal],
  ...[URL, URLSearchParams, Headers, Body, TextEncoder, TextDecoder],
] as const;

const ERRORS: ReadonlyMap<unknown, ErrorConstructor> = new Map(
  [EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError].map((type) => [type.name, type]),
);

const typedArrays = new Map<string, TypedArrayClass>();
for (const name of Object.getOwnPropertyNames(globalThis)) {
  if (!/^\w+\d\w*Array$/.test(name)) continue;
  typedArrays.set(name, Reflect.get(globalThis, name) as TypedArrayClass);
}

interface Copier {
  /** Throws unless its argument has the hidden state of the type. */
  readonly probe: (value: object) => unknown;
  readonly copy: (value: never, memory: Memory) => unknown;
}

const copiers = new Map<string, Copier>();
addCopier("Date", Date.prototype.getTime, (value: Date) => new Date(value.getTime()));
addCopier("Map", Map.prototype.has, copyMap);
addCopier("Set", Set.prototype.has, copySet);
addCopier("RegExp", Object.getOwnPropertyDescriptor(RegExp.prototype, "hasIndices")!.get!, copyRegExp);
addCopier("ArrayBuffer", Object.getOwnPropertyDescriptor(ArrayBuffer.prototype, "byteLength")!.get!, copyBuffer);
for (const type of [Boolean, Number, String, BigInt]) {
  addCopier(type.name, type.prototype.valueOf, (value: object) => Object(value.valueOf()));
}
addCopier("Symbol", Symbol.prototype.valueOf, refuse);

function addCopier<Value>(tag: string, probe: unknown, copy: (value: Value, memory: Memory) => unknown): void {
  copiers.set(`[object ${tag}]`, { probe: uncurry(probe as () => unknown), copy });
}

/** @throws DOMException `DataCloneError` for functions, symbols and objects that have no copy */
export function structuredClone(value: unknown, options?: { transfer?: Iterable<unknown> }): unknown {
  if (arguments.length === 0) throw new TypeError('structuredClone: the "value" argument must be specified');
  const transferred = transferList(options);
  const result = clone(value, new Map());
  for (const buffer of transferred) buffer.transfer();
  return result;
}

/** Transferred buffers are copied like others, and the originals detached afterwards: from outside it is the same. */
function transferList(options: { transfer?: Iterable<unknown> } | undefined): readonly ArrayBuffer[] {
  const list: unknown[] = options?.transfer === undefined ? [] : [...options.transfer];
  list.forEach((item, index) => {
    if (!isArrayBuffer(item)) throw dataCloneError("A value in the transfer list could not be transferred");
    if (item.detached || list.indexOf(item) !== index) {
      throw dataCloneError("An ArrayBuffer is detached and could not be cloned");
    }
  });
  return list as ArrayBuffer[];
}

function clone(value: unknown, memory: Memory): unknown {
  if (typeof value === "symbol" || typeof value === "function") return refuse(value);
  if (typeof value !== "object" || value === null) return value;
  if (memory.has(value)) return memory.get(value);
  const copy = copyObject(value, memory);
  memory.set(value, copy);
  return copy;
}

function copyObject(value: object, memory: Memory): unknown {
  if (Array.isArray(value)) return copyProperties(value, sparseArray(value.length), memory);
  const tag = tagOf(value);
  if (tag === "[object Object]") return copyProperties(value, {}, memory);
  if (ArrayBuffer.isView(value)) return copyView(value, memory);
  const expected = copiers.get(tag);
  if (expected !== undefined && holds(expected.probe, value)) return expected.copy(value as never, memory);
  if (value instanceof SharedArrayBuffer) return value;
  if (value instanceof DOMException) return copyDomException(value);
  if (value instanceof Error || isForeignError(value, tag)) return copyError(value as Error, memory);
  if (tag === "[object Arguments]" || UNCLONEABLE.some((type) => value instanceof type)) return refuse(value);
  // The tag may be one of the user's own.
  const fitting = [...copiers.values()].find(({ probe }) => holds(probe, value));
  return fitting === undefined ? copyProperties(value, {}, memory) : fitting.copy(value as never, memory);
}

/** Of a class whose prototypes were changed; a tag of the user's own does not make an error. */
function isForeignError(value: object, tag: string): boolean {
  return tag === "[object Error]" && !(Symbol.toStringTag in value);
}

function holds(probe: (value: object) => unknown, value: object): boolean {
  try {
    probe(value);
    return true;
  } catch {
    return false;
  }
}

function copyProperties(source: object, target: object, memory: Memory): object {
  memory.set(source, target);
  for (const key of Object.keys(source)) {
    if (!Object.hasOwn(source, key)) continue;
    const value = clone(Reflect.get(source, key), memory);
    Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
  }
  return target;
}

function sparseArray(length: number): unknown[] {
  const array: unknown[] = [];
  array.length = length;
  return array;
}

function copyMap(source: Map<unknown, unknown>, memory: Memory): Map<unknown, unknown> {
  const target = new Map<unknown, unknown>();
  memory.set(source, target);
  for (const [key, value] of [...source]) target.set(clone(key, memory), clone(value, memory));
  return target;
}

function copySet(source: Set<unknown>, memory: Memory): Set<unknown> {
  const target = new Set<unknown>();
  memory.set(source, target);
  for (const value of [...source]) target.add(clone(value, memory));
  return target;
}

function copyRegExp(source: RegExp): RegExp {
  return new RegExp(source.source, source.flags);
}

function copyBuffer(source: ArrayBuffer): ArrayBuffer {
  if (source.detached) throw dataCloneError("An ArrayBuffer is detached and could not be cloned");
  if (!source.resizable) return source.slice(0);
  const target = new ArrayBuffer(source.byteLength, { maxByteLength: source.maxByteLength });
  new Uint8Array(target).set(new Uint8Array(source));
  return target;
}

function copyView(source: ArrayBufferView, memory: Memory): ArrayBufferView {
  const buffer = clone(source.buffer, memory) as ArrayBufferLike;
  const name = typedArrayName(source);
  if (name === undefined) return new DataView(buffer, source.byteOffset, source.byteLength);
  return new (typedArrays.get(name)!)(buffer, source.byteOffset, Reflect.get(source, "length") as number);
}

/** Name, message, stack and cause, as V8 copies them; other properties are dropped. */
function copyError(source: Error, memory: Memory): Error {
  const error = new (ERRORS.get(source.name) ?? Error)();
  memory.set(source, error);
  if (Object.hasOwn(source, "message")) hide(error, "message", String(source.message));
  hide(error, "stack", String(source.stack));
  if (Object.hasOwn(source, "cause")) hide(error, "cause", clone(source.cause, memory));
  return error;
}

function copyDomException(source: DOMException): DOMException {
  const target = new DOMException(source.message, source.name);
  hide(target, "stack", String(source.stack));
  return target;
}

function hide(owner: object, key: string, value: unknown): void {
  Object.defineProperty(owner, key, { value, writable: true, enumerable: false, configurable: true });
}

function refuse(value: unknown): never {
  throw dataCloneError(`${describe(value)} could not be cloned.`);
}

function describe(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  const constructor: unknown = Reflect.get(value, "constructor");
  return `#<${typeof constructor === "function" ? constructor.name : "Object"}>`;
}

function dataCloneError(message: string): DOMException {
  return new DOMException(message, "DataCloneError");
}
