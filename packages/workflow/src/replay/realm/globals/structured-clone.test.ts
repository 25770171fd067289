import * as fc from "fast-check";
import { inspect } from "node:util";
import { beforeAll, expect, test } from "vitest";
import { createTestRealm, inNode, type TestRealm } from "./fixtures/realm.ts";

let realm: TestRealm;
beforeAll(async () => {
  realm = await createTestRealm();
});

/** Text that tells everything that a clone keeps, made the same way on both sides. */
const SHOW = `
  const show = (value, seen = new Map()) => {
    if (typeof value === "bigint") return value + "n";
    if (Object.is(value, -0)) return "-0";
    if (typeof value !== "object" || value === null) return String(value) + ":" + typeof value;
    if (seen.has(value)) return "#" + seen.get(value);
    seen.set(value, seen.size);
    const type = Object.prototype.toString.call(value) + (value.constructor ? value.constructor.name : "");
    const parts = [];
    if (value instanceof Map) for (const [key, item] of value) parts.push(show(key, seen) + "=>" + show(item, seen));
    if (value instanceof Set) for (const item of value) parts.push(show(item, seen));
    if (ArrayBuffer.isView(value)) parts.push(value.byteOffset, value.byteLength, show(value.buffer, seen));
    else if (value instanceof ArrayBuffer) parts.push(value.resizable, value.maxByteLength, [...new Uint8Array(value)]);
    if (/ (Date|RegExp|Boolean|Number|String|BigInt)\\]/.test(type) && !(Symbol.toStringTag in value && Object.hasOwn(value, Symbol.toStringTag))) parts.push(String(value), value.lastIndex);
    if (value instanceof Error) parts.push(value.name, value.message, Object.hasOwn(value, "message"), value.stack.split("\\n")[0], show(value.cause, seen));
    for (const key of Reflect.ownKeys(value)) {
      if (key === "stack" || key === "message" || key === "cause" || ArrayBuffer.isView(value)) continue;
      const { enumerable, writable, configurable, value: item } = Object.getOwnPropertyDescriptor(value, key);
      parts.push(String(key) + [enumerable, writable, configurable] + show(item, seen));
    }
    return type + "{" + parts.join() + "}";
  };
  const attempt = (task) => { try { return show(structuredClone(task())) } catch (error) { return error instanceof DOMException ? ["DOMException", error.name, error.code] : error.name } };
`;

test("every type of the language [01-1.14.platform]", async () => {
  const body = `${SHOW}
    class Point { x = 1; #hidden = 2; get sum() { return this.x + this.#hidden } }
    class MyMap extends Map { get [Symbol.toStringTag]() { return "Mine" } }
    class MyError extends RangeError { code = "X" }
    const cycle = { list: [] }; cycle.self = cycle; cycle.list.push(cycle); cycle.map = new Map([[cycle, cycle]]);
    const buffer = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]).buffer;
    const sparse = [1, , 3]; sparse.extra = "e"; sparse.length = 5;
    const regexp = /a(b)/giu; regexp.lastIndex = 3;
    const shared = { n: 1 };
    return [
      () => [undefined, null, true, 1, -0, NaN, 10n, "text", "\\ud800"], () => [Object(true), Object(1), Object("s"), Object(5n)], () => new Date(5), () => new Date(NaN),
      () => regexp, () => new Map([[{ a: 1 }, new Set([1, { b: 2 }])]]), () => buffer, () => [new Uint8Array(buffer, 2, 3), new Float64Array(buffer), new DataView(buffer, 1)],
      () => new ArrayBuffer(2, { maxByteLength: 4 }), () => new BigInt64Array(2), () => new Uint8ClampedArray([300]), () => sparse, () => cycle, () => [shared, shared],
      () => new Point(), () => new MyMap([[1, 2]]), () => new MyError("m"), () => new TypeError("t", { cause: { deep: new Error("c") } }), () => new AggregateError([1], "a"),
      () => Object.assign(new Error("named"), { name: "URIError" }), () => Object.assign(new Error("odd"), { name: "Odd" }), () => new Error(), () => new DOMException("d", "AbortError"),
      () => Object.create({ inherited: 1 }, { hidden: { value: 1 }, shown: { value: 2, enumerable: true }, got: { get: () => 3, enumerable: true } }), () => Object.create(null),
      () => ({ [Symbol("s")]: 1, ["__proto__"]: 2 }), () => Object.freeze({ a: 1 }), () => ({ [Symbol.toStringTag]: "Date", a: 1 }), () => ({ [Symbol.toStringTag]: "Error" }), () => (function () { return arguments })(1, 2),
      () => () => 1, () => Symbol("x"), () => Object(Symbol("x")), () => ({ deep: [() => 1] }), () => new WeakMap(), () => new WeakSet(), () => Promise.resolve(),
      () => new URL("http://x"), () => new URLSearchParams(), () => new Headers(), () => ({ get x() { throw new SyntaxError("getter") } }), () => class {},
    ].map(attempt);
  `;
  expect(realm.open().evaluate(body)).toEqual(await inNode(body));
});

test("transferring detaches the original, and only when everything could be cloned", async () => {
  const body = `
    const attempt = (task) => { try { return task() } catch (error) { return error.name } };
    const buffer = () => new Uint8Array([1, 2, 3]).buffer;
    const [a, b, c, d] = [buffer(), buffer(), buffer(), buffer()];
    const view = new Uint8Array(a, 1);
    const copy = structuredClone({ view, a }, { transfer: [a] });
    return [
      [...copy.view], copy.view.buffer === copy.a, a.byteLength, view.length,
      attempt(() => structuredClone({ b, f() {} }, { transfer: [b] })), b.byteLength,
      attempt(() => structuredClone(1, { transfer: [c, c] })), attempt(() => structuredClone(1, { transfer: [{}] })), attempt(() => structuredClone(a)),
      structuredClone(1, { transfer: [d] }), d.byteLength, structuredClone(2, undefined), structuredClone(3, {}), attempt(() => structuredClone()),
    ];
  `;
  expect(realm.open().evaluate(body)).toEqual(await inNode(body));
});

test("generated values", () => {
  const values = fc.sample(
    fc.anything({
      withDate: true,
      withMap: true,
      withSet: true,
      withBigInt: true,
      withSparseArray: true,
      withTypedArray: true,
      withNullPrototype: true,
      withBoxedValues: true,
    }),
    { numRuns: 300, seed: 9 },
  );
  for (const value of values) {
    const source = toSource(value);
    if (source === undefined) continue;
    const clone = realm
      .open()
      .evaluate(
        `${SHOW} const value = ${source}; return [show(structuredClone(value)), show(value).replaceAll("[Object: null prototype]", "")]`,
      ) as [string, string];
    expect(clone[0], inspect(value)).toBe(clone[1].replaceAll("[object Object]{", "[object Object]Object{"));
  }
});

/** JavaScript that makes `value`; undefined for what is too odd to write down. */
function toSource(value: unknown): string | undefined {
  if (value === null || typeof value === "string" || typeof value === "boolean") return JSON.stringify(value);
  if (value === undefined) return "undefined";
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  if (typeof value === "bigint") return `${value}n`;
  if (value instanceof Date) return `new Date(${value.getTime()})`;
  if (value instanceof Map)
    return listSource(
      [...value].flat(),
      (items) =>
        `new Map(Object.values(Object.groupBy([${items}].map((x, i) => [x, i]), ([, i]) => i >> 1)).map((pair) => pair.map(([x]) => x)))`,
    );
  if (value instanceof Set) return listSource([...value], (items) => `new Set([${items}])`);
  if (ArrayBuffer.isView(value))
    return listSource([...(value as Uint8Array)], (items) => `new ${value.constructor.name}([${items}])`);
  if (Array.isArray(value)) {
    const items = Array.from({ length: value.length }, (_, index) => (index in value ? toSource(value[index]) : ""));
    return items.includes(undefined) ? undefined : `[${items.map((item) => `${item},`).join("")}]`;
  }
  if (Object.prototype.toString.call(value) !== "[object Object]")
    return `Object(${toSource((value as object).valueOf())})`;
  const entries = Object.entries(value).map(([key, item]) => [JSON.stringify(key), toSource(item)]);
  if (entries.some(([, item]) => item === undefined)) return undefined;
  return `({${entries.map(([key, item]) => `[${key}]: ${item}`).join()}})`;
}

function listSource(items: readonly unknown[], wrap: (items: string) => string): string | undefined {
  const sources = items.map(toSource);
  return sources.includes(undefined) ? undefined : wrap(sources.join());
}
