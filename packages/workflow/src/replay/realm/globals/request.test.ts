import { beforeAll, expect, test } from "vitest";
import { createTestRealm, inNode, type TestRealm } from "./fixtures/realm.ts";

let realm: TestRealm;
beforeAll(async () => {
  realm = await createTestRealm();
});

async function inBoth(body: string): Promise<[found: unknown, expected: unknown]> {
  return [realm.open().evaluate(SHOW + body), await inNode(SHOW + body)];
}

const SHOW = `
  const show = (of) => [String(Object.prototype.toString.call(of)), of.method, of.url, [...of.headers], of.bodyUsed];
  const attempt = (make) => { try { return show(make()) } catch (error) { return error.name } };
  const settle = async (make) => { try { const value = await make(); return value instanceof Uint8Array ? [...value] : value } catch (error) { return error.name } };
`;

test("methods, addresses and headers", async () => {
  const [found, expected] = await inBoth(`
    const u = "http://a.test/b?c#d";
    return [
      () => new Request(u), () => new Request(), () => new Request("/b"), () => new Request(""), () => new Request(new URL(u)), () => new Request({ toString: () => u }),
      () => new Request("http://u:p@a.test/"), () => new Request("http://u@a.test/"), () => new Request("HTTP://A.test/é b"), () => new Request(Symbol()),
      ...["get", "Post", "pUt", "delete", "head", "OPTIONS", "PATCH", "purge", "", "a b", "connect", "TRACE", "Track", "é", 5, null].map((method) => () => new Request(u, { method })),
      () => new Request(u, undefined), () => new Request(u, null), () => new Request(u, 5), () => new Request(u, "x"), () => new Request(u, () => {}),
      () => new Request(u, { headers: { A: "1", b: " 2 " } }), () => new Request(u, { headers: [["a", "1"], ["A", "2"]] }), () => new Request(u, { headers: new Headers({ a: "1" }) }),
      () => new Request(u, { headers: null }), () => new Request(u, { headers: undefined }), () => new Request(u, { headers: { "a b": "1" } }), () => new Request(u, { method: undefined }),
    ].map(attempt);
  `);
  expect(found).toEqual(expected);
});

test("every kind of body, the content type it brings, and how it reads [01-1.14.platform]", async () => {
  const [found, expected] = await inBoth(`
    const buffer = Uint8Array.from([1, 2, 255, 4]).buffer;
    const bodies = [
      undefined, null, "", "text", "\\ud800€😀\\ufeff", "\\ufeffmarked", 5, true, { a: 1 }, [1, 2], "{\\"a\\":[1]}", "{", "null",
      buffer, new Uint8Array(buffer, 1, 2), new DataView(buffer, 2), new Uint16Array(buffer), new Uint8Array(0), Uint8Array.from([0xef, 0xbb, 0xbf, 0x61]), Uint8Array.from([0xff, 0x61, 0xe2, 0x82]),
      new URLSearchParams({ a: "1 2", b: "é" }), Symbol(), new Uint8Array(20000).fill(0xe2),
    ];
    const rows = [];
    for (const body of bodies) {
      const make = (headers) => new Request("http://a/", { method: "POST", body, headers });
      rows.push(attempt(() => make()), attempt(() => make({ "content-type": "x/y" })));
      for (const read of ["text", "json", "bytes", "arrayBuffer"]) {
        rows.push(await settle(async () => { const got = await make()[read](); return got instanceof ArrayBuffer ? new Uint8Array(got) : got }));
      }
    }
    rows.push(attempt(() => new Request("http://a/", { body: "x" })), attempt(() => new Request("http://a/", { method: "head", body: "" })), attempt(() => new Request("http://a/", { body: null })));
    return rows;
  `);
  expect(found).toEqual(expected);
});

test("a body is read once; one that is not there always [06-6.7.body-once]", async () => {
  const [found, expected] = await inBoth(`
    const rows = [];
    for (const body of ["{}", "", null]) {
      for (const first of ["text", "json"]) {
        const request = new Request("http://a/", { method: "POST", body });
        rows.push(request.bodyUsed, await settle(() => request[first]()), request.bodyUsed);
        for (const second of ["text", "json", "bytes", "arrayBuffer"]) {
          const got = await settle(() => request[second]());
          rows.push(got instanceof ArrayBuffer ? got.byteLength : got);
        }
        rows.push(attempt(() => request.clone()), attempt(() => new Request(request)), attempt(() => new Request(request, { body: "other" })));
      }
    }
    return rows;
  `);
  expect(found).toEqual(expected);
});

test("copies: of a request, with changes, and clones", async () => {
  const [found, expected] = await inBoth(`
    const make = () => new Request("http://a/b", { method: "PUT", body: "x", headers: { a: "1" } });
    const rows = [];
    for (const init of [undefined, {}, { method: "POST" }, { body: "y" }, { body: null }, { headers: { b: "2" } }, { headers: {} }, { method: "GET" }, { method: "GET", body: null }]) {
      const original = make();
      rows.push(await settle(async () => { const copy = new Request(original, init); return [show(copy), await copy.text(), show(original), copy.headers === original.headers] }));
    }
    const original = make();
    const clone = original.clone();
    clone.headers.set("a", "2");
    rows.push(await original.text(), original.bodyUsed, clone.bodyUsed, await clone.text(), original.headers.get("a"), original.headers === original.headers);
    const bytes = Uint8Array.from([1, 2]);
    const request = new Request("http://a/", { method: "POST", body: bytes });
    bytes[0] = 9;
    rows.push(await settle(() => request.bytes()));
    return rows;
  `);
  expect(found).toEqual(expected);
});

test("the class itself, and methods called on something else", async () => {
  const [found, expected] = await inBoth(`
    const request = new (class Special extends Request { extra() { return this.method } })("http://a/");
    const members = ["method", "url", "headers", "bodyUsed"];
    return [
      Request.name, Request.length, typeof Request.prototype.clone, request instanceof Request, request.extra(), Object.keys(request), JSON.stringify(request), "" + request,
      members.map((name) => { try { return Request.prototype[name] } catch (error) { return error.name } }),
      await settle(() => Request.prototype.text.call({})), attempt(() => Request("http://a/")),
    ];
  `);
  expect(found).toEqual(expected);
});

test("what is not there says what to do instead", () => {
  const run = realm.open();
  const make = `const request = new Request("http://a/", { method: "POST", body: "a=1" });`;
  expect(() => run.evaluate(`${make} await request.formData()`)).toThrow(
    /Request.formData\(\) is not available in workflow functions; give text\(\) of a urlencoded form to new URLSearchParams/,
  );
  expect(() => run.evaluate(`${make} await request.blob()`)).toThrow(/Request.blob\(\) .*use bytes\(\)/);
  expect(() => run.evaluate(`${make} request.body`)).toThrow(/Request.body .*use text\(\), json\(\)/);
  expect(() =>
    run.evaluate(`new Request("http://a/", { method: "POST", body: { [Symbol.asyncIterator]() {} } })`),
  ).toThrow(/must be text or bytes; make bodies that stream inside a step/);
  expect(run.evaluate(`return [new Request("http://a/").body, new Response().body]`)).toEqual([null, null]);
  expect(() => run.evaluate(`structuredClone(new Request("http://a/"))`)).toThrow(/#<Request> could not be cloned/);
});

test("they print as what they are", async () => {
  const other = await createTestRealm();
  other
    .open()
    .evaluate(`console.log(new Request("http://a/", { method: "PUT", body: "x" }), Response.json(1, { status: 404 }))`);
  expect(other.lines).toEqual([
    { level: "log", text: "Request { method: 'PUT', url: 'http://a/' } Response { status: 404 }" },
  ]);
});
