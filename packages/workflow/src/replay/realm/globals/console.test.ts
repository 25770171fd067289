import { expect, test } from "vitest";
import { createTestRealm } from "./fixtures/realm.ts";

async function printed(body: string): Promise<string[]> {
  const realm = await createTestRealm();
  realm.open().evaluate(body);
  return realm.lines.map(({ level, text }) => `${level}: ${text}`);
}

test.each([
  [`console.log("a", 1, null, undefined, true, 5n, -0, Symbol("s"))`, "log: a 1 null undefined true 5n -0 Symbol(s)"],
  [
    `console.info("%s is %d years, %i, %f, %j, %o, %O, %c%%", "Bo", "42", 1.9, "1.5x", { a: 1 }, [1], {}, "css", "more", 7)`,
    'info: Bo is 42 years, 1, 1.5, {"a":1}, [ 1 ], {}, % more 7',
  ],
  [`console.warn("%s %s", "only one")`, "warn: only one %s"],
  [
    `console.error({ a: [1, , "x"], b: { c: new Map([[1, new Set(["y"])]]) } })`,
    "error: { a: [ 1, <1 empty item>, 'x' ], b: { c: Map(1) { 1 => Set(1) { 'y' } } } }",
  ],
  [
    `console.debug(new Date(0), /x/g, () => 1, function named() {}, class K {}, new (class P { x = 1 })())`,
    "debug: 1970-01-01T00:00:00.000Z /x/g [Function (anonymous)] [Function: named] [class K] P { x: 1 }",
  ],
  [`const c = { n: 1 }; c.c = c; console.log(c)`, "log: { n: 1, c: [Circular] }"],
  [`console.log({ a: { b: { c: { d: { e: { f: 1 } } } } } })`, "log: { a: { b: { c: { d: { e: [Object] } } } } }"],
  [
    `console.log({ get x() { throw 1 }, set y(v) {}, [Symbol("k")]: 1, "a-b": 2 }, Object.create(null))`,
    "log: { x: [Getter], y: [Setter], 'a-b': 2, [Symbol(k)]: 1 } [Object: null prototype] {}",
  ],
  [
    `console.log(new URL("http://x/"), new URLSearchParams("a=b"), new Headers({ q: "r" }), new Uint8Array(2), new ArrayBuffer(1))`,
    "log: URL { href: 'http://x/' } URLSearchParams { 'a' => 'b' } Headers { 'q': 'r' } Uint8Array(2) [ 0, 0 ] ArrayBuffer { 00, byteLength: 1 }",
  ],
  [
    "console.log(AbortSignal.abort(), new AbortController().signal)",
    "log: AbortSignal { aborted: true } AbortSignal { aborted: false }",
  ],
  [`console.log(["it's", 'say "hi"', "new\\nline"])`, `log: [ "it's", 'say "hi"', 'new\\nline' ]`],
  [
    `console.log(Array(102).fill(0).length, Array.from({ length: 102 }, () => 0))`,
    `log: 102 [\n${"  0,\n".repeat(100)}  ... 2 more items\n]`,
  ],
  [
    `console.log(Object("s"), Object(1), Promise.resolve(), new WeakMap(), new Proxy({}, { ownKeys() { throw 1 } }))`,
    "log: [String: 's'] [Number: 1] Promise {} WeakMap { <items unknown> } [Uninspectable]",
  ],
  [`console.assert(true, "no"); console.assert(false, "yes %d", 1)`, "warn: Assertion failed: yes 1"],
  [`console.table([1]); `, "log: [ 1 ]"],
  [`console.time("t"); console.timeEnd("t"); console.clear(); console.dir({ a: 1 }, { depth: 0 })`, "log: { a: 1 }"],
])("%s", async (body, expected) => {
  expect(await printed(body)).toEqual([expected]);
});

test("what is too long for a line gets lines", async () => {
  const [text] = await printed(`console.log({ name: "x".repeat(40), list: [{ inner: "y".repeat(40) }], n: 1 })`);
  expect(text).toBe(`log: {\n  name: '${"x".repeat(40)}',\n  list: [ { inner: '${"y".repeat(40)}' } ],\n  n: 1\n}`);
});

test("an error is shown with its stack, cause and own properties", async () => {
  const [text] = await printed(
    `console.error(Object.assign(new TypeError("outer", { cause: new Error("inner") }), { code: "E1" }))`,
  );
  expect(text).toMatch(/^error: TypeError: outer\n    at [^]*\{\n  code: 'E1',\n  \[cause\]: Error: inner\n {6}at /);
});

test("groups indent and counts count, per run", async () => {
  const realm = await createTestRealm();
  const [a, b] = [realm.open(), realm.open()];
  a.evaluate(`console.group("head"); console.log("one\\ntwo"); console.count(); console.count("x")`);
  b.evaluate(`console.log("other"); console.count()`);
  a.evaluate(`console.count(); console.groupEnd(); console.countReset(); console.count()`);
  expect(realm.lines.map(({ text }) => text)).toEqual([
    "head",
    "  one\n  two",
    "  default: 1",
    "  x: 1",
    "other",
    "default: 1",
    "  default: 2",
    "default: 1",
  ]);
});

test("trace says where", async () => {
  expect((await printed(`console.trace("here %d", 1)`))[0]).toMatch(/^error: Trace: here 1\n    at evalmachine/);
});

test("a run may replace methods of its own console only", async () => {
  const realm = await createTestRealm();
  const [a, b] = [realm.open(), realm.open()];
  a.evaluate(`globalThis.kept = []; console.log = (text) => kept.push(text); console.log("a")`);
  b.evaluate(`console.log("b")`);
  expect(a.evaluate(`console.log("again"); return kept`)).toEqual(["a", "again"]);
  expect(realm.lines).toEqual([{ level: "log", text: "b" }]);
});

test("a log that fails does not reach the workflow", async () => {
  const realm = await createTestRealm((bridge) => ({
    ...bridge,
    log: (level, text) => {
      bridge.log(level, text);
      throw new Error("host");
    },
  }));
  const body = `try { console.log("x"); return "fine" } catch (error) { return [error instanceof Error, error instanceof RangeError, error.message] }`;
  expect(realm.open().evaluate(body)).toEqual([true, true, expect.stringMatching("call stack")]);
});
