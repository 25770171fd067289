import { beforeAll, expect, test } from "vitest";
import { createTestRealm, type TestRun } from "./fixtures/realm.ts";

let run: TestRun;
beforeAll(async () => {
  process.env["REALM_TEST_VARIABLE"] = "from the host";
  run = (await createTestRealm()).open();
  delete process.env["REALM_TEST_VARIABLE"];
});

test.each([
  ["fetch('http://x')", /"fetch" .*use `fetch` from "workflow", or call it inside a "use step" function/],
  ["setTimeout(() => {}, 5)", /"setTimeout" .*`sleep` from "workflow"/],
  ["setInterval()", /`sleep`/],
  ["setImmediate()", /`sleep`/],
  ["clearTimeout(1)", /`sleep`/],
  ["ReadableStream.from([])", /ReadableStream.from.. cannot be called .*"use step"/],
  ["new WritableStream()", /new WritableStream.. cannot be called .*"use step"/],
  ["new TransformStream()", /"TransformStream" .*"use step"/],
  ["AbortSignal.timeout(5)", /"AbortSignal.timeout" .*`sleep`.* and an AbortController/],
  ["new WebSocket('ws://x')", /"WebSocket" .*"use step"/],
  ["new Blob([])", /"Blob" .*"use step"/],
  ["Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)", /"Atomics.wait" .*`sleep`/],
])(
  "%s says what to do instead [01-1.14.no-fetch] [01-1.14.no-timers] [01-1.14.no-abort-timeout] [03-3.6.fetch] [03-3.6.timeout] [03-3.6.abort-timeout] [07-7.13.sandbox] [06-6.8.timeout]",
  (expression, message) => {
    expect(() => run.evaluate(expression)).toThrow(message);
  },
);

test("what is unavailable looks like a function until it is called", () => {
  const names = [
    "fetch",
    "setTimeout",
    "ReadableStream",
    "TransformStream",
    "XMLHttpRequest",
    "Worker",
    "MessageChannel",
    "Blob",
    "FormData",
  ];
  expect(
    run.evaluate(
      `return ${JSON.stringify(names)}.map((name) => [typeof globalThis[name], globalThis[name].name, {} instanceof globalThis[name]])`,
    ),
  ).toEqual(names.map((name) => ["function", name, false]));
});

test("what breaks replay is absent [01-1.14.no-buffer] [01-1.14.no-nondeterminism]", () => {
  const names = [
    "Buffer",
    "WeakRef",
    "FinalizationRegistry",
    "Temporal",
    "gc",
    "require",
    "module",
    "Event",
    "EventTarget",
  ];
  const members = [
    "Atomics.waitAsync",
    "WebAssembly.compile",
    "WebAssembly.instantiate",
    "WebAssembly.compileStreaming",
    "WebAssembly.instantiateStreaming",
  ];
  expect(run.evaluate(`return ${JSON.stringify(names)}.filter((name) => name in globalThis)`)).toEqual([]);
  for (const member of members) expect(run.evaluate(`return typeof ${member}`)).toBe("undefined");
  expect(
    run.evaluate(
      "return [typeof WebAssembly.Module, typeof WebAssembly.Instance, typeof Symbol.dispose, typeof Symbol.asyncDispose]",
    ),
  ).toEqual(["function", "function", "symbol", "symbol"]);
});

test("process is a frozen env and nothing else [01-1.14.env]", () => {
  expect(
    run.evaluate("return [Object.keys(process), process.env.REALM_TEST_VARIABLE, Object.isFrozen(process)]"),
  ).toEqual([["env"], "from the host", true]);
  expect(() => run.evaluate("process.env.REALM_TEST_VARIABLE = 1")).toThrow(TypeError.name);
  expect(() => run.evaluate("process.env.NEW = 1")).toThrow(TypeError.name);
  expect(() => run.evaluate("process.exit = 1")).toThrow(TypeError.name);
});

test("SuppressedError is there", () => {
  expect(
    run.evaluate(`
    const error = new SuppressedError(1, 2, "m");
    return [error.name, error.error, error.suppressed, error.message, error instanceof Error, Object.keys(error)];
  `),
  ).toEqual(["SuppressedError", 1, 2, "m", true, []]);
});

test("queueMicrotask runs its task before the run is idle", () => {
  expect(
    run.evaluate(
      "const seen = []; queueMicrotask(() => seen.push(1)); seen.push(0); await null; await null; return seen",
    ),
  ).toEqual([0, 1]);
  expect(() => run.evaluate("queueMicrotask(5)")).toThrow(TypeError.name);
});
