import { stringify } from "devalue";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  deserialize,
  requestValue,
  responseValue,
  serialize,
  type Boundary,
  type Handles,
  type RequestData,
  type ResponseData,
} from "./serialize.ts";

const at: Boundary = { what: "hook payload", of: "t" };
const answers: [requestId: string, response: Response][] = [];
const handles: Handles = {
  step: () => () => {},
  workflow: () => () => {},
  run: () => {},
  class: () => undefined,
  respond: async (requestId, response) => void answers.push([requestId, response]),
  stream: (data) => data,
  signal: (data) => data,
  controller: (signal) => signal,
};

const roundTrip = (value: unknown): unknown => deserialize(serialize(value, at), handles);

const requestOf = (data: Partial<RequestData> = {}): RequestWithAnswer =>
  roundTrip(requestValue({ method: "POST", url: "http://a.test/b?c=d", headers: [], body: null, ...data })) as never;
const responseOf = (data: Partial<ResponseData> = {}): Response =>
  roundTrip(responseValue({ status: 200, statusText: "", headers: [], body: null, ...data })) as Response;

interface RequestWithAnswer extends Request {
  respondWith?(response: Response): Promise<void>;
}

test("a request comes alive as the platform's, with its method, url, headers and body [06-6.7.request]", async () => {
  const headers = [
    ["Content-Type", "text/xml"],
    ["Cookie", "a=1; b=2"],
    ["Host", "a.test"],
    ["content-length", "3"],
  ] as const;
  const request = requestOf({ headers, body: new TextEncoder().encode("<a>") });
  expect(request).toBeInstanceOf(Request);
  expect([request.method, request.url]).toEqual(["POST", "http://a.test/b?c=d"]);
  expect([...request.headers]).toEqual([
    ["content-length", "3"],
    ["content-type", "text/xml"],
    ["cookie", "a=1; b=2"],
    ["host", "a.test"],
  ]);
  expect(await request.text()).toBe("<a>");
  expect(Object.keys(request)).toEqual([]);
});

test("a response comes alive as the platform's; each set-cookie stays one [06-6.7.response] [06-6.7.headers]", async () => {
  const headers = [
    ["set-cookie", "a=1"],
    ["x", "1"],
    ["set-cookie", "b=2, c"],
    ["x", "2"],
  ] as const;
  const response = responseOf({ status: 418, statusText: "Short and stout", headers, body: new Uint8Array([1]) });
  expect(response).toBeInstanceOf(Response);
  expect([response.status, response.statusText, response.ok]).toEqual([418, "Short and stout", false]);
  expect([...response.headers]).toEqual([
    ["set-cookie", "a=1"],
    ["set-cookie", "b=2, c"],
    ["x", "1, 2"],
  ]);
  expect(await response.bytes()).toEqual(new Uint8Array([1]));
});

test("no body and an empty one are told apart, and neither invents a content type", async () => {
  for (const of of [requestOf, responseOf]) {
    expect(of({ body: null }).body).toBeNull();
    const empty = of({ body: new Uint8Array(0) });
    expect(empty.body).not.toBeNull();
    expect(await empty.text()).toBe("");
    expect([...empty.headers]).toEqual([]);
  }
});

test("a body that the platform allows nobody is left away", () => {
  const body = new Uint8Array([1]);
  expect(requestOf({ method: "GET", body }).body).toBeNull();
  expect(requestOf({ method: "HEAD", body }).body).toBeNull();
  expect(responseOf({ status: 204, body }).body).toBeNull();
});

test("bodies are kept to the byte, over several crossings, read or not", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), fc.boolean(), fc.boolean(), async (body, read, again) => {
      for (const of of [requestOf, responseOf]) {
        let message: Request | Response = of({ body });
        if (read) await message.bytes();
        message = roundTrip(message) as Request | Response;
        if (again) message = roundTrip(message) as Request | Response;
        expect(await message.bytes()).toEqual(body);
      }
    }),
    { numRuns: 200 },
  );
});

test("a view takes its own bytes only, and the copy shares them with nobody", async () => {
  const around = Uint8Array.from([9, 9, 1, 2, 9]);
  const body = Buffer.from(around.buffer, 2, 2);
  const [bytes, request] = roundTrip([body, requestValue({ method: "PUT", url: "http://a/", headers: [], body })]) as [
    Uint8Array,
    Request,
  ];
  bytes[0] = 7;
  expect(await (roundTrip(request) as Request).bytes()).toEqual(Uint8Array.from([1, 2]));
});

test("headers that were changed since are written as they are now", () => {
  const request = requestOf({ headers: [["a", "1"]], body: new Uint8Array(1) });
  request.headers.set("a", "2");
  expect((roundTrip(request) as Request).headers.get("a")).toBe("2");
});

test("one request in two places stays one", () => {
  const request = requestOf({ body: new Uint8Array(1) });
  const [a, b] = roundTrip([request, request]) as [Request, Request];
  expect(a).toBe(b);
});

test("a request that waits for an answer takes it, also after another crossing", async () => {
  answers.length = 0;
  const request = requestOf({ answerTo: "request-1" });
  const response = new Response("done");
  await request.respondWith?.(response);
  await (roundTrip(request) as RequestWithAnswer).respondWith?.(response);
  expect(answers).toEqual([
    ["request-1", response],
    ["request-1", response],
  ]);
  expect("respondWith" in requestOf()).toBe(false);
});

test("the platform's own are written where they have no body", () => {
  const request = roundTrip(new Request("http://a/", { method: "DELETE", headers: { b: "1" } })) as Request;
  expect([request.method, request.url, [...request.headers], request.body]).toEqual([
    "DELETE",
    "http://a/",
    [["b", "1"]],
    null,
  ]);
  const response = roundTrip(new Response(null, { status: 204, headers: { b: "1" } })) as Response;
  expect([response.status, [...response.headers], response.body]).toEqual([204, [["b", "1"]], null]);
  expect(roundTrip(Response.redirect("http://b/", 307))).toMatchObject({ status: 307 });
  expect(roundTrip(Response.error())).toMatchObject({ type: "error", status: 0 });
});

test.each([
  [
    "a Request",
    new Request("http://a/", { method: "POST", body: "x" }),
    "await request.text() or await request.arrayBuffer()",
  ],
  ["a Response", new Response(""), "await response.text() or await response.arrayBuffer()"],
])("%s of the platform's whose body nobody has read says what to pass [06-6.4.bodies]", (what, value, hint) => {
  expect(() => serialize({ got: value }, at)).toThrow(
    `payload.got is ${what} whose body has to be awaited. Await it first`,
  );
  expect(() => serialize(value, at)).toThrow(hint);
});

test.each([
  [
    "a url that is none",
    { is: "request", url: 5, method: "GET", headers: [], body: null },
    "what should be text is something else",
  ],
  ["a body of a size", { is: "response", status: 200, statusText: "", headers: [], body: 1e7 }, "a body is no bytes"],
  ["a body of text", { is: "request", url: "http://a/", method: "POST", headers: [], body: "x" }, "a body is no bytes"],
])("%s is a damaged payload", (_, data, reason) => {
  const payload = `devl${stringify(new Date(), { special: (value: unknown) => value instanceof Date && data })}`;
  expect(() => deserialize(payload, handles)).toThrow(`A stored value cannot be revived: Error: ${reason}`);
});
