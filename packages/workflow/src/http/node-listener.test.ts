import { once } from "node:events";
import { createServer, type IncomingMessage, request as send, type RequestListener } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { buffer, text } from "node:stream/consumers";
import { afterEach, expect, test, vi } from "vitest";
import { toNodeListener } from "./node-listener.ts";

const PATH = "/.well-known/workflow/v1/webhook/t";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  for (const close of closing.splice(0)) await close();
});

/** Listens on a port of its own until the test is over. */
async function listen(listener: RequestListener): Promise<number> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  closing.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

async function echo(request: Request): Promise<Response> {
  const { method, url, headers } = request;
  const head = new Headers({ method, url, "x-seen": headers.get("x-sent") ?? "" });
  return new Response(new Uint8Array(await request.arrayBuffer()), { status: 201, headers: head });
}

test("request and response are what they were", async () => {
  const port = await listen(toNodeListener(echo));
  const body = crypto.getRandomValues(new Uint8Array(60_000));
  const url = `http://127.0.0.1:${port}/shop${PATH}?a=1&a=2`;
  const response = await fetch(url, { method: "PUT", body, headers: { "x-sent": "a, b" } });
  expect(response.status).toBe(201);
  expect(Object.fromEntries(response.headers)).toMatchObject({ method: "PUT", url, "x-seen": "a, b" });
  expect(new Uint8Array(await response.arrayBuffer())).toEqual(body);
});

test("cookies stay apart", async () => {
  const port = await listen(
    toNodeListener(() => {
      const headers = new Headers([
        ["set-cookie", "a=1; Expires=Thu, 01 Jan 2026 00:00:00 GMT"],
        ["set-cookie", "b=2"],
      ]);
      return new Response(null, { headers });
    }),
  );
  const response = await fetch(`http://127.0.0.1:${port}/`);
  expect(response.headers.getSetCookie()).toEqual(["a=1; Expires=Thu, 01 Jan 2026 00:00:00 GMT", "b=2"]);
});

test("other addresses are passed on, untouched", async () => {
  const webhooks = toNodeListener(echo);
  const port = await listen((message, response) => {
    webhooks(message, response, () => void text(message).then((body) => response.end(`app got ${body}`)));
  });
  const ours = await fetch(`http://127.0.0.1:${port}${PATH}`, { method: "POST", body: "x" });
  expect([ours.status, await ours.text()]).toEqual([201, "x"]);
  const other = await fetch(`http://127.0.0.1:${port}/orders?next=${PATH}`, { method: "POST", body: "y" });
  expect([other.status, await other.text()]).toEqual([200, "app got y"]);
});

test("an answer that comes before the body is read reaches the caller, and the connection goes on", async () => {
  const port = await listen(toNodeListener(() => new Response("no", { status: 413 })));
  const socket = connect(port, "127.0.0.1");
  closing.push(async () => socket.destroy());
  const size = 5_000_000;
  socket.write(`POST ${PATH} HTTP/1.1\r\nhost: h\r\ncontent-length: ${size}\r\n\r\n`);
  socket.write(Buffer.alloc(size));
  socket.write(`GET ${PATH} HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n`);
  expect((await text(socket)).match(/HTTP\/1\.1 413/g)).toHaveLength(2);
});

test("the signal says that the caller has gone, and not that the request has been answered", async () => {
  const answered = Promise.withResolvers<AbortSignal>();
  const waiting = Promise.withResolvers<AbortSignal>();
  const gate = Promise.withResolvers<Response>();
  const port = await listen(
    toNodeListener(({ method, signal }) => {
      (method === "GET" ? answered : waiting).resolve(signal);
      return method === "GET" ? new Response() : gate.promise;
    }),
  );
  await (await fetch(`http://127.0.0.1:${port}/`)).text();
  const caller = send({ port, host: "127.0.0.1", method: "DELETE" }).on("error", () => undefined);
  caller.end();
  const signal = await waiting.promise;
  caller.destroy();
  if (!signal.aborted) await once(signal, "abort");
  gate.resolve(new Response("too late"));
  expect((await answered.promise).aborted).toBe(false);
});

test("HEAD gets the head only", async () => {
  const port = await listen(toNodeListener(() => new Response("body", { headers: { "x-a": "b" } })));
  const response = await fetch(`http://127.0.0.1:${port}/`, { method: "HEAD" });
  expect([response.headers.get("x-a"), await response.text()]).toEqual(["b", ""]);
});

test.each([
  ["TRACE", "/", "h"],
  ["GET", "/", "a b"],
])("%s %s for the host %j is no request of the web", async (method, path, host) => {
  const port = await listen(toNodeListener(echo));
  const socket = connect(port, "127.0.0.1");
  socket.end(`${method} ${path} HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`);
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 400 /);
});

test("a handler that throws is the server's fault, and the operator is told", async () => {
  const reported = vi.spyOn(console, "error").mockReturnValue();
  const port = await listen(
    toNodeListener(() => {
      throw new Error("secret");
    }),
  );
  const response = await fetch(`http://127.0.0.1:${port}/`);
  expect([response.status, await response.text()]).toEqual([500, expect.not.stringContaining("secret")]);
  expect(reported).toHaveBeenCalledWith(
    expect.stringMatching(/^\[workflow\] /),
    expect.objectContaining({ message: "secret" }),
  );
});

/** What a body parser does that keeps, or does not keep, what it read. */
async function parse(message: IncomingMessage, keep: (bytes: Buffer) => unknown): Promise<void> {
  Object.assign(message, { rawBody: keep(await buffer(message)) });
}

test.each<[string, (bytes: Buffer) => unknown, string]>([
  ["kept is read from the copy", (bytes) => bytes, "a=1"],
  ["not kept is marked as used", () => undefined, "used"],
  ["kept as text only is marked as used", (bytes) => bytes.toString(), "used"],
  ["kept after decoding is marked as used", (bytes) => Buffer.concat([bytes, bytes]), "used"],
])("a body that was read before and %s", async (_what, keep, seen) => {
  const webhooks = toNodeListener(async (request) => new Response(request.bodyUsed ? "used" : await request.text()));
  const port = await listen((message, response) => void parse(message, keep).then(() => webhooks(message, response)));
  const post = { method: "POST", headers: { "content-type": "application/x-www-form-urlencoded" }, body: "a=1" };
  const response = await fetch(`http://127.0.0.1:${port}${PATH}`, post);
  expect(await response.text()).toBe(seen);
});

test("an empty body that was read before is still empty", async () => {
  const webhooks = toNodeListener(async (request) => new Response(`[${await request.text()}]`));
  const port = await listen((message, response) => void buffer(message).then(() => webhooks(message, response)));
  const response = await fetch(`http://127.0.0.1:${port}${PATH}`, { method: "POST" });
  expect(await response.text()).toBe("[]");
});
