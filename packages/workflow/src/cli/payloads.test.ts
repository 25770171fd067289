import { expect, test } from "vitest";
import { CLASS_ID } from "../serialization/class-values.ts";
import { encodeChunk } from "../serialization/chunks.ts";
import { serialize } from "../serialization/serialize.ts";
import { sealedPayload } from "../world/decryption.ts";
import { chunkValue, payloadFields, payloadsAsJson, show } from "./payloads.ts";

const stored = (value: unknown): { runId: string; output: string } => ({
  runId: "wrun_1",
  output: serialize(value, { what: "step return value", of: "test" }),
});

test.each<[string, unknown, unknown]>([
  ["JSON is itself", { a: [1, "x", null, true], b: { c: "" } }, { a: [1, "x", null, true], b: { c: "" } }],
  [
    "dates and URLs are the text that JSON would make of them",
    [new Date(0), new URL("http://a/b")],
    ["1970-01-01T00:00:00.000Z", "http://a/b"],
  ],
  [
    "other values are text, in their place",
    { n: 3n, set: new Set([1]), no: NaN },
    { n: "3n", set: "Set(1) { 1 }", no: "NaN" },
  ],
])("%s", (_what, value, json) => {
  const document = JSON.stringify(payloadsAsJson(stored(value)));
  expect(JSON.parse(document)).toEqual({ runId: "wrun_1", output: json });
});

test("errors are text, with their stack", () => {
  expect(payloadsAsJson(stored(new TypeError("broken")))).toMatchObject({
    output: expect.stringMatching(/^TypeError: broken\n {4}at /),
  });
});

test("a value that contains itself is shown as such", () => {
  const ring: { self?: unknown } = {};
  ring.self = ring;
  expect(payloadsAsJson(stored(ring))).toMatchObject({ output: { self: "[Circular]" } });
  expect(payloadFields(stored(ring))).toEqual([["output", "<ref *1> { self: [Circular *1] }"]]);
});

test("people see values as Node prints them, whole", () => {
  const value = { deep: { deep: { deep: { deep: "x".repeat(20_000) } } }, many: Array.from({ length: 150 }, () => 7) };
  const [[name, text = ""] = []] = payloadFields(stored(value));
  expect(name).toBe("output");
  expect(text).toContain("x".repeat(20_000));
  expect(text.match(/7/g)).toHaveLength(150);
});

test("a chunk of a stream is shown like any payload, classes of the app included", () => {
  class Money {
    readonly cents = 5n;
    static readonly [CLASS_ID] = "class//./money//Money";
    static [Symbol.for("workflow-serialize")]({ cents }: Money): object {
      return { cents };
    }
    static [Symbol.for("workflow-deserialize")](): Money {
      return new Money();
    }
  }
  const chunk = encodeChunk({ price: new Money() }, { what: "stream chunk", of: "test" });
  expect(show(chunkValue(chunk))).toBe("{ price: Money { cents: 5n } }");
  expect(chunkValue(new Uint8Array([99]))).toMatch(/^\(cannot be read: /);
});

test("what cannot be read says so", () => {
  const [[, text] = []] = payloadFields({ input: "zzzz[]" });
  expect(text).toMatch(/^\(cannot be read: .*"zzzz"/);
  expect(payloadsAsJson({ input: "zzzz[]" })).toEqual({ input: text });
});

test("what this process has no key for says that it is encrypted", () => {
  const input = sealedPayload("no key", { operation: "decrypt", byteLength: 40, formatPrefix: "encr" });
  expect(payloadFields({ input, output: stored(1).output })).toEqual([
    ["input", "(encrypted)"],
    ["output", "1"],
  ]);
  expect(payloadsAsJson({ input })).toEqual({ input: "(encrypted)" });
});

test("instances of the app's classes are shown by name, with what was stored of them", () => {
  const money = '["special",2],{"is":3,"classId":4,"data":5},"instance","class//./src/money//Money"';
  const input = `devl[[1],${money},{"cents":6},7]`;
  expect(payloadFields({ input })).toEqual([["input", "[ Money { cents: 7 } ]"]]);
  expect(payloadsAsJson({ input })).toEqual({ input: ["Money { cents: 7 }"] });
  expect(payloadFields({ input: `devl[[1],${money},7]` })).toEqual([["input", "[ Money { data: 7 } ]"]]);
});
