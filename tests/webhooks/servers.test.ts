// Real sockets: what the servers, their body parsers and the conversion to the web's classes do to bytes.
import { once } from "node:events";
import { request as send } from "node:http";
import { connect } from "node:net";
import { createMemoryWorld } from "@workflow/world/testkit";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import type { RequestWithResponse } from "workflow";
import { getRun, type Run, start } from "workflow/api";
import { setWorld } from "workflow/runtime";
import type { World } from "workflow/world";
import type { StepFunction } from "../../packages/workflow/src/compiler/registration.ts";
import { deploy, type Engine, realmCode, startEngine, workflow } from "../support/engine.ts";
import { operatorLog } from "./place.ts";
import { PARSED_AND_KEPT, PARSED_BEFORE, SERVERS, type Start } from "./servers.ts";

const APP = realmCode(
  ["answer"],
  `workflow("take", async () => createWebhook());
  workflow("manual", async () => answer(await createWebhook({ respondWith: "manual" })));`,
);

const answer = async (request: RequestWithResponse): Promise<void> => {
  const headers = new Headers([
    ["set-cookie", "a=1; Path=/"],
    ["set-cookie", "b=2"],
    ["x-method", request.method],
  ]);
  await request.respondWith(new Response(await request.arrayBuffer(), { status: 201, headers }));
};

const form = new FormData();
form.append("file", new Blob([Uint8Array.of(0, 13, 10, 255)]), "a.bin");
form.append("field", "ü");
const multipart = new Response(form);

const BODIES: readonly (readonly [what: string, type: string, bytes: Uint8Array])[] = [
  ["JSON", "application/json", Buffer.from('{ "a" :1,\r\n "b":"\\u00e9é" }\n')],
  ["JSON with a byte order mark", "application/json; charset=utf-8", Buffer.from("\ufeff{}")],
  ["broken JSON", "application/json", Buffer.from("{")],
  ["XML", "application/xml", Buffer.from('<?xml version="1.0"?>\r\n<a>é</a>')],
  ["a form", "application/x-www-form-urlencoded", Buffer.from("b=2&a=1+%20&a=&%zz")],
  ["multipart", multipart.headers.get("content-type") ?? "", await multipart.bytes()],
  ["text in latin-1", "text/plain; charset=latin1", Uint8Array.of(0xe9, 0x0a)],
  ["bytes", "application/octet-stream", crypto.getRandomValues(new Uint8Array(60_000))],
  ["bytes said to be JSON", "application/json", Uint8Array.of(0xff, 0xfe, 0)],
  ["nothing", "application/json", new Uint8Array()],
];

interface Sent {
  readonly method?: string;
  readonly type?: string;
  /** In pieces, without saying how much it will be. */
  readonly chunked?: boolean;
}

interface Received {
  readonly status: number;
  readonly cookies: readonly string[];
  readonly text: string;
  readonly bytes: Buffer;
}

/** Not `fetch`: it adds and removes headers of its own, and has no say in how bodies are framed. */
function call(url: string, body: Uint8Array, { method = "POST", type, chunked = false }: Sent = {}): Promise<Received> {
  return new Promise((resolve, reject) => {
    const framing = chunked ? { "transfer-encoding": "chunked" } : { "content-length": String(body.byteLength) };
    const headers = { ...framing, ...(type !== undefined && { "content-type": type }) };
    const request = send(url, { method, headers }, async (response) => {
      const bytes = Buffer.concat(await response.toArray());
      const cookies = response.headers["set-cookie"] ?? [];
      resolve({ status: response.statusCode ?? 0, cookies, text: bytes.toString(), bytes });
    }).on("error", reject);
    if (chunked) for (let at = 0; at < body.length; at += 1000) request.write(body.subarray(at, at + 1000));
    else request.write(body);
    request.end();
  });
}

let engine: Engine | undefined;
beforeEach(() => {
  // The one of the test is enough.
  vi.stubEnv("WORKFLOW_WORKER", "off");
});
afterEach(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  await engine?.stop();
  await engine?.world.close();
  setWorld(undefined);
});

interface App {
  readonly world: World;
  readonly origin: string;
  /** Starts a run, and says where its webhook is. */
  hook(name: string): Promise<{ readonly run: Run<unknown>; readonly url: string }>;
}

async function serve(start_: Start): Promise<App> {
  deploy(APP, { answer: answer as StepFunction });
  const world = createMemoryWorld({});
  engine = await startEngine({ world });
  const { origin, close } = await start_();
  onTestFinished(close);
  return {
    world,
    origin,
    async hook(name) {
      const { runId } = await start(workflow(name), []);
      const { token } = await vi.waitFor(async () => {
        const { data } = await world.hooks.list({ runId });
        expect(data).toHaveLength(1);
        return data[0]!;
      });
      return { run: getRun(runId), url: `${origin}/.well-known/workflow/v1/webhook/${encodeURIComponent(token)}` };
    },
  };
}

describe.each(SERVERS)("webhooks with %s", (_server, listen) => {
  test.each(BODIES)("%s", async (_what, type, bytes) => {
    const app = await serve(listen);
    for (const chunked of [false, true]) {
      const { run, url } = await app.hook("take");
      expect((await call(`${url}?a=1&b`, bytes, { type, chunked })).status).toBe(202);
      const request = (await run.returnValue) as Request;
      expect([request.method, request.url, request.headers.get("content-type")]).toEqual([
        "POST",
        `${url}?a=1&b`,
        type,
      ]);
      expect(Buffer.from(await request.arrayBuffer())).toEqual(Buffer.from(bytes));
    }
  });

  test("the answer of a step, with its cookies, to every method", async () => {
    const app = await serve(listen);
    for (const method of ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"]) {
      const { url } = await app.hook("manual");
      const body = /GET|HEAD/.test(method) ? "" : "é\0";
      const received = await call(url, Buffer.from(body), { method, type: "application/json" });
      expect([received.status, received.text, received.cookies]).toEqual([201, body, ["a=1; Path=/", "b=2"]]);
    }
  });

  test("no such webhook, and a body over the limit", async () => {
    const app = await serve(listen);
    const unknown = await call(`${app.origin}/.well-known/workflow/v1/webhook/unknown`, Buffer.alloc(2_000_000));
    expect([unknown.status, unknown.text]).toEqual([404, expect.stringContaining("HOOK_NOT_FOUND")]);
    const { url } = await app.hook("take");
    for (const chunked of [false, true]) {
      const large = await call(url, Buffer.alloc(10_000_001), { chunked });
      expect([large.status, large.text]).toEqual([413, expect.stringContaining("WEBHOOK_BODY_TOO_LARGE")]);
    }
  });

  test.each([
    ["is shorter than was announced", "content-length: 9", "abc"],
    ["stops between its pieces", "transfer-encoding: chunked", "3\r\nabc\r\n"],
    ["has a broken piece", "transfer-encoding: chunked", "3\r\nabcd\r\n"],
    ["never comes", "content-length: 9\r\nexpect: 100-continue", ""],
  ])("a body that %s leaves nothing", async (_what, framing, bytes) => {
    const app = await serve(listen);
    const { run, url } = await app.hook("take");
    const { port, pathname } = new URL(url);
    const socket = connect(Number(port), "127.0.0.1");
    socket.end(`POST ${pathname} HTTP/1.1\r\nhost: x\r\n${framing}\r\n\r\n${bytes}`);
    socket.resume();
    await once(socket, "close");
    expect((await call(url, Buffer.from("whole"))).status).toBe(202);
    expect(await ((await run.returnValue) as Request).text()).toBe("whole");
  });

  test("a method that no Request can have gets 400, and the run goes on", async () => {
    const app = await serve(listen);
    const { run, url } = await app.hook("take");
    const trace = await call(url, Buffer.alloc(0), { method: "TRACE" });
    expect([trace.status, trace.text]).toEqual([400, expect.stringContaining("INVALID_ARGUMENT")]);
    expect((await call(url, Buffer.from("x"))).status).toBe(202);
    expect(await ((await run.returnValue) as Request).text()).toBe("x");
  });

  test("a caller that hangs up is not waited for", async () => {
    const app = await serve(listen);
    const gate = Promise.withResolvers<void>();
    deploy(APP, { answer: () => gate.promise });
    const wait = vi.spyOn(app.world.answers, "wait");
    const { run, url } = await app.hook("manual");
    const caller = send(url, { method: "POST" }).on("error", () => undefined);
    caller.end("x");
    await vi.waitFor(() => expect(wait).toHaveBeenCalled());
    caller.destroy();
    expect(await wait.mock.results[0]?.value).toBeNull();
    expect(await run.status).toBe("running");
    gate.resolve();
    await run.returnValue;
  });

  test("the application goes on as before", async () => {
    const app = await serve(listen);
    const received = await call(`${app.origin}/app`, Buffer.from('{"hello":"the application"}'), {
      type: "application/json",
    });
    expect([received.status, received.text]).toEqual([200, "the application"]);
  });
});

describe.each(PARSED_BEFORE)("webhooks behind %s", (_parser, listen) => {
  test("say what has to be mounted first, to the caller and to the operator", async () => {
    const app = await serve(listen);
    const log = operatorLog();
    const { run, url } = await app.hook("take");
    const received = await call(url, Buffer.from('{"a":1}'), { type: "application/json" });
    expect([received.status, received.text]).toEqual([500, expect.stringContaining("WEBHOOK_BODY_CONSUMED")]);
    expect(log).toEqual([expect.stringContaining("Mount the webhook handler before every body parser")]);
    expect(await run.status).toBe("running");
  });
});

test.each(BODIES.filter(([what]) => /^(JSON|XML|a form|bytes|nothing)$/.test(what)))(
  "behind parsers that keep the bytes: %s",
  async (_what, type, bytes) => {
    const app = await serve(PARSED_AND_KEPT);
    const { run, url } = await app.hook("take");
    const below = url.replace("/.well-known", "/shop/.well-known");
    expect((await call(below, bytes, { type })).status).toBe(202);
    const request = (await run.returnValue) as Request;
    expect(request.url).toBe(below);
    expect(Buffer.from(await request.arrayBuffer())).toEqual(Buffer.from(bytes));
  },
);
