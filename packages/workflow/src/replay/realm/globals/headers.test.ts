import * as fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { createTestRealm, inNode, type TestRealm } from "./fixtures/realm.ts";

let realm: TestRealm;
beforeAll(async () => {
  realm = await createTestRealm();
});

async function inBoth(body: string): Promise<[found: unknown, expected: unknown]> {
  return [realm.open().evaluate(body), await inNode(body)];
}

test("every kind of initial value [01-1.14.platform]", async () => {
  const [found, expected] = await inBoth(`
    return [
      () => new Headers(), () => new Headers(undefined), () => new Headers(null), () => new Headers("a"), () => new Headers({ B: 1, a: "  x\\t" }),
      () => new Headers([["a", "1"], ["A", "2"]]), () => new Headers([["a"]]), () => new Headers([["a", "b", "c"]]), () => new Headers(new Map([["m", "n"]])),
      () => new Headers(new Headers({ q: "r" })), () => new Headers({ "bad name": "1" }), () => new Headers({ "": "1" }), () => new Headers({ a: "1\\n2" }),
      () => new Headers({ a: "\\u0100" }), () => new Headers({ a: "\\u00ff" }), () => new Headers({ a: "\\n x \\r" }), () => new Headers({ [Symbol()]: "1" }), () => new Headers(7),
    ].map((make) => { try { return [...make()] } catch (error) { return error.name } });
  `);
  expect(found).toEqual(expected);
});

test("appending, combining, set-cookie, deleting", async () => {
  const [found, expected] = await inBoth(`
    const headers = new Headers({ "X-One": "1", accept: "a" });
    const rows = [];
    const note = (value) => rows.push([value === undefined ? null : value, [...headers]]);
    note(headers.append("x-one", "2")); note(headers.append("Set-Cookie", "a=1; b")); note(headers.append("set-cookie", "c=2"));
    note(headers.get("X-ONE")); note(headers.get("set-cookie")); note(headers.getSetCookie()); note(headers.get("none")); note(headers.has("Accept"));
    note(headers.set("X-One", "3")); note(headers.set("set-cookie", "only")); note(headers.delete("ACCEPT")); note(headers.delete("none")); note(headers.append("a", ""));
    const self = {};
    headers.forEach(function (value, name, all) { rows.push([value, name, all === headers, this === self]) }, self);
    rows.push([...headers.keys()], [...headers.values()], [...headers.entries()], headers[Symbol.iterator] === headers.entries, Object.prototype.toString.call(headers));
    for (const call of [() => headers.get("bad name"), () => headers.get(), () => headers.set("a"), () => headers.append("a", "\\0"), () => headers.forEach(1), () => headers.has("é")]) {
      try { call(); rows.push("fine") } catch (error) { rows.push(error.name) }
    }
    const seen = [];
    for (const [name] of headers) { seen.push(name); if (seen.length === 1) headers.set("b", "late"); if (name === "b") headers.delete("set-cookie") }
    rows.push(seen);
    return rows;
  `);
  expect(found).toEqual(expected);
});

test("generated names and values are accepted and normalised alike", async () => {
  const text = fc.oneof(
    fc.string({ unit: "binary-ascii", maxLength: 4 }),
    fc.string({ unit: "binary", maxLength: 2 }),
    fc.constantFrom("a", "Set-Cookie", "x y"),
  );
  const pairs = fc.sample(fc.tuple(text, text), { numRuns: 2000, seed: 4 });
  const [found, expected] = await inBoth(
    `return ${JSON.stringify(pairs)}.map((pair) => { try { return [...new Headers([pair])] } catch (error) { return error.name } })`,
  );
  expect(found).toEqual(expected);
});
