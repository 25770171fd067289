/** What attributes may be (contract 01 section 1.13), and those that the engine writes itself. */
import { WorkflowWorldError } from "./errors.ts";
import type { AttributeChange, EventData } from "./events.ts";

/** How many attributes a run may have, beside the engine's own. */
const MOST_ATTRIBUTES = 64;
/** In characters. */
const LONGEST_KEY = 256;
/** In bytes of UTF-8. */
const LARGEST_VALUE = 256;
/** Of one write as UTF-8 JSON: keys, values and who wrote them; in bytes. */
const LARGEST_WRITE = 8_192;
/** How many attributes a list can be filtered by. */
export const MOST_FILTERS = 8;

/** Attributes that the engine writes. They do not count towards {@link MOST_ATTRIBUTES}. */
export const OWN = {
  /** The run whose step or workflow code started this one. */
  parent: "$parentRunId",
  /** Where the chain of parents begins. */
  root: "$rootRunId",
  /** The run that this one repeats. */
  replayedFrom: "$replayedFromRunId",
  /** {@link NO_RETENTION}: the run's data goes with its end. Any other value keeps it. */
  retention: "$retention",
} as const;

export const NO_RETENTION = "0";

const OWN_KEYS: ReadonlySet<string> = new Set(Object.values(OWN));

export interface SetAttributesOptions {
  /** Whether keys may begin with `$`, which the engine uses for its own. Default false. */
  readonly allowReservedAttributes?: boolean | undefined;
}

export type Changes =
  | { readonly kind: "changes"; readonly changes: readonly AttributeChange[] }
  | { readonly kind: "refused"; readonly why: string };

/** What a record of attributes asks for, `undefined` to remove; or why it cannot be. */
export function changesIn(attributes: unknown, options: SetAttributesOptions = {}): Changes {
  if (!isRecord(attributes)) return refuse("attributes are an object with a text for each key");
  const changes: AttributeChange[] = [];
  for (const [key, value] of Object.entries(attributes)) {
    const why = keyFault(key, options) ?? valueFault(value);
    if (why !== undefined) return refuse(`the attribute ${shown(key)}: ${why}`);
    changes.push({ key, value: (value as string | undefined) ?? null });
  }
  return { kind: "changes", changes };
}

/** Attributes after changes, in their order. */
export function changed(
  attributes: Readonly<Record<string, string>>,
  changes: readonly AttributeChange[],
): Readonly<Record<string, string>> {
  const entries = new Map(Object.entries(attributes));
  for (const { key, value } of changes) {
    if (value === null) entries.delete(key);
    else entries.set(key, value);
  }
  return Object.fromEntries(entries);
}

/** Why one write is too large, if it is. */
export function sizeFault(data: EventData["attr_set"]): string | undefined {
  const size = utf8Length(JSON.stringify(data));
  if (size <= LARGEST_WRITE) return undefined;
  return `one write of attributes takes at most ${LARGEST_WRITE} bytes as JSON, this one is ${size}. Write fewer at once`;
}

/** Why a run may not have these attributes together, if so. */
export function countFault(attributes: Readonly<Record<string, string>>): string | undefined {
  const count = Object.keys(attributes).filter((key) => !OWN_KEYS.has(key)).length;
  if (count <= MOST_ATTRIBUTES) return undefined;
  return `a run has at most ${MOST_ATTRIBUTES} attributes, and this would make ${count}. Remove some: set them to undefined`;
}

/** As {@link countFault}, after changes. Removing is always possible. */
export function countFaultAfter(
  attributes: Readonly<Record<string, string>>,
  changes: readonly AttributeChange[],
): string | undefined {
  return changes.some(({ value }) => value !== null) ? countFault(changed(attributes, changes)) : undefined;
}

/**
 * How a World refuses changes that would give a run too many attributes.
 * @throws `WorkflowWorldError` `INVALID_ARGUMENT`
 */
export function requireRoom(attributes: Readonly<Record<string, string>>, changes: readonly AttributeChange[]): void {
  const why = countFaultAfter(attributes, changes);
  if (why !== undefined) throw new WorkflowWorldError("INVALID_ARGUMENT", sentence(why), { field: "attributes" });
}

/** @throws `WorkflowWorldError` `INVALID_ARGUMENT` for a filter of a list with none or too many attributes. */
export function requireFilter(attributes: Readonly<Record<string, string>>): void {
  const count = Object.keys(attributes).length;
  if (count >= 1 && count <= MOST_FILTERS) return;
  const message = `A list is filtered by 1 to ${MOST_FILTERS} attributes, not by ${count}`;
  throw new WorkflowWorldError("INVALID_ARGUMENT", message, { field: "attributes" });
}

export function sentence(why: string): string {
  return why.charAt(0).toUpperCase() + why.slice(1);
}

function refuse(why: string): Changes {
  return { kind: "refused", why };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  // A Map, say, has its entries elsewhere.
  return Object.prototype.toString.call(value) === "[object Object]";
}

function keyFault(key: string, { allowReservedAttributes }: SetAttributesOptions): string | undefined {
  if (key === "" || key.length > LONGEST_KEY) return `a key has 1 to ${LONGEST_KEY} characters`;
  if (!key.isWellFormed()) return "a key cannot have half a surrogate pair";
  if (key.startsWith("$") && allowReservedAttributes !== true)
    return "keys that begin with $ are reserved. Choose another key, or pass allowReservedAttributes: true";
  return undefined;
}

function valueFault(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== "string") return "a value is a text, or undefined to remove the attribute";
  if (!value.isWellFormed()) return "a value cannot have half a surrogate pair";
  const size = utf8Length(value);
  return size <= LARGEST_VALUE ? undefined : `a value has at most ${LARGEST_VALUE} bytes as UTF-8, this one ${size}`;
}

function shown(key: string): string {
  return JSON.stringify(key.length > 64 ? `${key.slice(0, 64)}...` : key);
}

/** Of a well-formed text, in bytes. The realm has no encoder of the host. */
function utf8Length(text: string): number {
  let length = 0;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    // Each half of a surrogate pair stands for two of the four bytes.
    length += unit < 0x80 ? 1 : unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 2 : 3;
  }
  return length;
}
