import { createHash } from "node:crypto";
import { afterEach, expect, test } from "vitest";
import { deserialize, requestValue, serialize } from "../../serialization/serialize.ts";
import type { StoredEvent, Verification } from "../../world/events.ts";
import type { Command } from "../boundary.ts";
import { createRealm } from "../create-realm.ts";

const RUN = {
  runId: "wrun_1",
  workflowName: "workflow//./t//main",
  seed: "00112233445566778899aabbccddeeff",
  generation: 0,
  createdAt: 1_000,
};
const handles = {
  step: () => () => {},
  workflow: () => () => {},
  run: () => undefined,
  class: () => undefined,
  respond: () => Promise.resolve(),
  stream: () => ({}),
  signal: (data: object) => data,
  controller: (signal: object) => ({ signal }),
};
const pay = (value: unknown): string => serialize(value, { what: "hook payload", of: "test" });

type Hook = Extract<Command, { type: "hook" }>;

/** What a workflow with this body asks for first, and then after each payload for its only hook. */
function asks(body: string, ...payloads: unknown[]): Command[][] {
  const source = `
    const { createHook, createWebhook } = __workflow.modules.workflow;
    const look = __workflow.step("look");
    __workflow.workflow("${RUN.workflowName}", async () => {${body}});`;
  const hash = createHash("sha256").update(source).digest("hex");
  const instance = createRealm({ hash, source, map: "" }, { timeLimitMs: 1_000, onLog: () => {} }).instantiate(RUN);
  const enter = (event: object): Command[] => [
    ...instance.enter({ turn: 1, position: 1, at: 1_000, data: {}, ...event } as StoredEvent, false),
  ];
  enter({ type: "run_created", payload: pay([]) });
  const first = enter({ type: "run_started" });
  const hook = first.find((command) => command.type === "hook");
  return [
    first,
    ...payloads.map((value) => enter({ type: "hook_received", correlationId: hook?.id, payload: pay(value) })),
  ];
}

function hooksOf(body: string): Hook[] {
  return (asks(body)[0] ?? []).filter((command) => command.type === "hook");
}

/** What the run ended with. */
function result(body: string, ...payloads: unknown[]): unknown {
  const end = asks(body, ...payloads)
    .flat()
    .at(-1);
  if (end?.type === "complete") return deserialize(end.output, handles);
  throw end?.type === "fail" ? deserialize(end.error, handles) : new Error(`the run does not end: ${end?.type}`);
}

afterEach(() => {
  delete process.env["WORKFLOW_LOCAL_BASE_URL"];
});

test("a webhook is a hook with a generated token that callers of its address reach [01-1.8.url] [01-1.8.token]", () => {
  process.env["WORKFLOW_LOCAL_BASE_URL"] = "https://a.test/app/";
  const [[command] = []] = asks(`const webhook = createWebhook({ metadata: { a: 1 } }); await webhook`);
  expect(command).toMatchObject({ type: "hook", isWebhook: true, webhook: { respond: "accepted" } });
  const { id, token, metadata } = command as Hook;
  expect(id).toMatch(/^hook_[0-9A-Z]{26}$/);
  expect(token).toMatch(/^[0-9a-z]{26}$/);
  expect(deserialize(metadata ?? "", handles)).toEqual({ a: 1 });
  expect(result(`const { url, token } = createWebhook(); return { url, token }`)).toEqual({
    url: `https://a.test/app/.well-known/workflow/v1/webhook/${token}`,
    token,
  });
});

test("webhooks have other ids and tokens than each other and than hooks, whatever else the run creates", () => {
  const [first, second] = hooksOf(`createWebhook(); createWebhook(); await createHook()`);
  expect(hooksOf(`createHook(); createHook({ token: "webhook" }); await createWebhook()`).at(-1)).toEqual(first);
  const all = hooksOf(`createWebhook(); createWebhook(); createHook(); createHook(); await createHook()`);
  expect(all.slice(0, 2)).toEqual([first, second]);
  expect(new Set(all.map(({ id }) => id)).size).toBe(5);
  expect(new Set(all.map(({ token }) => token)).size).toBe(5);
});

test("respondWith: manual, or a response with its bytes", () => {
  const settings = (options: string): unknown => hooksOf(`await createWebhook(${options})`)[0]?.webhook;
  expect(settings(`{ respondWith: "manual" }`)).toEqual({ respond: "manual" });
  expect(
    settings(
      `{ respondWith: undefined, verify: undefined, expiresIn: undefined, metadata: undefined, token: undefined }`,
    ),
  ).toEqual({ respond: "accepted" });
  expect(
    settings(
      `{ respondWith: new Response(Uint8Array.from([0, 255, 10]), { status: 201, statusText: "Made", headers: [["set-cookie", "a"], ["set-cookie", "b"]] }) }`,
    ),
  ).toEqual({
    respond: {
      status: 201,
      statusText: "Made",
      headers: [
        ["set-cookie", "a"],
        ["set-cookie", "b"],
      ],
      body: "AP8K",
    },
  });
  expect(settings(`{ respondWith: new Response(null, { status: 204 }) }`)).toEqual({
    respond: { status: 204, statusText: "", headers: [], body: null },
  });
  expect(settings(`{ respondWith: Response.json({ ok: true }) }`)).toMatchObject({
    respond: { headers: [["content-type", "application/json"]], body: Buffer.from('{"ok":true}').toString("base64") },
  });
});

test.each([
  [`"automatic"`, `"automatic"`],
  ["null", "null"],
  ["200", "200"],
  ["{ status: 200 }", "[object Object]"],
  ["Object.create(null)", "something that cannot be turned into text"],
  ["Response.error()", "Response.error()"],
])("respondWith: %s is refused [01-1.8.invalid] [03-3.6.respond-with]", (value, shown) => {
  const message = `Invalid \`respondWith\` value: ${shown}. Pass a Response, "manual", or nothing for 202 Accepted (INVALID_ARGUMENT)`;
  expect(() => result(`createWebhook({ respondWith: ${value} })`)).toThrow(message);
});

test.each([
  [`token: "mine"`, /takes no `token`: its token is always a generated one.*use createHook\(\).*INVALID_ARGUMENT/],
  [`isWebhook: true`, /takes no `isWebhook`.*INVALID_ARGUMENT/],
  [`experimental_minRetention: "1d"`, /takes no `experimental_minRetention`.*INVALID_ARGUMENT/],
  [`expiresIn: {}`, /expiresIn takes a duration .*INVALID_ARGUMENT/],
  [`expiresIn: "soon"`, /"soon" is not a duration.*INVALID_ARGUMENT/],
  [`metadata: () => {}`, /The hook metadata of \w{26} cannot be serialized/],
])("{ %s } is refused [01-1.8.token]", (options, message) => {
  expect(() => result(`createWebhook({ ${options} })`)).toThrow(message);
});

test("expiresIn counts from the call", () => {
  const expiry = (value: string): unknown => hooksOf(`await createWebhook({ expiresIn: ${value} })`)[0]?.expiresAt;
  expect([expiry(`"2s"`), expiry("500"), expiry("new Date(9000)")]).toEqual([3_000, 1_500, 9_000]);
});

test.each<Verification>([
  { scheme: "standard-webhooks", secret: "A_SECRET" },
  { scheme: "stripe", secret: "_s1", tolerance: 60 },
  { scheme: "slack", secret: "s", tolerance: 0.5 },
  { scheme: "github", secret: "GITHUB" },
  { scheme: "hmac", secret: "S", header: "X-Signature" },
  {
    scheme: "hmac",
    secret: "S",
    header: "x",
    algorithm: "sha512",
    encoding: "base64",
    prefix: "",
    timestampHeader: "X-Time",
    tolerance: 1,
  },
])("requests can be verified by $scheme", (verify) => {
  expect(hooksOf(`await createWebhook({ verify: ${JSON.stringify(verify)} })`)[0]?.webhook).toEqual({
    respond: "accepted",
    verify,
  });
});

test.each([
  [`"stripe"`, "it must be an object with a `scheme` and a `secret`"],
  [`{ secret: "S" }`, "its `scheme` must be one of standard-webhooks, stripe, slack, github, hmac"],
  [`{ scheme: "toString", secret: "S" }`, "its `scheme` must be one of"],
  [`{ scheme: "github" }`, "its `secret` must be the name of an environment variable"],
  [`{ scheme: "github", secret: "" }`, "its `secret` must be"],
  [`{ scheme: "stripe", secret: "whsec_+/=" }`, "its `secret` must be"],
  [`{ scheme: "stripe", secret: "1A" }`, "its `secret` must be"],
  [`{ scheme: "slack", secret: "S", tolerance: 0 }`, "its `tolerance` must be a number of seconds above 0"],
  [`{ scheme: "slack", secret: "S", tolerance: Infinity }`, "its `tolerance` must be"],
  [`{ scheme: "slack", secret: "S", tolerance: "5m" }`, "its `tolerance` must be"],
  [`{ scheme: "github", secret: "S", tolerance: 5 }`, "the scheme github has no `tolerance`"],
  [`{ scheme: "stripe", secret: "S", header: "x" }`, "the scheme stripe has no `header`"],
  [`{ scheme: "hmac", secret: "S" }`, "its `header` must be the name of a header"],
  [`{ scheme: "hmac", secret: "S", header: "a b" }`, "its `header` must be"],
  [
    `{ scheme: "hmac", secret: "S", header: "x", algorithm: "md5" }`,
    "its `algorithm` must be one of sha1, sha256, sha512",
  ],
  [`{ scheme: "hmac", secret: "S", header: "x", encoding: "utf8" }`, "its `encoding` must be one of hex, base64"],
  [`{ scheme: "hmac", secret: "S", header: "x", prefix: 1 }`, "its `prefix` must be"],
  [`{ scheme: "hmac", secret: "S", header: "x", timestampHeader: "" }`, "its `timestampHeader` must be"],
  [`{ scheme: "hmac", secret: "S", header: "x", tolerance: 5 }`, "a `tolerance` needs a `timestampHeader`"],
])("verify: %s is refused", (verify, fault) => {
  const thrown = (): unknown => result(`createWebhook({ verify: ${verify} })`);
  expect(thrown).toThrow(`createWebhook() cannot use its \`verify\`: ${fault}`);
  expect(thrown).not.toThrow("whsec_");
});

test("each payload is a Request of the realm, whose body is there without a step [01-1.8.request] [06-6.1.http]", () => {
  const body = new TextEncoder().encode('{"n":1}');
  const request = requestValue({
    method: "POST",
    url: "http://a/?b",
    headers: [
      ["x-a", "1"],
      ["set-cookie", "a"],
      ["set-cookie", "b"],
    ],
    body,
  });
  const seen = result(
    `for await (const request of createWebhook()) {
       const copy = request.clone();
       return [request instanceof Request, "respondWith" in request, request.method, request.url, [...request.headers], await request.json(), await copy.text(), request.bodyUsed];
     }`,
    request,
  );
  const headers = [
    ["set-cookie", "a"],
    ["set-cookie", "b"],
    ["x-a", "1"],
  ];
  expect(seen).toEqual([true, false, "POST", "http://a/?b", headers, { n: 1 }, '{"n":1}', true]);
});

test("a request goes on into a step, a result or another request with its body, also after it was read", async () => {
  const body = Uint8Array.from({ length: 256 }, (_, index) => index);
  const request = requestValue({
    method: "POST",
    url: "http://a/",
    headers: [["content-type", "x/y"]],
    body,
    answerTo: "r1",
  });
  const [, [step] = []] = asks(
    `const request = await createWebhook(); await request.bytes(); await look(request, new Request("http://b/", { method: "PUT", body: "é" }))`,
    request,
  );
  const { args } = deserialize((step as Extract<Command, { type: "step" }>).input, handles) as { args: Request[] };
  expect(args[0]).toHaveProperty("respondWith");
  expect(await args[0]?.bytes()).toEqual(body);
  expect([args[1]?.method, args[1]?.headers.get("content-type"), await args[1]?.text()]).toEqual([
    "PUT",
    "text/plain;charset=UTF-8",
    "é",
  ]);
  const [copy, made] = result(
    `const request = await createWebhook(); return [new Request(request, { method: "PATCH" }), new Response("x", { status: 404 })]`,
    request,
  ) as [Request, Response];
  expect([copy.method, await copy.bytes()]).toEqual(["PATCH", body]);
  expect([made.status, await made.text()]).toEqual([404, "x"]);
});

test("a class that extends Request does not lose what it is in silence", () => {
  expect(() => result(`return new (class Signed extends Request {})("http://a/")`)).toThrow(
    "it is a Request. Pass what is needed",
  );
});

test("respondWith is for steps: in the body it says so [01-1.8.respond-in-step] [03-3.4.host-only]", () => {
  const request = requestValue({ method: "POST", url: "http://a/", headers: [], body: null, answerTo: "r1" });
  expect(() =>
    result(
      `const request = await createWebhook({ respondWith: "manual" }); await request.respondWith(new Response())`,
      request,
    ),
  ).toThrow(
    'request.respondWith() cannot be called in a workflow body (workflow//./t//main): it would not replay. Call it in a "use step" function',
  );
});
