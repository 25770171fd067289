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
  const show = (of) => [
    String(Object.prototype.toString.call(of)), of.type, of.url, of.redirected, of.status, of.ok, of.statusText, [...of.headers], of.bodyUsed,
  ];
  const attempt = (make) => { try { return show(make()) } catch (error) { return error.name } };
`;

test("statuses, reasons and headers [01-1.14.platform]", async () => {
  const [found, expected] = await inBoth(`
    return [
      () => new Response(), () => new Response(undefined, undefined), () => new Response(null, null), () => new Response("x", 5), () => new Response("x", () => {}),
      ...[200, 201, 299, 300, 404, 599, 600, 199, 0, 101, -1, NaN, Infinity, "202", 200.9, 65736, null, undefined, {}, 1n, Symbol()].map((status) => () => new Response(null, { status })),
      ...[101, 103, 204, 205, 304].flatMap((status) => [() => new Response("", { status }), () => new Response(null, { status })]),
      ...["", "Fine", "a b\\tc", "\\u00e9", "\\u0100", "a\\nb", "\\x7f", 5, undefined, null].map((statusText) => () => new Response(null, { statusText })),
      () => new Response("x", { headers: { "Content-Type": "a/b" } }), () => new Response("x", { headers: null }), () => new Response("x", { headers: { "a b": "1" } }),
      () => new Response("x", { headers: [["set-cookie", "a"], ["set-cookie", "b"]] }), () => new Response(new URLSearchParams("a=1")), () => new Response(new Uint8Array(2)),
    ].map(attempt);
  `);
  expect(found).toEqual(expected);
});

test("json, error and redirect", async () => {
  const [found, expected] = await inBoth(`
    const circle = {}; circle.self = circle;
    const rows = [
      () => Response.json({ a: [1, undefined] }), () => Response.json(null), () => Response.json("x", { status: 201, statusText: "Made", headers: { b: "1" } }),
      () => Response.json(1, { headers: { "content-type": "a/b" } }), () => Response.json(), () => Response.json(undefined), () => Response.json(circle), () => Response.json(1, { status: 204 }),
      () => Response.json(1, 5), () => Response.json(() => {}),
      () => Response.error(), () => Response.error().clone(),
      () => Response.redirect("http://a/é b"), () => Response.redirect(new URL("http://a/"), 308), () => Response.redirect("b"), () => Response.redirect("http://a/", 200),
      () => Response.redirect("http://a/", "303"), () => Response.redirect(""),
    ].map(attempt);
    rows.push(await Response.json({ a: [1, undefined] }).text(), await Response.error().text());
    return rows;
  `);
  expect(found).toEqual(expected);
});

test("clones, and a body that is read once [06-6.7.body-once]", async () => {
  const [found, expected] = await inBoth(`
    const response = new Response("x", { status: 404, statusText: "No", headers: { a: "1" } });
    const clone = response.clone();
    clone.headers.set("a", "2");
    const rows = [show(response), show(clone), await clone.json().catch((error) => error.name), clone.bodyUsed, await response.text(), attempt(() => response.clone())];
    rows.push(await response.text().catch((error) => error.name), Response.name, Response.length, response instanceof Response, "" + response);
    return rows;
  `);
  expect(found).toEqual(expected);
});
