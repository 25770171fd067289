import { expect, test } from "vitest";
import { requestValue } from "./http-values.ts";
import { serialize } from "./serialize.ts";
import { MOST_BODY_BYTES, readBytes } from "./read-bytes.ts";

test("bytes come as they were, up to the limit", async () => {
  const bytes = crypto.getRandomValues(new Uint8Array(1000));
  const pieces = (): ReadableStream<Uint8Array> =>
    ReadableStream.from([bytes.subarray(0, 7), new Uint8Array(), bytes.subarray(7)]);
  expect(await readBytes(pieces(), 1000)).toEqual({ status: "read", bytes });
  expect(await readBytes(pieces(), 999)).toEqual({ status: "too large" });
});

test("no body is something else than an empty one", async () => {
  expect(await readBytes(null, 0)).toEqual({ status: "read", bytes: null });
  expect(await readBytes(new Response("").body, 0)).toEqual({ status: "read", bytes: new Uint8Array() });
});

test("what is too large is not read to its end", async () => {
  let cancelled = false;
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new Uint8Array(10)),
    cancel: () => void (cancelled = true),
  });
  expect(await readBytes(endless, 25)).toEqual({ status: "too large" });
  expect(cancelled).toBe(true);
});

test("the largest body fits into a payload, with headers as large as Node takes them", { timeout: 60_000 }, () => {
  const headers = [["x-large", "é".repeat(16_384)]] as const;
  const request = requestValue({ method: "POST", url: "http://h/", headers, body: new Uint8Array(MOST_BODY_BYTES) });
  expect(() => serialize(request, { what: "hook payload", of: "t" })).not.toThrow();
});
