import { stringify } from "devalue";
import { expect, test } from "vitest";
import { decodeChunk, encodeFailure } from "./chunks.ts";
import { deserialize, type Handles, serialize, type StreamData } from "./serialize.ts";
import { nameStream } from "./stream-values.ts";

const handles: Handles = {
  step: () => () => {},
  workflow: () => () => {},
  run: () => {},
  class: () => undefined,
  respond: () => Promise.resolve(),
  stream: (data) => data,
  signal: (data) => data,
  controller: (signal) => signal,
};
const at = { what: "step return value", of: "s" } as const;

test.each<StreamData>([
  { is: "readable", runId: "wrun_1", name: "strm_1_value", type: "bytes" },
  { is: "readable", runId: "wrun_1", namespace: "logs", startIndex: -3 },
  { is: "writable", runId: "wrun_1" },
])("a stream that stands for one of a run is written as its name: %j", (data) => {
  const stream = data.is === "readable" ? new ReadableStream() : new WritableStream();
  expect(deserialize(serialize({ it: nameStream(stream, () => data) }, at), handles)).toEqual({ it: data });
});

test("it may not be in use", () => {
  const stream = nameStream(new WritableStream(), () => ({ is: "writable", runId: "wrun_1" }));
  stream.getWriter();
  expect(() => serialize(stream, at)).toThrow(
    "it is a WritableStream that is locked. Call releaseLock() on its writer",
  );
});

test("one that only this process knows cannot be written where nobody lets it flow", () => {
  expect(() => serialize([new ReadableStream()], at)).toThrow("returnValue[0] is a ReadableStream. Read it first");
  expect(() => serialize([new WritableStream()], at)).toThrow("returnValue[0] is a WritableStream");
});

test.each([
  ["a name of another type", { is: "readable", name: 5 }, "the name of a stream is not text"],
  ["a run of another type", { is: "writable", runId: {} }, "the name of a stream is not text"],
  ["an unknown type", { is: "readable", name: "n", type: "text" }, "a stream is of an unknown type"],
  ["half an index", { is: "readable", name: "n", startIndex: 0.5 }, "a stream starts nowhere"],
])("%s is a damaged payload", (_, data, reason) => {
  const payload = `devl${stringify(new Date(), { special: (value: unknown) => value instanceof Date && data })}`;
  expect(() => deserialize(payload, handles)).toThrow(`A stored value cannot be revived: Error: ${reason}`);
});

test("what a producer failed with is thrown where its chunk is read, whatever it was", () => {
  const chunk = encodeFailure(new RangeError("broke", { cause: () => {} }), { what: "stream chunk", of: "strm_1" });
  expect(() => decodeChunk(chunk, handles)).toThrow(expect.objectContaining({ name: "RangeError", message: "broke" }));
});
