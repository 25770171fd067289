import { unflatten } from "devalue";
import { isSealed, whySealed } from "../world/decryption.ts";
import { WorkflowError, WorkflowRuntimeError } from "../world/errors.ts";
import type { Payload } from "../world/events.ts";
import { MAX_ARRAY_LENGTH, MAX_BIGINT_DIGITS, SPARSE } from "./limits.ts";
import type { Handles } from "./references.ts";
import { textOf } from "./refusal.ts";
import { revive, TAG } from "./special.ts";

/** The prefix of payloads whose text is devalue's. */
export const FORMAT = "devl";

/** Everything that `serialize` writes; devalue would read more. */
const TAGS: ReadonlySet<unknown> = new Set([
  "BigInt",
  "Date",
  "Map",
  "null",
  "Object",
  "RegExp",
  "Set",
  "URL",
  "URLSearchParams",
  TAG,
]);

/** Of those, what is written as text. */
const TEXTS: ReadonlySet<unknown> = new Set(["BigInt", "Date", "RegExp", "URL", "URLSearchParams"]);

/** Special values that are functions. */
const FUNCTIONS: ReadonlySet<unknown> = new Set(["bound", "class", "closure", "step", "workflow"]);

/**
 * Revives a value with the classes of the realm that this runs in. Each call makes a new object graph.
 * @throws `WorkflowRuntimeError` when the payload is of another format or damaged, `RuntimeDecryptionError` when the
 *   World could not decrypt it; errors of `handles` pass
 *   through when they are this project's.
 */
export function deserialize(payload: Payload, handles: Handles): unknown {
  if (!payload.startsWith(FORMAT)) {
    if (isSealed(payload)) throw whySealed(payload);
    throw new WorkflowRuntimeError(
      `A stored value has the format ${JSON.stringify(payload.slice(0, 4))}, which this version of workflow does not know. ` +
        "Was it written by a newer version, or by something else?",
    );
  }
  try {
    const values: unknown = JSON.parse(payload.slice(FORMAT.length));
    inspect(values);
    return unflatten(values as number | unknown[], { [TAG]: (data: unknown) => revive(data, handles) });
  } catch (error) {
    if (error instanceof WorkflowError) throw error;
    throw new WorkflowRuntimeError(`A stored value cannot be revived: ${textOf(error)}`, { cause: error });
  }
}

/** Refuses small texts that would become huge values, and tags that are devalue's but not ours. */
function inspect(values: unknown): void {
  if (!Array.isArray(values)) return;
  for (const value of values as unknown[]) {
    if (!Array.isArray(value)) {
      if (typeof value === "object" && value !== null && Object.hasOwn(value, "then")) {
        refuseThenable((value as { readonly then: unknown }).then, values);
      }
      continue;
    }
    const head: unknown = value[0];
    if (typeof head === "string") inspectTagged(value, head, values);
    else if (head === SPARSE && !(value[1] <= MAX_ARRAY_LENGTH)) throw new Error("an array is too long");
  }
}

/** Nothing writes an object whose method `then` is a function. Awaiting it would call that. */
function refuseThenable(reference: unknown, values: readonly unknown[]): void {
  const then = typeof reference === "number" ? values[reference] : undefined;
  if (Array.isArray(then) && then[0] === TAG && FUNCTIONS.has(kindOf(then[1], values))) {
    throw new Error("an object is a promise of its own");
  }
}

function kindOf(reference: unknown, values: readonly unknown[]): unknown {
  const data = typeof reference === "number" ? values[reference] : undefined;
  const { is } = (data ?? {}) as { readonly is?: unknown };
  return typeof is === "number" ? values[is] : undefined;
}

function inspectTagged(value: readonly unknown[], tag: string, values: readonly unknown[]): void {
  if (!TAGS.has(tag)) throw new Error(`there is no type ${tag}`);
  if (TEXTS.has(tag) && typeof value[1] !== "string") throw new Error(`a ${tag} is no text`);
  if (tag === "BigInt" && String(value[1]).length > MAX_BIGINT_DIGITS) throw new Error("a bigint is too long");
  if (tag === "null") value.forEach((key, at) => key === "then" && refuseThenable(value[at + 1], values));
  // devalue would take a value that stands here itself, instead of a reference to one, unchecked.
  if (tag === TAG && typeof value[1] !== "number") throw new Error("a special value is not a reference");
}
