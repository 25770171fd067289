import * as fc from "fast-check";
import { expect, test } from "vitest";
import { cut } from "./cut.ts";

const LEAST = 8;

test("a long literal is a piece of its own, without its quotes", () => {
  const long = "x".repeat(20);
  expect(cut(`[{"a":1},"${long}",2]`, LEAST)).toEqual([`[{"a":1},"`, long, `",2]`]);
});

test("the same literal in other surroundings is the same piece", () => {
  const long = JSON.stringify('he said "\\" and \\\\ left\\\\').slice(1, -1);
  const [, first] = cut(`[[1],"${long}"]`, LEAST);
  expect(cut(`[{"args":1},[2],"${long}","",""]`, LEAST)[1]).toBe(first);
  expect(first).toBe(long);
});

test("short literals, escaped quotes and literals without an end do not cut", () => {
  for (const text of [`["1234567","1234567"]`, `["\\"\\"\\""]`, `["${"x".repeat(50)}`, `"`, ""]) {
    expect(cut(text, LEAST)).toEqual([text]);
  }
});

test("whatever the text is, the pieces together are the text", () => {
  const anything = fc.string({ unit: "binary", maxLength: 200 });
  const quoted = fc.string({ unit: fc.constantFrom('"', "\\", "a", "\u{1f600}", "é"), maxLength: 200 });
  fc.assert(
    fc.property(fc.oneof(anything, quoted), (text) => {
      expect(cut(text, LEAST).join("")).toBe(text);
    }),
  );
});

test("of JSON, every literal that is long enough is a piece", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "binary", maxLength: 40 })), (strings) => {
      const long = strings.map((text) => JSON.stringify(text).slice(1, -1)).filter((text) => text.length >= LEAST);
      const pieces = cut(JSON.stringify(strings), LEAST);
      expect(pieces.filter((_, index) => index % 2 === 1)).toEqual(long);
    }),
  );
});
