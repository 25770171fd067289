// Proxies in values (contract 06 section 6.4).
import { expect, test } from "vitest";
import { deserialize, type Handles, serialize } from "./serialize.ts";

/** Nothing here is a reference. */
const handles = {} as Handles;
const roundTrip = (value: unknown): unknown =>
  deserialize(serialize(value, { what: "hook payload", of: "t" }), handles);

test("a plain object, a list and an error are read through a proxy [06-6.4.proxies]", () => {
  for (const value of [{ a: { b: 1 } }, [1, [2]]]) expect(roundTrip(new Proxy(value, {}))).toEqual(value);
  expect(roundTrip(new Proxy(new RangeError("x"), {}))).toMatchObject({ name: "RangeError", message: "x" });
});

test.each([
  new Map([[1, 2]]),
  new Set([1]),
  new Date(5),
  new URL("http://a/"),
  new Uint8Array([1]),
  new Request("http://a/"),
])("a proxy of a built-in is refused, and not turned into something else: %o [06-6.4.proxies]", (value) => {
  expect(() => roundTrip({ part: new Proxy(value, {}) })).toThrow("SERIALIZATION_FAILED");
});
