import { inspect } from "node:util";
import { hostHandles } from "../api/run.ts";
import { decodeChunk } from "../serialization/chunks.ts";
import { deserialize } from "../serialization/deserialize.ts";
import type { Handles } from "../serialization/references.ts";
import { isSealed } from "../world/decryption.ts";
import { PAYLOAD_FIELD, type Payload } from "../world/events.ts";
import { EXPIRED } from "./expired.ts";
import type { Field } from "./fields.ts";

const NAMES: ReadonlySet<unknown> = new Set(Object.values(PAYLOAD_FIELD));

export function isPayload(property: string): boolean {
  return NAMES.has(property);
}

/** The payloads among the properties of a run, a step, a hook or an event's data, as Node prints values: whole. */
export function payloadFields(of: object): Field[] {
  return payloadsOf(of).map(([name, payload]) => {
    const read = revive(payload);
    return [name, "unreadable" in read ? read.unreadable : show(read.value)];
  });
}

/** The same object with values in the place of payloads. What JSON has no form for is text. */
export function payloadsAsJson(of: object): object {
  const values = payloadsOf(of).map(([name, payload]) => {
    const read = revive(payload);
    return [name, "unreadable" in read ? read.unreadable : jsonOf(read.value)];
  });
  return { ...of, ...Object.fromEntries(values) };
}

function payloadsOf(of: object): [string, Payload][] {
  return Object.entries(of).filter(([name]) => isPayload(name));
}

/** The app's classes are not here. An instance is shown under the name of its class, with what was stored of it. */
const HANDLES: Handles = { ...hostHandles, class: standIn };

function standIn(classId: string): object {
  const name = classId.slice(classId.lastIndexOf("/") + 1);
  const type = Object.defineProperty(function () {}, "name", { value: name });
  const make = (data: unknown): object =>
    Object.assign(Object.create(type.prototype as object) as object, typeof data === "object" ? data : { data });
  return Object.assign(type, { [Symbol.for("workflow-deserialize")]: make });
}

/** A value that cannot be read must not hide the others. */
function revive(payload: Payload): { readonly value: unknown } | { readonly unreadable: string } {
  if (payload === EXPIRED) return { unreadable: EXPIRED };
  if (isSealed(payload)) return { unreadable: "(encrypted)" };
  try {
    return { value: deserialize(payload, HANDLES) };
  } catch (error) {
    return { unreadable: cannotBeRead(error) };
  }
}

/** The value of a stream's chunk, or why it cannot be read, which must not hide the others. */
export function chunkValue(chunk: Uint8Array): unknown {
  try {
    return decodeChunk(chunk, HANDLES);
  } catch (error) {
    return cannotBeRead(error);
  }
}

function cannotBeRead(error: unknown): string {
  return `(cannot be read: ${error instanceof Error ? error.message : String(error)})`;
}

/** As Node prints values: whole. */
export function show(value: unknown): string {
  return inspect(value, { depth: Infinity, maxArrayLength: Infinity, maxStringLength: Infinity, breakLength: 100 });
}

/** The value as JSON has it; what JSON has no form for is text. */
export function jsonOf(value: unknown, above: readonly object[] = []): unknown {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (value === undefined || (typeof value === "number" && Number.isFinite(value))) return value;
  if (typeof value !== "object") return show(value);
  if (above.includes(value)) return "[Circular]";
  const inside = [...above, value];
  if (Array.isArray(value)) return value.map((item) => jsonOf(item, inside));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, jsonOf(item, inside)]));
  }
  return value instanceof URL ? value.href : show(value);
}
