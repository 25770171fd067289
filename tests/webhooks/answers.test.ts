import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { expect, test, vi } from "vitest";
import type { RequestWithResponse } from "workflow";
import { resumeWebhook } from "workflow/api";
import { EntityConflictError, HookNotFoundError, WebhookError } from "workflow/errors";
import { createWebhookHandler } from "workflow/http";
import type { World } from "workflow/world";
import { completed } from "../../packages/world/src/testkit/kit/events.ts";
import { asStep, describeWebhooks, operatorLog, refusalOf, ROOT } from "./place.ts";

const handler = createWebhookHandler();
const FRAMING = { connection: "upgrade", "keep-alive": "1", "transfer-encoding": "gzip", trailer: "x", upgrade: "h2c" };
const MANUAL = { webhook: { respond: "manual" } } as const;

const post = (body: string, init: RequestInit = {}): Request =>
  new Request(`${ROOT}t`, { method: "POST", body, ...init });

/** Resolves once something waits for an answer. */
async function untilWaiting(world: World): Promise<void> {
  await vi.waitFor(() => expect(vi.mocked(world.answers.wait)).toHaveBeenCalled());
}

describeWebhooks("answers of steps", (placeIn) => {
  test("the caller gets what a step answers, to the byte and to the cookie [01-1.8.manual] [01-1.17.10] [02-2.5.response]", async (context) => {
    const place = await placeIn(context);
    const run = await place.webhook("t", MANUAL);
    const waiting = handler(post("x"));
    const request = await place.firstRequest(run);
    const body = crypto.getRandomValues(new Uint8Array(500));
    const headers = [
      ["set-cookie", "a=1"],
      ["set-cookie", "b=2"],
      ["x-a", "é"],
    ] as [string, string][];
    const answer = new Response(body, { status: 207, statusText: "Some", headers });
    await asStep(run.runId, () => request.respondWith(answer));
    const response = await waiting;
    expect([response.status, response.statusText, [...response.headers]]).toEqual([207, "Some", headers]);
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(body);
  });

  test("headers that frame a message are the server's: others would keep the caller waiting, or mix answers up", async (context) => {
    const place = await placeIn(context);
    const run = await place.webhook("t", MANUAL);
    const waiting = handler(post("x"));
    const request = await place.firstRequest(run);
    const headers = { ...FRAMING, "content-length": "20", "content-encoding": "mine", "x-a": "b" };
    await asStep(run.runId, () => request.respondWith(new Response(Uint8Array.of(1), { headers })));
    expect(Object.fromEntries((await waiting).headers)).toEqual({ "content-encoding": "mine", "x-a": "b" });

    const right = Object.entries({ ...FRAMING, "content-length": "1" });
    const fixed = { status: 200, statusText: "", headers: right, body: "AQ==" };
    await place.webhook("fixed", { webhook: { respond: fixed } });
    for (const method of ["POST", "HEAD"]) {
      const response = await handler(new Request(`${ROOT}fixed`, { method }));
      expect(Object.fromEntries(response.headers)).toEqual({ "content-length": "1" });
    }
  });

  test("what a step fetched is passed on, without what fetch has undone", async (context) => {
    const upstream = createServer((_request, response) => {
      const headers = { "content-encoding": "gzip", "content-type": "text/plain", "x-a": "b" };
      response.writeHead(200, headers).end(gzipSync("hello"));
    }).listen(0, "127.0.0.1");
    context.onTestFinished(() => void upstream.close());
    await once(upstream, "listening");
    const place = await placeIn(context);
    const run = await place.webhook("t", MANUAL);
    const waiting = handler(post("x"));
    const request = await place.firstRequest(run);
    const fetched = await fetch(`http://127.0.0.1:${(upstream.address() as AddressInfo).port}`);
    await asStep(run.runId, () => request.respondWith(fetched));
    const response = await waiting;
    const { date: _, ...headers } = Object.fromEntries(response.headers);
    expect([headers, await response.text()]).toEqual([{ "content-type": "text/plain", "x-a": "b" }, "hello"]);
  });

  test.for([204, 205, 304])("a status without a body, %i", async (status, context) => {
    const place = await placeIn(context);
    const run = await place.webhook("t", MANUAL);
    const waiting = handler(post("x"));
    const request = await place.firstRequest(run);
    await asStep(run.runId, () => request.respondWith(new Response(null, { status })));
    expect((await waiting).status).toBe(status);
  });

  test("each of two callers gets its own", async (context) => {
    const place = await placeIn(context);
    const run = await place.webhook("t", MANUAL);
    const callers = [handler(post("1")), handler(post("2"))];
    const requests = await vi.waitFor(async () => {
      const came = await place.requests(run);
      expect(came).toHaveLength(2);
      return came;
    });
    for (const request of requests.toReversed()) {
      const text = await request.text();
      await asStep(run.runId, () => request.respondWith(new Response(`to ${text}`)));
    }
    expect(await Promise.all(callers.map(async (caller) => (await caller).text()))).toEqual(["to 1", "to 2"]);
  });

  test("a request is answered once; a step that runs again comes through, and its first answer stands [01-1.8.respond-in-step]", async (context) => {
    const place = await placeIn(context);
    const run = await place.webhook("t", MANUAL);
    const waiting = handler(post("x"));
    const request = await place.firstRequest(run);
    const answer = (text: string, step?: { stepId?: string; attempt?: number }): Promise<void> =>
      asStep(run.runId, () => request.respondWith(new Response(text)), step);
    await answer("first");
    await expect(answer("again")).rejects.toThrow(EntityConflictError);
    await expect(answer("again", { stepId: "step_2", attempt: 2 })).rejects.toThrow("answered before");
    await answer("again", { attempt: 2 });
    expect(await (await waiting).text()).toBe("first");
  });

  test("what cannot be sent is refused, and the request can still be answered [01-1.8.respond-in-step]", async (context) => {
    const place = await placeIn(context);
    const run = await place.webhook("t", MANUAL);
    const waiting = handler(post("x"));
    const request = await place.firstRequest(run);
    const answer = (response: unknown): Promise<void> =>
      asStep(run.runId, () => request.respondWith(response as Response));
    const used = new Response("used");
    await used.text();
    await expect(request.respondWith(new Response())).rejects.toThrow("CONTEXT_VIOLATION");
    await expect(answer(used)).rejects.toThrow("INVALID_ARGUMENT");
    await expect(answer(Response.error())).rejects.toThrow("INVALID_ARGUMENT");
    await expect(answer("text")).rejects.toThrow("INVALID_ARGUMENT");
    await expect(answer(new Response(new Uint8Array(25_000_001)))).rejects.toThrow("PAYLOAD_TOO_LARGE");
    await answer(new Response("ok"));
    expect(await (await waiting).text()).toBe("ok");
  });

  test("a caller that hangs up is not waited for; the run keeps the request and its answer", async (context) => {
    const place = await placeIn(context);
    const wait = vi.spyOn(place.world.answers, "wait");
    const run = await place.webhook("t", MANUAL);
    const caller = new AbortController();
    const keyed = { headers: { "idempotency-key": "k" } };
    const waiting = handler(post("x", { ...keyed, signal: caller.signal }));
    const request = await place.firstRequest(run);
    await untilWaiting(place.world);
    caller.abort();
    expect((await waiting).status).toBe(499);
    expect(await wait.mock.results[0]?.value).toBeNull();
    await asStep(run.runId, () => request.respondWith(new Response("late")));
    expect(await (await handler(post("x", keyed))).text()).toBe("late");
    expect(await place.requests(run)).toHaveLength(1);
  });

  test("no answer in time: 504, and the run keeps the request", async (context) => {
    const place = await placeIn(context);
    vi.spyOn(place.world.answers, "wait");
    const run = await place.webhook("t", MANUAL);
    const waiting = createWebhookHandler({ responseTimeout: "5s" })(post("x"));
    await place.firstRequest(run);
    await untilWaiting(place.world);
    place.clock.advance(4_999);
    await expect(Promise.race([waiting, Promise.resolve("waits")])).resolves.toBe("waits");
    place.clock.advance(1);
    const response = await waiting;
    expect(await refusalOf(response)).toEqual([504, "WEBHOOK_NOT_ANSWERED"]);
    expect(await place.requests(run)).toHaveLength(1);
  });

  test("a run that ends without an answer: 500, which says so [01-1.8.not-answered] [03-3.6.not-answered]", async (context) => {
    const place = await placeIn(context);
    const log = operatorLog();
    const run = await place.webhook("t", MANUAL);
    const waiting = handler(post("x"));
    await place.firstRequest(run);
    await run.commit(completed);
    const response = await waiting;
    expect([response.status, await response.json()]).toEqual([
      500,
      { error: "Workflow run did not send a response", code: "WEBHOOK_NOT_ANSWERED" },
    ]);
    expect(log).toEqual([expect.stringContaining(run.runId)]);
  });

  test("an answer that was given before the run ended reaches the caller", async (context) => {
    const place = await placeIn(context);
    const run = await place.webhook("t", MANUAL);
    const waiting = handler(post("x"));
    const request = await place.firstRequest(run);
    await asStep(run.runId, () => request.respondWith(new Response("done")));
    await run.commit(completed);
    expect(await (await waiting).text()).toBe("done");
  });
});

describeWebhooks("resumeWebhook", (placeIn) => {
  test("resolves with 202, or with the response that the webhook has [02-2.5.response]", async (context) => {
    const place = await placeIn(context);
    await place.webhook("plain");
    expect((await resumeWebhook("plain", post("x"))).status).toBe(202);
    const respond = { status: 418, statusText: "", headers: [["x-a", "b"]], body: "AQ==" } as const;
    await place.webhook("fixed", { webhook: { respond } });
    const response = await resumeWebhook("fixed", post("x"));
    const { status, headers } = response;
    expect([status, headers.get("x-a"), await response.bytes()]).toEqual([418, "b", Uint8Array.of(1)]);
  });

  test("gives the response to its caller", async (context) => {
    const place = await placeIn(context);
    const run = await place.webhook("t", MANUAL);
    const waiting = resumeWebhook("t", new Request("https://shop.example/callback", { method: "PUT", body: "x" }));
    const request: RequestWithResponse = await place.firstRequest(run);
    expect([request.url, request.method]).toEqual(["https://shop.example/callback", "PUT"]);
    await asStep(run.runId, () => request.respondWith(new Response("ok")));
    expect(await (await waiting).text()).toBe("ok");
  });

  test("throws what the handler answers with a status [02-2.5.unknown] [02-2.5.not-a-webhook]", async (context) => {
    const place = await placeIn(context);
    vi.spyOn(place.world.answers, "wait");
    await place.webhook("t", MANUAL);
    await place.webhook("plain", { isWebhook: false });
    for (const token of ["unknown", "plain", ""]) {
      await expect(resumeWebhook(token, post("x"))).rejects.toThrow(HookNotFoundError);
    }
    const large = post("x".repeat(10_000_001));
    await expect(resumeWebhook("t", large)).rejects.toMatchObject({ code: "WEBHOOK_BODY_TOO_LARGE", status: 413 });
    const late = resumeWebhook("t", post("x"));
    late.catch(() => undefined);
    await untilWaiting(place.world);
    place.clock.advance(60_000);
    await expect(late).rejects.toThrow(WebhookError);
    await expect(late).rejects.toMatchObject({ code: "WEBHOOK_NOT_ANSWERED", status: 504 });
  });

  test("rejects with the reason of the signal when the caller has gone", async (context) => {
    const place = await placeIn(context);
    vi.spyOn(place.world.answers, "wait");
    await place.webhook("t", MANUAL);
    const caller = new AbortController();
    const waiting = resumeWebhook("t", post("x", { signal: caller.signal }));
    waiting.catch(() => undefined);
    await untilWaiting(place.world);
    caller.abort(new Error("hung up"));
    await expect(waiting).rejects.toThrow("hung up");
  });

  test.for([
    [undefined],
    [{ url: "/x", method: "POST", headers: { host: "h" } }],
    [{ url: "/x", method: "POST", headers: new Headers() }],
    [{ url: ROOT, method: "TRACE", headers: new Headers() }],
  ])("refuses %o as a request", async ([request], context) => {
    await placeIn(context);
    await expect(resumeWebhook("t", request as unknown as Request)).rejects.toThrow("INVALID_ARGUMENT");
  });
});
