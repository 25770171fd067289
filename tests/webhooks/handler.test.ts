import { expect, test } from "vitest";
import { createWebhookHandler } from "workflow/http";
import { setWorld } from "workflow/runtime";
import { WorkflowWorldError } from "workflow/errors";
import { withFaults } from "@workflow/world/testkit";
import { completed, hookDisposed } from "../../packages/world/src/testkit/kit/events.ts";
import { type Body, type HeaderFields, counting, describeWebhooks, operatorLog, refusalOf, ROOT } from "./place.ts";

const handler = createWebhookHandler();

const post = (body?: Body, headers: HeaderFields = {}, url = `${ROOT}t`): Request =>
  new Request(url, { method: "POST", headers, ...(body !== undefined && { body }) });

/** Everything that a stranger sees. */
async function seen(response: Response): Promise<unknown> {
  return [response.status, response.statusText, [...response.headers], await response.text()];
}

/** A body that fails when anything reads it. */
function untouchable(): Body {
  return new ReadableStream(
    {
      pull() {
        throw new Error("The body was read");
      },
    },
    { highWaterMark: 0 },
  );
}

const streamed = (url: string, body: Body): Request =>
  new Request(url, { method: "POST", body, duplex: "half" } as RequestInit);

describeWebhooks("the webhook handler", (placeIn) => {
  test("stores the request as it was sent, and answers 202 [01-1.8.default] [02-2.5.durable] [06-6.7.request]", async (context) => {
    const place = await placeIn(context);
    const run = await place.webhook("t");
    const body = crypto.getRandomValues(new Uint8Array(1000));
    const headers = { "content-type": "application/x-thing", "x-two": "1, 2" };
    const response = await handler(post(body, headers, `${ROOT}t?a=1&a=2`));
    expect(await seen(response)).toEqual([202, "Accepted", [], ""]);
    const [request] = await place.requests(run);
    expect(request).toMatchObject({ method: "POST", url: `${ROOT}t?a=1&a=2` });
    expect(Object.fromEntries(request!.headers)).toEqual(headers);
    expect(new Uint8Array(await request!.arrayBuffer())).toEqual(body);
  });

  test.for(["GET", "HEAD", "OPTIONS", "DELETE", "PATCH", "PUT", "PROPFIND"])("takes %s", async (method, context) => {
    const place = await placeIn(context);
    const run = await place.webhook("t");
    expect((await handler(new Request(`${ROOT}t`, { method }))).status).toBe(202);
    const [request] = await place.requests(run);
    expect([request?.method, await request?.text()]).toEqual([method, ""]);
  });

  test("below any base path, with any token", async (context) => {
    const place = await placeIn(context);
    const token = "a/b?c#d é%2F";
    const run = await place.webhook(token);
    const url = `http://localhost/shop/.well-known/workflow/v1/webhook/${encodeURIComponent(token)}`;
    expect((await handler(post("x", {}, url))).status).toBe(202);
    expect(await place.requests(run)).toHaveLength(1);
  });

  test("a webhook that has a response always gives that one [01-1.8.static]", async (context) => {
    const place = await placeIn(context);
    const bytes = Uint8Array.of(0, 255, 10);
    const respond = {
      status: 418,
      statusText: "Teapot",
      headers: [
        ["set-cookie", "a=1"],
        ["set-cookie", "b=2"],
        ["x-a", "b"],
      ],
      body: Buffer.from(bytes).toString("base64"),
    } as const;
    const run = await place.webhook("t", { webhook: { respond } });
    for (const n of [1, 2]) {
      const response = await handler(post(`${n}`));
      expect([response.status, response.statusText, [...response.headers]]).toEqual([418, "Teapot", respond.headers]);
      expect(new Uint8Array(await response.arrayBuffer())).toEqual(bytes);
    }
    expect(await place.requests(run)).toHaveLength(2);
    const head = await handler(new Request(`${ROOT}t`, { method: "HEAD" }));
    expect(await seen(head)).toEqual([418, "Teapot", respond.headers, ""]);
  });

  test("all that is no active webhook looks the same, costs one read, and no body is read [02-2.5.not-a-webhook]", async (context) => {
    const place = await placeIn(context);
    const gone = {
      disposed: {},
      ended: {},
      expired: { expiresAt: place.clock.now() + 1000 },
      plain: { isWebhook: false },
    };
    for (const [token, data] of Object.entries(gone)) {
      const run = await place.webhook(token, data);
      if (token === "disposed") await run.commit(hookDisposed("hook_disposed"));
      if (token === "ended") await run.commit(completed);
    }
    place.clock.advance(1000);
    const { world, calls } = counting(place.world);
    setWorld(world);
    const expected = [
      404,
      "",
      [["content-type", "application/json"]],
      '{"error":"There is no such webhook","code":"HOOK_NOT_FOUND"}',
    ];
    for (const token of [...Object.keys(gone), "unknown"]) {
      expect(await seen(await handler(streamed(`${ROOT}${token}`, untouchable())))).toEqual(expected);
      expect(calls.splice(0)).toEqual(["hooks.getByToken"]);
    }
    for (const url of [`${ROOT}%zz`, `${ROOT}t/more`, ROOT, "http://localhost/"]) {
      expect(await seen(await handler(streamed(url, untouchable())))).toEqual(expected);
      expect(calls.splice(0)).toEqual([]);
    }
  });

  test("a token that an ended run keeps is no webhook any more", async (context) => {
    const place = await placeIn(context);
    const run = await place.webhook("t", { tokenRetentionUntil: place.clock.now() + 1000 });
    expect((await handler(post())).status).toBe(202);
    await run.commit(completed);
    expect(await place.world.hooks.getByToken("t")).toMatchObject({ runId: run.runId });
    expect((await handler(streamed(`${ROOT}t`, untouchable()))).status).toBe(404);
  });

  test("bodies over the limit get 413 as soon as that is known, and nothing is stored", async (context) => {
    const place = await placeIn(context);
    const run = await place.webhook("t");
    const small = createWebhookHandler({ bodyLimit: 4 });
    const announced = streamed(`${ROOT}t`, untouchable());
    announced.headers.set("content-length", "5");
    let pulls = 0;
    const endless = new ReadableStream({
      pull(controller) {
        pulls += 1;
        controller.enqueue(Uint8Array.of(1, 2, 3));
      },
    });
    for (const request of [announced, streamed(`${ROOT}t`, endless), post("12345")]) {
      const response = await small(request);
      expect(await refusalOf(response)).toEqual([413, "WEBHOOK_BODY_TOO_LARGE"]);
    }
    expect(pulls).toBeLessThan(5);
    expect(await place.requests(run)).toEqual([]);
    expect((await small(post("1234"))).status).toBe(202);
    expect(await place.requests(run)).toHaveLength(1);
  });

  test("a body that the app's server cuts off as too large is answered with 413", async (context) => {
    const place = await placeIn(context);
    const run = await place.webhook("t");
    const cutOff = new ReadableStream({
      pull(controller) {
        controller.error(Object.assign(new Error("Payload Too Large"), { status: 413 }));
      },
    });
    const response = await handler(streamed(`${ROOT}t`, cutOff));
    expect(await refusalOf(response)).toEqual([413, "WEBHOOK_BODY_TOO_LARGE"]);
    expect(await place.requests(run)).toEqual([]);
  });

  test("10 MB are taken by default, and not a byte more", { timeout: 60_000 }, async (context) => {
    const place = await placeIn(context);
    await place.webhook("t");
    expect((await handler(post(new Uint8Array(10_000_001)))).status).toBe(413);
    expect((await handler(post(new Uint8Array(10_000_000)))).status).toBe(202);
  });

  test("a body that was read before is the server's mistake: the caller and the operator are told", async (context) => {
    const place = await placeIn(context);
    const run = await place.webhook("t");
    const log = operatorLog();
    const request = post("x");
    await request.text();
    const response = await handler(request);
    expect([response.status, await response.json()]).toEqual([
      500,
      { code: "WEBHOOK_BODY_CONSUMED", error: expect.stringContaining("before every body parser") },
    ]);
    expect(log).toEqual([expect.stringMatching(/^\[workflow\] .*before every body parser.*WEBHOOK_BODY_CONSUMED/s)]);
    expect(await place.requests(run)).toEqual([]);
  });

  test("what goes wrong inside is logged and not shown", async (context) => {
    const place = await placeIn(context);
    await place.webhook("t");
    const log = operatorLog();
    setWorld(
      withFaults(place.world, ({ write }) => {
        if (write === "deliver") throw new WorkflowWorldError("WORLD_FAILED", "disk /secret is full");
      }),
    );
    const response = await handler(post("x"));
    expect([response.status, await response.text()]).toEqual([500, expect.not.stringContaining("secret")]);
    expect(log).toEqual([expect.stringMatching(/^\[workflow\] .*disk \/secret is full/)]);
  });

  test("who hangs up while sending leaves nothing", async (context) => {
    const place = await placeIn(context);
    const run = await place.webhook("t");
    const log = operatorLog();
    const caller = new AbortController();
    const body = new ReadableStream({
      pull(controller) {
        caller.abort();
        controller.error(caller.signal.reason);
      },
    });
    const init = { method: "POST", body, duplex: "half", signal: caller.signal };
    expect((await handler(new Request(`${ROOT}t`, init as RequestInit))).status).toBe(499);
    expect([await place.requests(run), log]).toEqual([[], []]);
  });
});

test.each([
  [{ bodyLimit: -1 }, "bodyLimit"],
  [{ bodyLimit: Number.NaN }, "bodyLimit"],
  [{ bodyLimit: 25_000_001 }, "25000000"],
  [{ responseTimeout: 0 }, "responseTimeout"],
  [{ responseTimeout: Infinity }, "responseTimeout"],
])("%o is refused", (options, named) => {
  expect(() => createWebhookHandler(options)).toThrow(
    expect.objectContaining({ code: "INVALID_ARGUMENT", message: expect.stringContaining(named) }),
  );
});
