import { expect, test } from "vitest";
import { decodeChunk, encodeChunk } from "./chunks.ts";
import type { Handles } from "./serialize.ts";

const at = { what: "stream chunk", of: "strm_1" } as const;
const handles = { run: (runId: string) => ({ run: runId }) } as unknown as Handles;

function copyOf(value: unknown): unknown {
  return decodeChunk(encodeChunk(value, at), handles);
}

test.each([
  "text \u{1f469}\ufeff",
  "\ufeffbegins with a mark",
  "half a pair \ud800",
  0,
  undefined,
  null,
  { a: [1, new Map([["b", 2n]])] },
  new Uint8Array([0, 255]),
  new Uint8Array(0),
  new Uint8ClampedArray([1, 2]),
  new BigInt64Array([5n]),
  new DataView(new ArrayBuffer(3)),
  new Float64Array([0.5]),
  new ArrayBuffer(5),
  [new Uint8Array([1])],
])("%o comes back as it was", (value) => {
  const copy = copyOf(value);
  expect(copy).toEqual(value);
  expect(Object.prototype.toString.call(copy)).toBe(Object.prototype.toString.call(value));
});

test("bytes are stored as they are, with one byte before them", () => {
  expect([...encodeChunk(Buffer.from("ab"), at)]).toEqual([2, 97, 98]);
  expect(copyOf(Buffer.from("ab"))).toEqual(new Uint8Array([97, 98]));
  expect(Buffer.isBuffer(copyOf(Buffer.from("ab")))).toBe(false);
});

test("so are texts", () => {
  expect([...encodeChunk("\u00e9", at)]).toEqual([1, 0xc3, 0xa9]);
});

test("what is read shares no memory with what was stored", () => {
  const chunk = encodeChunk(new Uint8Array([1, 2]), at);
  const value = decodeChunk(chunk, handles) as Uint8Array;
  chunk.fill(9);
  expect(value).toEqual(new Uint8Array([1, 2]));
  expect(value.buffer.byteLength).toBe(2);
});

test("of a view only its own part is taken", () => {
  const whole = new Uint8Array([1, 2, 3, 4]);
  expect(copyOf(whole.subarray(1, 3))).toEqual(new Uint8Array([2, 3]));
  expect(copyOf(new Uint16Array(whole.buffer, 2, 1))).toEqual(new Uint16Array(whole.buffer, 2, 1).slice());
});

test("references come alive as the handles say", () => {
  const run = Object.defineProperty({ runId: "wrun_1" }, Symbol.for("workflow.run"), { value: true });
  expect(copyOf({ run })).toEqual({ run: { run: "wrun_1" } });
});

test("what cannot be stored says where it is; too many bytes say so", () => {
  expect(() => encodeChunk({ a: () => 1 }, at)).toThrow(/The stream chunk of strm_1 cannot be serialized: chunk\.a/);
  expect(() => encodeChunk(new Uint8Array(33 * 2 ** 20), at)).toThrow(/PAYLOAD_TOO_LARGE/);
  expect(() => encodeChunk("\u00e9".repeat(17 * 2 ** 20), at)).toThrow(/PAYLOAD_TOO_LARGE/);
});

test("what a later version wrote is not guessed at", () => {
  expect(() => decodeChunk(new Uint8Array([200, 1]), handles)).toThrow(/newer version/);
  expect(() => decodeChunk(new Uint8Array(0), handles)).toThrow(/newer version/);
});
