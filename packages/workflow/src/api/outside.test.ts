import { expect, expectTypeOf, test } from "vitest";
import { createWebhook, type RequestWithResponse, type Webhook } from "workflow";

test("createWebhook works in workflow code only [03-3.4.workflow-only]", () => {
  expect(() => createWebhook()).toThrow('createWebhook() works only in the body of a "use workflow" function');
});

test("what a webhook gives depends on how it answers", () => {
  const of = {
    none: () => createWebhook(),
    empty: () => createWebhook({}),
    fixed: () => createWebhook({ respondWith: new Response("x"), metadata: { a: 1 }, expiresIn: "1h" }),
    manual: () => createWebhook({ respondWith: "manual", verify: { scheme: "github", secret: "SECRET" } }),
    // @ts-expect-error -- the token is always a generated one
    token: () => createWebhook({ token: "mine" }),
    // @ts-expect-error -- it always is a webhook
    isWebhook: () => createWebhook({ isWebhook: true }),
    // @ts-expect-error -- nobody else can want its token
    retention: () => createWebhook({ experimental_minRetention: "1d" }),
    // @ts-expect-error -- neither a response nor manual
    other: () => createWebhook({ respondWith: "automatic" }),
  };
  expectTypeOf(of.none).returns.toEqualTypeOf<Webhook<Request>>();
  expectTypeOf(of.empty).returns.toEqualTypeOf<Webhook<Request>>();
  expectTypeOf(of.fixed).returns.toEqualTypeOf<Webhook<Request>>();
  expectTypeOf(of.manual).returns.toEqualTypeOf<Webhook<RequestWithResponse>>();
  expectTypeOf<Awaited<ReturnType<typeof of.manual>>>().toEqualTypeOf<RequestWithResponse>();
  expectTypeOf<Webhook["url"]>().toEqualTypeOf<string>();
});
