import { createHmac } from "node:crypto";
import { afterEach, expect, test, vi } from "vitest";
import { createWebhookHandler } from "workflow/http";
import { type HeaderFields, asStep, describeWebhooks, operatorLog, type Place, ROOT } from "./place.ts";

const handler = createWebhookHandler();

const post = (headers: HeaderFields = {}, body = "x"): Request =>
  new Request(`${ROOT}t`, { method: "POST", headers, body });

const LONG = "k".repeat(300);

describeWebhooks("requests that are sent again", (placeIn) => {
  test.for([
    [{ "idempotency-key": "k" }, { "Idempotency-Key": "k", "webhook-id": "other" }],
    [{ "webhook-id": "k" }, { "webhook-id": "k" }],
    [{ "webhook-id": "k" }, { "idempotency-key": "k" }],
    [{ "idempotency-key": LONG }, { "idempotency-key": LONG }],
  ])("%o and %o are one", async ([first, second], context) => {
    const place = await placeIn(context);
    const run = await place.webhook("t");
    const callers = [first, second, first, second].map((headers) => handler(post(headers as HeaderFields)));
    expect((await Promise.all(callers)).map(({ status }) => status)).toEqual([202, 202, 202, 202]);
    expect(await place.requests(run)).toHaveLength(1);
  });

  test.for([
    [{}, {}],
    [{ "idempotency-key": "a" }, { "idempotency-key": "b" }],
    [{ "idempotency-key": "" }, { "idempotency-key": "" }],
    [{ "idempotency-key": `${LONG}a` }, { "idempotency-key": `${LONG}b` }],
  ])("%o and %o are two", async ([first, second], context) => {
    const place = await placeIn(context);
    const run = await place.webhook("t");
    for (const headers of [first, second]) await handler(post(headers as HeaderFields));
    expect(await place.requests(run)).toHaveLength(2);
  });

  test("they get the answer of the first, whenever they come", async (context) => {
    const place = await placeIn(context);
    const run = await place.webhook("t", { webhook: { respond: "manual" } });
    const callers = [1, 2, 3].map(() => handler(post({ "idempotency-key": "k" })));
    const request = await place.firstRequest(run);
    await asStep(run.runId, () => request.respondWith(new Response("one")));
    callers.push(handler(post({ "idempotency-key": "k" })));
    for (const caller of callers) expect(await (await caller).text()).toBe("one");
    expect(await place.requests(run)).toHaveLength(1);
  });
});

describeWebhooks("requests that must be signed", (placeIn) => {
  afterEach(() => vi.unstubAllEnvs());

  const signed = (body: string, secret = "s3cret"): HeaderFields => ({
    "x-sign": createHmac("sha256", secret).update(body).digest("hex"),
  });

  async function verified(place: Place): Promise<Awaited<ReturnType<Place["webhook"]>>> {
    vi.stubEnv("TEST_SECRET", "s3cret");
    const verify = { scheme: "hmac", secret: "TEST_SECRET", header: "x-sign" } as const;
    return place.webhook("t", { webhook: { respond: "accepted", verify } });
  }

  test("are stored with the right signature, once, whatever else their headers say", async (context) => {
    const place = await placeIn(context);
    const run = await verified(place);
    for (const key of ["1", "2"]) {
      expect((await handler(post({ ...signed("x"), "idempotency-key": key }))).status).toBe(202);
    }
    expect(await place.requests(run)).toHaveLength(1);
  });

  test.for([
    ["no signature", {}],
    ["a wrong one", signed("y")],
    ["one of somebody else", signed("x", "other")],
  ])("with %s get 401; nothing is stored, and only the operator learns why", async ([, headers], context) => {
    const place = await placeIn(context);
    const run = await verified(place);
    const log = operatorLog();
    const response = await handler(post(headers as HeaderFields));
    expect([response.status, await response.json()]).toEqual([
      401,
      { error: "The signature of the request is missing or not right", code: "WEBHOOK_NOT_VERIFIED" },
    ]);
    expect(await place.requests(run)).toEqual([]);
    expect(log).toEqual([
      expect.stringMatching(new RegExp(`^\\[workflow\\] .*hook_t of run ${run.runId}.* refused: .`)),
    ]);
  });

  test("get 401 where the process does not have the secret, and the operator is told its name", async (context) => {
    const place = await placeIn(context);
    await verified(place);
    vi.stubEnv("TEST_SECRET", undefined);
    const log = operatorLog();
    expect((await handler(post(signed("x")))).status).toBe(401);
    expect(log).toEqual([expect.stringContaining("TEST_SECRET")]);
  });
});
