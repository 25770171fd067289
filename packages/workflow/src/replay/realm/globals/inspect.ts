/** Values as text for the console: close to what Node prints, without its options. */
import { bytesOf } from "./buffer-source.ts";
import { bytesToHex } from "./hex.ts";
import { AbortSignal } from "./abort-signal.ts";
import { Headers } from "./headers.ts";
import { typedArrayName } from "./intrinsics.ts";
import { Request } from "./request.ts";
import { Response } from "./response.ts";
import { URLSearchParams } from "./url-search-params.ts";
import { URL } from "./url.ts";

const MAX_DEPTH = 4;
const MAX_ITEMS = 100;
const LINE_LENGTH = 72;

interface Place {
  readonly depth: number;
  readonly above: readonly object[];
}

export function inspect(value: unknown): string {
  return show(value, { depth: 0, above: [] });
}

function show(value: unknown, place: Place): string {
  if (typeof value === "string") return quote(value);
  if (typeof value === "bigint") return `${value}n`;
  if (Object.is(value, -0)) return "-0";
  if (typeof value === "function") return showFunction(value);
  if (typeof value !== "object" || value === null) return String(value);
  if (place.above.includes(value)) return "[Circular]";
  try {
    return showObject(value, place);
  } catch {
    return "[Uninspectable]";
  }
}

function quote(text: string): string {
  const mark = !text.includes("'") ? "'" : !text.includes('"') ? '"' : !text.includes("`") ? "`" : "'";
  const escaped = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"');
  return mark + (mark === "'" ? escaped.replaceAll("'", "\\'") : escaped) + mark;
}

function showFunction(value: object): string {
  const name = String(Reflect.get(value, "name"));
  const kind = /^class\b/.test(Function.prototype.toString.call(value)) ? "class" : "Function";
  if (kind === "class") return `[class ${name || "(anonymous)"}]`;
  return name === "" ? "[Function (anonymous)]" : `[Function: ${name}]`;
}

function showObject(value: object, place: Place): string {
  const leaf = showLeaf(value);
  const inner: Place = { depth: place.depth + 1, above: [...place.above, value] };
  if (leaf !== undefined) return withProperties(leaf, value, inner);
  if (value instanceof Error) return showError(value, inner);
  if (place.depth > MAX_DEPTH) return Array.isArray(value) ? "[Array]" : `[${classOf(value) || "Object"}]`;
  if (Array.isArray(value)) return showArray(value, inner);
  if (value instanceof Map) {
    const items = [...value].map(([key, item]) => `${show(key, inner)} => ${show(item, inner)}`);
    return braced(`Map(${value.size}) `, "{}", [...limited(items), ...properties(value, inner)]);
  }
  if (value instanceof Set) {
    const items = [...value].map((item) => show(item, inner));
    return braced(`Set(${value.size}) `, "{}", [...limited(items), ...properties(value, inner)]);
  }
  if (ArrayBuffer.isView(value) && typedArrayName(value) !== undefined) {
    const items = [...(value as unknown as Iterable<unknown>)].map((item) => show(item, inner));
    return braced(`${classOf(value)}(${items.length}) `, "[]", limited(items));
  }
  return braced(prefixOf(value), "{}", [...webItems(value), ...properties(value, inner)]);
}

/** Objects that read as one word. */
function showLeaf(value: object): string | undefined {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString();
  if (value instanceof RegExp) return String(value);
  if (value instanceof Promise) return "Promise {}";
  if (value instanceof WeakMap || value instanceof WeakSet) return `${classOf(value)} { <items unknown> }`;
  for (const type of [Number, String, Boolean, BigInt, Symbol]) {
    if (!(value instanceof (type as NumberConstructor))) continue;
    return `[${type.name}: ${show(value.valueOf(), { depth: 0, above: [] })}]`;
  }
  if (value instanceof ArrayBuffer) {
    return `ArrayBuffer { ${bytesToHex(bytesOf(value)!.subarray(0, MAX_ITEMS))}, byteLength: ${value.byteLength} }`;
  }
  return undefined;
}

function withProperties(text: string, value: object, inner: Place): string {
  const extra = Object.prototype.toString.call(value) === "[object String]" ? [] : properties(value, inner);
  return extra.length === 0 ? text : braced(`${text} `, "{}", extra);
}

function showError(error: Error, inner: Place): string {
  const stack = typeof error.stack === "string" && error.stack !== "" ? error.stack : `[${String(error)}]`;
  const extra = properties(error, inner);
  for (const key of ["cause", "errors"]) {
    const hidden = Object.getOwnPropertyDescriptor(error, key);
    if (hidden !== undefined && !hidden.enumerable) extra.push(`[${key}]: ${show(hidden.value, inner)}`);
  }
  return extra.length === 0 ? stack : `${stack} {\n  ${extra.join(",\n").replaceAll("\n", "\n  ")}\n}`;
}

function showArray(value: readonly unknown[], inner: Place): string {
  const items: string[] = [];
  for (let index = 0; index < value.length && items.length < MAX_ITEMS; index++) {
    const start = index;
    while (index < value.length && !(index in value)) index++;
    if (index > start) items.push(`<${index - start} empty item${index - start === 1 ? "" : "s"}>`);
    if (index < value.length) items.push(show(value[index], inner));
  }
  if (value.length > MAX_ITEMS && items.length === MAX_ITEMS) items.push(`... ${value.length - MAX_ITEMS} more items`);
  const named = properties(value, inner, (key) => !/^\d+$/.test(key));
  return braced(classOf(value) === "Array" ? "" : prefixOf(value), "[]", [...items, ...named]);
}

function webItems(value: object): string[] {
  if (value instanceof URL) return [`href: ${quote(value.href)}`];
  if (value instanceof Request) return [`method: ${quote(value.method)}`, `url: ${quote(value.url)}`];
  if (value instanceof AbortSignal) return [`aborted: ${value.aborted}`];
  if (value instanceof Response) return [`status: ${value.status}`];
  const separator = value instanceof URLSearchParams ? " => " : ": ";
  if (!(value instanceof URLSearchParams) && !(value instanceof Headers)) return [];
  return [...value].map(([name, item]) => `${quote(name)}${separator}${quote(item)}`);
}

function properties(value: object, inner: Place, wanted: (key: string) => boolean = () => true): string[] {
  const shown: string[] = [];
  for (const key of Reflect.ownKeys(value)) {
    const descriptor = Object.getOwnPropertyDescriptor(value, key);
    if (!descriptor?.enumerable || (typeof key === "string" && !wanted(key))) continue;
    const label = typeof key === "symbol" ? `[${String(key)}]` : /^[A-Za-z_$][\w$]*$/.test(key) ? key : quote(key);
    shown.push(`${label}: ${showProperty(descriptor, inner)}`);
  }
  return shown;
}

/** Getters are named, not called: printing must not change anything. */
function showProperty({ value, get, set }: PropertyDescriptor, inner: Place): string {
  if (get !== undefined) return set === undefined ? "[Getter]" : "[Getter/Setter]";
  return set === undefined ? show(value, inner) : "[Setter]";
}

function limited(items: readonly string[]): string[] {
  if (items.length <= MAX_ITEMS) return [...items];
  return [...items.slice(0, MAX_ITEMS), `... ${items.length - MAX_ITEMS} more items`];
}

function braced(prefix: string, [open, close]: string, items: readonly string[]): string {
  if (items.length === 0) return `${prefix}${open}${close}`;
  const line = items.join(", ");
  const oneLine = line.length + prefix.length <= LINE_LENGTH && !line.includes("\n");
  if (oneLine) return `${prefix}${open} ${line} ${close}`;
  return `${prefix}${open}\n  ${items.join(",\n").replaceAll("\n", "\n  ")}\n${close}`;
}

function prefixOf(value: object): string {
  if (Object.getPrototypeOf(value) === null) return "[Object: null prototype] ";
  const name = classOf(value);
  return name === "" || name === "Object" ? "" : `${name} `;
}

function classOf(value: object): string {
  const constructor: unknown = Reflect.get(value, "constructor");
  return typeof constructor === "function" ? constructor.name : "";
}
