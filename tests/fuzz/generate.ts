// Values of every type that can be stored, with shared parts and cycles.
import * as fc from "fast-check";
import { FatalError, RetryableError } from "workflow";
import { HookConflictError, StreamError } from "workflow/errors";
import { BOUND, CLOSURE_VARS } from "../../packages/workflow/src/serialization/serialize.ts";
import { Box, Declined, reference } from "./sides.ts";

const key = fc.string().filter((text) => text !== "__proto__" && text !== "then");
const message = fc.string({ maxLength: 20 });

const bytes = fc.uint8Array({ maxLength: 24 });
const VIEWS = [Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array] as const;
const LARGE_VIEWS = [Float32Array, Float64Array, BigInt64Array, BigUint64Array] as const;

const view = fc
  .tuple(bytes, fc.constantFrom<new (buffer: ArrayBuffer) => object>(...VIEWS, ...LARGE_VIEWS, DataView))
  .map(
    ([content, View]) =>
      new View(Uint8Array.from({ length: content.length & ~7 }, (_, index) => content[index] ?? 0).buffer),
  );

const leaf: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(undefined, null, true, false, NaN, Infinity, -Infinity, -0),
  fc.double(),
  fc.string({ unit: "binary" }),
  fc.bigInt({ min: -(2n ** 200n), max: 2n ** 200n }),
  fc.date({ noInvalidDate: false }),
  fc.constantFrom(/a+/gi, /[/\]]/u, new RegExp("")),
  fc.webUrl().map((text) => new URL(text)),
  fc.dictionary(key, fc.string({ unit: "grapheme" }), { maxKeys: 3 }).map((pairs) => new URLSearchParams(pairs)),
  fc.constantFrom("a=1", "a=1&b=2").map((text) => new Headers([...new URLSearchParams(text)])),
  bytes.map((content) => content.slice().buffer),
  view,
  fc.constantFrom<unknown>(1, "s", false, 3n).map((primitive) => new Object(primitive)),
  fc.constantFrom<object>(Box, Declined),
  message.map((text) => reference({ stepId: `step//./fuzz//${text}` })),
  message.map((text) => reference({ workflowId: `workflow//./fuzz//${text}` })),
);

const { value } = fc.letrec<{ value: unknown; inner: unknown }>((tie) => ({
  inner: fc.oneof({ maxDepth: 4, depthSize: "small" }, leaf, tie("value")),
  value: fc.oneof(
    fc.array(tie("inner"), { maxLength: 5 }),
    fc.sparseArray(tie("inner"), { maxNumElements: 3, maxLength: 40 }),
    fc.dictionary(key, tie("inner"), { maxKeys: 5, noNullPrototype: false }),
    fc.array(fc.tuple(tie("inner"), tie("inner")), { maxLength: 3 }).map((entries) => new Map(entries)),
    fc.array(tie("inner"), { maxLength: 3 }).map((items) => new Set(items)),
    fc.tuple(message, tie("inner")).map(([text, cause]) => new TypeError(text, { cause })),
    fc
      .tuple(message, tie("inner"))
      .map(([text, cause]) => Object.assign(new Declined(text, { cause }), { extra: cause })),
    fc
      .tuple(fc.array(tie("inner"), { maxLength: 2 }), message)
      .map(([errors, text]) => new AggregateError(errors, text)),
    message.map((text) => new FatalError(text)),
    message.map((text) => new RetryableError(text, { retryAfter: new Date(7) })),
    message.map((text) => new HookConflictError(text, "wrun_1")),
    message.map((text) => new StreamError(text)),
    message.map((text) => new DOMException(text, "AbortError")),
    tie("inner").map((inside) => new Box(inside)),
    fc
      .dictionary(key, tie("inner"), { maxKeys: 2 })
      .map((vars) => reference({ stepId: "s", [CLOSURE_VARS]: () => vars })),
    fc
      .array(tie("inner"), { maxLength: 2 })
      .map((args) => reference({ stepId: "s", [BOUND]: { this: args[0], args } })),
  ),
}));

/** Links between parts: the target comes to stand in the holder as well. An instance of a class cannot be in a cycle. */
const links = fc.array(fc.tuple(fc.nat(6), fc.nat(6)), { maxLength: 6 });

export const anything: fc.Arbitrary<unknown> = fc
  .tuple(fc.array(value, { minLength: 1, maxLength: 6 }), links)
  .map(([parts, pairs]) => {
    const root = { parts, more: [] as unknown[] };
    for (const [from, to] of pairs) link(parts[from], parts[to] ?? root, root);
    return root;
  });

function link(holder: unknown, target: unknown, root: { readonly more: unknown[] }): void {
  if (hasBox(target, new Set()) || hasBox(holder, new Set())) root.more.push(target);
  else if (holder instanceof Map) holder.set(target, target);
  else if (holder instanceof Set) holder.add(target);
  else if (Array.isArray(holder)) holder.push(target, target);
  else if (holder instanceof Declined) Object.assign(holder, { linked: target });
  else root.more.push(holder, target);
}

function hasBox(at: unknown, seen: Set<unknown>): boolean {
  if (typeof at === "function") return CLOSURE_VARS in at || BOUND in at;
  if (typeof at !== "object" || at === null || seen.has(at)) return false;
  seen.add(at);
  if (at instanceof Box) return true;
  const parts =
    at instanceof Map
      ? [...at].flat()
      : at instanceof Set
        ? [...at]
        : Reflect.ownKeys(at).map((name) => Reflect.get(at, name) as unknown);
  return parts.some((part) => hasBox(part, seen));
}
