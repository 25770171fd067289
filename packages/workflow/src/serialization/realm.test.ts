import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import { constants, createContext, runInContext, Script } from "node:vm";
import * as fc from "fast-check";
import { rolldown } from "rolldown";
import { beforeAll, expect, test } from "vitest";
import { FatalError, SerializationError } from "../world/errors.ts";
import { HookConflictError } from "../world/hook-errors.ts";
import { RetryableError } from "../world/retryable-error.ts";
import { deserialize, serialize, type Boundary, type Handles } from "./serialize.ts";

// The same source on both sides of a real wall: here, and bundled into a bare context with its own intrinsics.

const at: Boundary = { what: "hook payload", of: "t" };
const handles: Handles = {
  step: (stepId, closureVars) => Object.assign(() => {}, { stepId, closureVars }),
  workflow: (workflowId) => Object.assign(() => {}, { workflowId }),
  run: (runId) => ({ runId }),
  class: () => undefined,
  respond: () => Promise.resolve(),
  stream: (data) => data,
  signal: (data: object) => data,
  controller: (signal: object) => ({ signal }),
};

const ENTRY = `
  export { deserialize, serialize, serializeThrown } from "./serialize.ts";
  export { FatalError } from "../world/errors.ts";
export { HookConflictError } from "../world/hook-errors.ts";
  export { RetryableError } from "../world/retryable-error.ts";
`;
const HELPERS = `
  const at = { what: "step arguments", of: "inside" };
  const handles = {
    step: (stepId, closureVars) => Object.assign(() => {}, {
      stepId, ...(closureVars && { [Symbol.for("workflow.closureVars")]: () => closureVars }),
    }),
    workflow: (workflowId) => Object.assign(() => {}, { workflowId }),
    run: (runId) => Object.defineProperty({ runId }, Symbol.for("workflow.run"), { value: true }),
  };
  const { serialize, serializeThrown, deserialize } = wall;
  const { FatalError, HookConflictError, RetryableError } = wall;
`;

let realm: object;

beforeAll(async () => {
  const directory = fileURLToPath(new URL(".", import.meta.url));
  const bundle = await rolldown({
    input: "entry",
    cwd: directory,
    plugins: [
      {
        name: "entry",
        resolveId: (id) => (id === "entry" ? `${directory}entry.ts` : null),
        load: (id) => (id === `${directory}entry.ts` ? ENTRY : null),
      },
    ],
  });
  const { output } = await bundle.generate({ format: "iife", name: "wall", exports: "named" });
  await bundle.close();
  realm = createContext(constants.DONT_CONTEXTIFY as unknown as object, { microtaskMode: "afterEvaluate" });
  runInContext(output[0].code, realm);
  runInContext(HELPERS, realm);
});

/** Only text comes out. */
function inside(expression: string): string {
  return new Script(expression).runInContext(realm) as string;
}

/** Written inside, revived here. */
function out(expression: string): unknown {
  return deserialize(inside(`serialize(${expression}, at)`), handles);
}

const here = (expression: string): unknown => new Function(`return ${expression}`)();

test("the bundle needs nothing of its surroundings", () => {
  expect(inside("[typeof process, typeof Buffer, typeof URL, typeof btoa, typeof require].join()")).toBe(
    "undefined,undefined,undefined,undefined,undefined",
  );
});

const EXPRESSIONS: readonly string[] = [
  "undefined",
  "null",
  "-0",
  "NaN",
  "-Infinity",
  "2n ** 100n",
  "'\\u2028 </script> \\ud800 €'",
  "[undefined, , 3, , ]",
  "Object.assign([], { 1000: 'far' })",
  "({ a: { b: [true, null], 'c d': '' } })",
  "Object.assign(Object.create(null), { a: 1 })",
  "new Date(1.7e12)",
  "new Date(NaN)",
  "/a\\/b[c]/giu",
  "new Map([[{ k: 1 }, new Set([1, 'x'])], ['m', new Map()]])",
  "new Set([[1], undefined])",
  "[Object(1), Object('s'), Object(false), Object(3n)]",
  "Uint8Array.from([1, 2, 255]).buffer",
  "new DataView(Uint8Array.from([1, 2, 3]).buffer, 1, 1)",
  ...["Int8", "Uint8", "Uint8Clamped", "Int16", "Uint16", "Int32", "Uint32"].map((t) => `${t}Array.from([1, 200, 3])`),
  "Float32Array.from([1.5, NaN, -0])",
  "Float64Array.from([Math.PI, Infinity])",
  "BigInt64Array.from([-1n, 2n])",
  "BigUint64Array.from([2n ** 64n - 1n])",
  "new Uint16Array(Uint8Array.from([9, 9, 1, 2, 9, 9]).buffer, 2, 1)",
  "new TypeError('t', { cause: new RangeError('r', { cause: 'text' }) })",
  "new AggregateError([new SyntaxError('s'), 1], 'all')",
  "Object.assign(new EvalError('e'), { code: 5, when: new Date(1), name: 'Custom' })",
];

test.each(EXPRESSIONS)("%s comes out with the host's classes", (expression) => {
  const value = out(expression);
  expect(isDeepStrictEqual(value, here(expression))).toBe(true);
});

test.each(EXPRESSIONS)(
  "%s goes in, has the realm's classes there, and comes back equal [06-6.3.json] [06-6.3.extended] [06-6.1.boundaries]",
  (expression) => {
    const value = here(expression);
    const payload = JSON.stringify(serialize(value, at));
    expect(inside(`Object.prototype.toString.call(deserialize(${payload}, handles))`)).toBe(
      Object.prototype.toString.call(value),
    );
    const sameClass = `(a, b) => Object(a) !== a || Object.getPrototypeOf(a) === Object.getPrototypeOf(b)`;
    expect(inside(`String((${sameClass})(deserialize(${payload}, handles), ${expression}))`)).toBe("true");
    expect(isDeepStrictEqual(out(`deserialize(${payload}, handles)`), value)).toBe(true);
  },
);

test("both sides write the same text", () => {
  for (const expression of EXPRESSIONS.filter((text) => !text.includes("Error"))) {
    expect(inside(`serialize(${expression}, at)`)).toBe(serialize(here(expression), at));
  }
});

test("this package's errors are instances of the other side's classes [06-6.3.errors] [03-3.2.revived]", () => {
  expect(out("new FatalError('x')")).toBeInstanceOf(FatalError);
  expect(out("new RetryableError('x', { retryAfter: new Date(5) })")).toEqual(
    new RetryableError("x", { retryAfter: new Date(5) }),
  );
  const conflict = JSON.stringify(serialize(new HookConflictError("token", "wrun_1"), at));
  expect(
    inside(`(() => {
      const error = deserialize(${conflict}, handles);
      return [error instanceof HookConflictError, error instanceof Error, error.token, error.conflictingRunId].join();
    })()`),
  ).toBe("true,true,token,wrun_1");
});

test("a host's own error class goes in as the nearest, with its stack", () => {
  const error = Object.assign(new TypeError("bad"), { name: "Mine", socket: new AbortController() });
  const payload = JSON.stringify(serialize(error, at));
  const seen = JSON.parse(
    inside(
      `(() => { const e = deserialize(${payload}, handles); return JSON.stringify([e instanceof TypeError, e.name, e.message, e.stack, "socket" in e]) })()`,
    ),
  );
  expect(seen).toEqual([true, "Mine", "bad", error.stack, false]);
});

test("identity and cycles survive both ways", () => {
  const graph = `(() => { const a = { list: [] }; a.self = a; a.list.push(a); const e = new Error("e"); e.cause = e; a.e = e; a.m = new Map([[a, e]]); return a; })()`;
  const copy = out(`deserialize(${JSON.stringify(serialize(here(graph), at))}, handles)`) as Record<string, unknown>;
  expect(copy["self"]).toBe(copy);
  expect((copy["list"] as unknown[])[0]).toBe(copy);
  expect((copy["e"] as Error).cause).toBe(copy["e"]);
  expect((copy["m"] as Map<unknown, unknown>).get(copy)).toBe(copy["e"]);
});

test("references go in and come back", () => {
  const step = Object.assign(() => {}, { stepId: "s", [Symbol.for("workflow.closureVars")]: () => ({ n: 1n }) });
  const workflow = Object.assign(() => {}, { workflowId: "w" });
  const run = Object.defineProperty({ runId: "wrun_1" }, Symbol.for("workflow.run"), { value: true });
  const payload = JSON.stringify(serialize({ step, workflow, run }, at));
  expect(out(`deserialize(${payload}, handles)`)).toEqual({
    step: expect.objectContaining({ stepId: "s", closureVars: { n: 1n } }),
    workflow: expect.objectContaining({ workflowId: "w" }),
    run: { runId: "wrun_1" },
  });
});

test("refusals inside are the realm's errors, and cross the wall themselves", () => {
  const error = out(
    `(() => { try { serialize({ args: [{ at: new (class Money {})() }] }, at) } catch (error) { return error } })()`,
  );
  expect(error).toBeInstanceOf(SerializationError);
  expect(error).toMatchObject({
    fatal: true,
    message: expect.stringContaining(
      "The step arguments of inside cannot be serialized: args[0].at is an instance of Money",
    ),
  });
  const thrown = deserialize(inside("serializeThrown(Promise.resolve(), at)"), handles);
  expect((thrown as Error).message).toContain("a Promise");
});

test("a class that the realm does not have is named", () => {
  const text = (value: unknown): string =>
    inside(
      `(() => { try { return String(deserialize(${JSON.stringify(serialize(value, at))}, handles)) } catch (error) { return String(error) } })()`,
    );
  expect(text(new Headers({ a: "1" }))).toContain("there is no Headers here");
  expect(text(new URL("http://a"))).toContain("URL is not defined");
  expect(text(new DOMException("stopped", "AbortError"))).toBe("AbortError: stopped");
});

test("classes that a realm's prelude supplies cross, under whatever name a bundler gave them", () => {
  const crossed = out(`(() => {
    class Headers$1 {
      constructor(entries) { this.entries = entries }
      [Symbol.iterator]() { return this.entries[Symbol.iterator]() }
      get [Symbol.toStringTag]() { return "Headers" }
    }
    class DOMException$1 extends Error {
      get name() { return "AbortError" }
      get [Symbol.toStringTag]() { return "DOMException" }
    }
    globalThis.Headers = Headers$1;
    return [new Headers$1([["a", "1"]]), new DOMException$1("stopped")];
  })()`) as [Headers, DOMException];
  inside("delete globalThis.Headers");
  expect([...crossed[0]]).toEqual([["a", "1"]]);
  expect(crossed[0]).toBeInstanceOf(Headers);
  expect(crossed[1]).toBeInstanceOf(DOMException);
  expect([crossed[1].name, crossed[1].code, crossed[1].message]).toEqual(["AbortError", 20, "stopped"]);
});

test("values of the host that are reachable inside are written like the realm's", () => {
  const script = new Script("(value) => serialize(value, at)").runInContext(realm) as (value: unknown) => string;
  const value = {
    url: new URL("http://a/b"),
    bytes: new TextEncoder().encode("x"),
    map: new Map([["date", new Date(0)]]),
    error: new Error("e"),
    headers: new Headers({ a: "1" }),
  };
  const copy = deserialize(script(value), handles);
  expect(isDeepStrictEqual({ ...(copy as object), headers: null }, { ...value, headers: null })).toBe(true);
  expect([...(copy as typeof value).headers]).toEqual([["a", "1"]]);
});

test("the deepest that may be written can be read inside, by cold code, from a deep stack", () => {
  let value: unknown = new Error("core");
  for (let i = 0; i < 498; i++)
    value = i % 2 === 0 ? new Error(`level ${i}`, { cause: value }) : new Map([[0, [value]]]);
  const payload = JSON.stringify(serialize(value, at));
  const down = "function down(n, payload) { return n === 0 ? deserialize(payload, handles) : down(n - 1, payload) }";
  expect(inside(`${down} String(Object.prototype.toString.call(down(500, ${payload})))`)).toBe("[object Map]");
});

const anything = fc.anything({
  key: fc.string().filter((key) => key !== "__proto__"),
  maxDepth: 4,
  withBigInt: true,
  withBoxedValues: true,
  withDate: true,
  withMap: true,
  withNullPrototype: true,
  withSet: true,
  withSparseArray: true,
  withTypedArray: true,
});

test("any value makes the round trip, here and through the realm [06-6.3.json] [06-A.2]", () => {
  const through = new Script("(payload) => serialize(deserialize(payload, handles), at)").runInContext(realm) as (
    payload: string,
  ) => string;
  fc.assert(
    fc.property(anything, (value) => {
      const payload = serialize(value, at);
      expect(isDeepStrictEqual(deserialize(payload, handles), value)).toBe(true);
      expect(through(payload)).toBe(payload);
      expect(isDeepStrictEqual(deserialize(through(payload), handles), value)).toBe(true);
    }),
    { numRuns: 300 },
  );
});
