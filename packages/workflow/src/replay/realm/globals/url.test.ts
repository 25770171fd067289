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

const MEMBERS = `["href", "origin", "protocol", "username", "password", "host", "hostname", "port", "pathname", "search", "hash"]`;
const SHOW = `
  const show = (url) => url && [...${MEMBERS}.map((name) => url[name]), String(url.searchParams), url.toString(), url.toJSON()];
  const attempt = (task) => { try { return task() } catch (error) { return [error.name, error.code] } };
`;

const URLS = [
  ...[
    "https://user:p%40ss@example.com:8080/a/b/../c?x=1&y=%20z#frag",
    "http://EXAMPLE.com:80/",
    "https://münchen.de/ä?ö=ü#ß",
  ],
  ...[
    "mailto:a@b.c",
    "data:text/plain,hi there",
    "file:///C:/x/y",
    "http://[::1]:3000/",
    "http://1.2/",
    "javascript:alert(1)",
  ],
  ...[
    "blob:https://a.b/c",
    "",
    "nope",
    "//x",
    "/p",
    "?q",
    "#h",
    "http://",
    "http://a b/",
    "http://a:99999/",
    "urn:x:y?z",
    " http://x/ ",
  ],
  ...["http://a/\\ud800", "wss://h/?a=b&a=c", "http://a/?&&=&b"],
];

test("parsing, with and without a base [01-1.14.platform]", async () => {
  const [found, expected] = await inBoth(`${SHOW}
    const rows = [];
    for (const url of ${JSON.stringify(URLS)}) for (const base of [undefined, "https://base.example/dir/file?q#h", "", "bad"]) {
      rows.push([url, base, attempt(() => show(new URL(url, base))), URL.canParse(url, base), attempt(() => show(URL.parse(url, base)))]);
    }
    return rows;
  `);
  expect(found).toEqual(expected);
});

test("generated URLs are read alike", async () => {
  const piece = fc.constantFrom(
    "http:",
    "https:",
    "//",
    "/",
    "a.b",
    "@",
    ":",
    "80",
    "?",
    "#",
    "&",
    "=",
    "%",
    "%41",
    " ",
    "é",
    "..",
    "[",
    "]",
    "\\",
    "\t",
    "x",
  );
  const urls = fc.sample(fc.array(piece, { maxLength: 10 }), { numRuns: 1500, seed: 3 }).map((parts) => parts.join(""));
  const body = `${SHOW} return ${JSON.stringify(urls)}.map((url) => attempt(() => show(new URL(url, "http://base/x?y"))))`;
  const [found, expected] = await inBoth(body);
  expect(found).toEqual(expected);
});

test("assigning parts", async () => {
  const [found, expected] = await inBoth(`${SHOW}
    const rows = [];
    const values = ["", "x", "ftp", "https:", "a b", "443", "70000", "h:81", "é", "?a=1", "#f", "/p q", 5, null, undefined, { toString: () => "obj" }];
    for (const start of ["https://u:p@h.example:8443/p?q=1#f", "mailto:a@b", "file:///x"]) for (const name of ${MEMBERS}) for (const value of values) {
      const url = new URL(start);
      const params = url.searchParams;
      if (name === "origin") continue;
      rows.push([name, String(value), attempt(() => { url[name] = value; return [show(url), params === url.searchParams, [...params]] }), show(url)]);
    }
    return rows;
  `);
  expect(found).toEqual(expected);
});

test("searchParams and search stay one thing", async () => {
  const [found, expected] = await inBoth(
    `${SHOW}
    const url = new URL("https://h/p?b=2&a=1&b=3#f");
    const params = url.searchParams;
    const rows = [];
    const note = () => rows.push([url.href, [...params], params.size]);
    params.append("c", "ä &"); note();
    params.delete("b", "3"); note();
    params.set("a", "9"); note();
    params.sort(); note();
    url.search = "?z=1&z=2"; note();
    url.href = "https://other/?q"; note();
    url.hash = ""; note();
    params.delete("q"); note();
    url.search = ""; note();
    return rows;
  `,
  );
  expect(found).toEqual(expected);
});

test("URLSearchParams from every kind of initial value", async () => {
  const [found, expected] = await inBoth(`
    const attempt = (task) => { try { const params = task(); return [String(params), [...params], params.size] } catch (error) { return error.name } };
    return [
      () => new URLSearchParams(), () => new URLSearchParams(undefined), () => new URLSearchParams(null), () => new URLSearchParams(""),
      () => new URLSearchParams("?a=1&b=%zz&c=%F0%9F%98%80&d+e=f+g&=h&i&&j=k=l"), () => new URLSearchParams("??a=1"), () => new URLSearchParams("a=\\ud800&b=%ff"),
      () => new URLSearchParams({ a: 1, b: [2, 3], c: null }), () => new URLSearchParams([["a", "1"], ["a", 2]]), () => new URLSearchParams([["a"]]),
      () => new URLSearchParams(new Map([["m", "n"]])), () => new URLSearchParams(new URLSearchParams("x=y")), () => new URLSearchParams(7),
      () => new URLSearchParams([["a", "b", "c"]]), () => new URLSearchParams([5]), () => new URLSearchParams(Symbol()), () => new URLSearchParams(new Set([["s", "t"]])),
    ].map(attempt);
  `);
  expect(found).toEqual(expected);
});

test("URLSearchParams methods", async () => {
  const [found, expected] = await inBoth(`
    const params = new URLSearchParams("b=2&a=1&b=3&\\u{1F600}=x&\\uFFFD=y&c=%2B+%20");
    const rows = [params.get("b"), params.get("no"), params.getAll("b"), params.getAll("no"), params.has("b"), params.has("b", "3"), params.has("b", "4"), params.has("b", undefined)];
    const self = {};
    params.forEach(function (value, name, all) { rows.push([value, name, all === params, this === self]) }, self);
    rows.push([...params.keys()], [...params.values()], [...params.entries()], params[Symbol.iterator] === params.entries);
    params.sort(); rows.push(String(params));
    params.set("b", "only"); rows.push(String(params));
    params.delete("b"); params.append("~", "!'()*-._ \\n"); rows.push(String(params));
    const seen = [];
    for (const [name] of params) { seen.push(name); if (seen.length === 1) params.delete("a"); if (seen.length < 4) params.append("more", seen.length) }
    rows.push(seen);
    for (const call of [() => params.append("x"), () => params.get(), () => params.set("x"), () => params.has(), () => params.delete(), () => params.forEach(1), () => params.get(Symbol())]) {
      try { call(); rows.push("fine") } catch (error) { rows.push(error.name) }
    }
    rows.push(Object.prototype.toString.call(params), Object.prototype.toString.call(new URL("a:b")), JSON.stringify({ url: new URL("http://x") }));
    return rows;
  `);
  expect(found).toEqual(expected);
});

test("generated queries are read and written alike", async () => {
  const queries = fc.sample(
    fc.oneof(fc.string({ unit: "binary", maxLength: 12 }), fc.stringMatching(/^[a-c%+&=0-9F ]{0,14}$/)),
    { numRuns: 2000, seed: 5 },
  );
  const [found, expected] = await inBoth(
    `return ${JSON.stringify(queries)}.map((query) => { const params = new URLSearchParams(query); return [[...params], String(params)] })`,
  );
  expect(found).toEqual(expected);
});

test("errors carry what Node's carry, and createObjectURL is absent", async () => {
  const [found, expected] = await inBoth(`
    try { new URL("nope", "also bad") } catch ({ name, message, code, input, base }) { return { name, message, code, input, base } }
  `);
  expect(found).toEqual(expected);
  expect(realm.open().evaluate("return [typeof URL.createObjectURL, typeof URL.revokeObjectURL]")).toEqual([
    "undefined",
    "undefined",
  ]);
});
