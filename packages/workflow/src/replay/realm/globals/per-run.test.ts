import { beforeEach, expect, test } from "vitest";
import { createTestRealm, type TestRun } from "./fixtures/realm.ts";

let a: TestRun;
let b: TestRun;
beforeEach(async () => {
  const realm = await createTestRealm();
  [a, b] = [realm.open(), realm.open()];
});

test("a replaced global is seen by its run, under every spelling, and by no other", () => {
  a.evaluate("globalThis.fetch = () => 'mine'");
  expect(a.evaluate("return [fetch(), globalThis.fetch(), Reflect.get(globalThis, 'fetch')()]")).toEqual([
    "mine",
    "mine",
    "mine",
  ]);
  expect(() => b.evaluate("fetch()")).toThrow(/not available/);
  b.evaluate("URL = 5");
  expect([a.evaluate("return typeof URL"), b.evaluate("return typeof URL")]).toEqual(["function", "number"]);
});

test.each([
  ["assignment", "globalThis.foo = 1"],
  ["symbol", "globalThis[Symbol.for('foo')] = 1; globalThis.foo = 1"],
  ["defineProperty", "Object.defineProperty(globalThis, 'foo', { value: 1 })"],
  ["defineProperties", "Object.defineProperties(globalThis, { foo: { value: 1 } })"],
  ["Reflect.defineProperty", "Reflect.defineProperty(globalThis, 'foo', { get: () => 1 })"],
  ["__defineGetter__", "globalThis.__defineGetter__('foo', () => 1)"],
  ["Object.assign", "Object.assign(globalThis, { foo: 1 })"],
  ["class field", "new (class extends (function () { return globalThis }) { foo = 1 })()"],
  ["sloppy assignment", "new Function('foo = 1')()"],
  ["indirect eval", "(0, eval)('var foo = 1')"],
  ["own name of Object.prototype", "globalThis.toString = () => ''; globalThis.foo = 1"],
])("a new global belongs to its run: %s", (_, body) => {
  a.evaluate(body);
  for (let again = 0; again < 2; again++) {
    expect(
      b.evaluate(
        "return [typeof foo, 'foo' in globalThis, Reflect.ownKeys(globalThis).includes(Symbol.for('foo')), String(globalThis.toString).length > 20]",
      ),
    ).toEqual(["undefined", false, false, true]);
    expect(a.evaluate("return foo")).toBe(1);
  }
});

test("two runs keep different values under one name", () => {
  a.evaluate("globalThis.count = 1; Object.defineProperty(globalThis, 'fixed', { value: 'a' })");
  b.evaluate("globalThis.count = 10; Object.defineProperty(globalThis, 'fixed', { value: 'b' })");
  expect(a.evaluate("return [++count, fixed]")).toEqual([2, "a"]);
  expect(b.evaluate("return [++count, fixed]")).toEqual([11, "b"]);
  expect(a.evaluate("return [count, Object.keys(globalThis)]")).toEqual([2, ["count"]]);
});

test("a deleted global stays deleted", () => {
  a.evaluate("globalThis.foo = 1");
  a.evaluate("delete globalThis.foo");
  expect(a.evaluate("return typeof foo")).toBe("undefined");
});

test("a global of the web can be defined anew, also as a getter", () => {
  a.evaluate(
    "Object.defineProperty(globalThis, 'Headers', { value: 1 }); let n = 0; Object.defineProperty(globalThis, 'crypto', { get: () => ++n, set: (value) => { n = value } })",
  );
  expect(a.evaluate("crypto = 40; return [Headers, crypto, crypto]")).toEqual([1, 41, 42]);
  expect(b.evaluate("return [typeof Headers, typeof crypto]")).toEqual(["function", "object"]);
});

test("the names of the language cannot be replaced", () => {
  for (const name of [
    "Array",
    "Promise",
    "Date",
    "Math",
    "Reflect",
    "JSON",
    "Object",
    "globalThis",
    "undefined",
    "Intl",
  ]) {
    expect(() => a.evaluate(`globalThis.${name} = 1`), name).toThrow(/TypeError/);
    expect(() => a.evaluate(`delete globalThis.${name}`), name).toThrow(/TypeError/);
    expect(() => a.evaluate(`Object.defineProperty(globalThis, "${name}", { value: 1 })`), name).toThrow(/TypeError/);
  }
  expect(a.evaluate("return Object.keys(globalThis)")).toEqual([]);
});

test("the global object stays open to the other runs", () => {
  for (const method of ["freeze", "seal", "preventExtensions"]) {
    expect(() => a.evaluate(`Object.${method}(globalThis)`)).toThrow(/globalThis cannot be frozen/);
  }
  expect(a.evaluate("return Reflect.preventExtensions(globalThis)")).toBe(false);
  expect(b.evaluate("globalThis.foo = 1; return foo")).toBe(1);
});

test("definitions on other objects are the language's", () => {
  expect(
    a.evaluate(`
      const target = Object.defineProperty({}, "x", { value: 1 });
      const errors = [() => Object.defineProperty(1, "x", {}), () => Object.defineProperty(target, "x", { value: 2 }), () => Object.defineProperty(globalThis, "x", { get() {}, value: 1 })];
      return [
        Object.getOwnPropertyDescriptor(target, "x"), Object.isFrozen(Object.freeze({ a: 1 })), Reflect.preventExtensions({}), Reflect.defineProperty(target, "x", { value: 2 }),
        errors.map((task) => { try { task() } catch (error) { return error instanceof TypeError } }), Object.defineProperty.name, Object.defineProperties({}, { y: { value: 3 } }).y,
      ];
    `),
  ).toEqual([
    { value: 1, writable: false, enumerable: false, configurable: false },
    ...[true, true, false, [true, true, true], "defineProperty", 3],
  ]);
});
