import { expect, test, vi } from "vitest";
import { getHookByToken, resumeHook, start } from "workflow/api";
import { createWebhookHandler } from "workflow/http";
import { requestValue } from "../../packages/workflow/src/serialization/serialize.ts";
import { deploy, realmCode, workflow } from "../support/engine.ts";
import { describeEngine, eventTypes, untilEvent } from "../support/scenario.ts";

/** Here `resumeHook` plays the endpoint that takes requests: it stores what that one would. */
const requestWith = (text: string): object =>
  requestValue({
    method: "POST",
    url: "http://a.test/hook?x=1",
    headers: [["content-type", "text/plain"]],
    body: new TextEncoder().encode(text),
    answerTo: text,
  });

describeEngine("webhooks", ({ openWorld, startEngine }) => {
  test("the settings are recorded with the hook, the requests are its payloads, their bodies need no step [01-1.8.iterate]", async () => {
    deploy(
      realmCode(
        [],
        `workflow("main", async () => {
          const webhook = createWebhook({ respondWith: new Response("ok"), verify: { scheme: "github", secret: "S" } });
          const texts = [];
          for await (const request of webhook) { texts.push(await request.text()); if (texts.length === 2) return texts; }
        });`,
      ),
    );
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"), []);
    await untilEvent(world, run.runId, "hook_created");
    const created = (await world.events.list({ runId: run.runId })).data.find(
      (event) => event.eventType === "hook_created",
    );
    const data = created?.eventData as { token: string };
    expect(data).toMatchObject({
      isWebhook: true,
      webhook: { respond: { status: 200, body: "b2s=" }, verify: { scheme: "github", secret: "S" } },
    });
    expect(await getHookByToken(data.token)).toMatchObject({ isWebhook: true });
    await resumeHook(data.token, requestWith("one"));
    await resumeHook(data.token, requestWith("two"));
    expect(await run.returnValue).toEqual(["one", "two"]);
    expect(await eventTypes(world, run.runId)).not.toContain("step_created");
  });

  test("what a live run has that is no webhook, or no more, is found as little as what nobody has", async () => {
    deploy(
      realmCode(
        [],
        `workflow("main", async () => {
          const webhook = createWebhook();
          const plain = createHook({ token: "plain" });
          await webhook;
          webhook.dispose();
          await plain;
        });`,
      ),
    );
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"), []);
    await untilEvent(world, run.runId, "hook_created");
    const { data } = await world.hooks.list({ runId: run.runId });
    const token = data.find(({ isWebhook }) => isWebhook)?.token ?? "";
    const handler = createWebhookHandler();
    const requestTo = (to: string): Request =>
      new Request(`http://a.test/.well-known/workflow/v1/webhook/${to}`, { method: "POST", body: "x" });
    expect((await handler(requestTo(token))).status).toBe(202);
    await untilEvent(world, run.runId, "hook_disposed");
    const reads = vi.spyOn(world.hooks, "getByToken");
    for (const request of [requestTo(token), requestTo("plain"), requestTo("unknown")]) {
      expect((await handler(request)).status).toBe(404);
      expect(request.bodyUsed).toBe(false);
    }
    // As many for each, so that time tells nobody which there are.
    expect(reads).toHaveBeenCalledTimes(3);
    await resumeHook("plain", null);
    await run.returnValue;
  });

  test("a step gets the platform's Request, with the body that the workflow read, and gives a Response back [06-6.1.http] [06-6.3.web] [06-6.7.request] [06-6.7.response]", async () => {
    deploy(
      realmCode(
        ["work"],
        `workflow("main", async () => {
          const webhook = createWebhook({ respondWith: "manual" });
          const request = await webhook;
          const response = await work(request, await request.text());
          return [response instanceof Response, response.status, await response.text()];
        });`,
      ),
      {
        work: async (given: unknown, text: unknown) => {
          const request = given as Request;
          return new Response(null, {
            status:
              request instanceof Request && (await request.text()) === text && "respondWith" in request ? 204 : 500,
          });
        },
      },
    );
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"), []);
    await untilEvent(world, run.runId, "hook_created");
    const [hook] = (await world.hooks.list({ runId: run.runId })).data;
    await resumeHook(hook?.token ?? "", requestWith("{}"));
    expect(await run.returnValue).toEqual([true, 204, ""]);
  });

  test("a worker that begins anew replays requests that were read [06-6.1.once]", async () => {
    deploy(
      realmCode(
        ["hold"],
        `workflow("main", async () => {
          const webhook = createWebhook();
          const first = await webhook;
          const text = await first.text();
          await hold(first);
          const second = await webhook;
          return [webhook.url, text, await second.text(), await first.text().catch((error) => error.name)];
        });`,
      ),
      { hold: async () => {} },
    );
    const world = await openWorld();
    const engine = await startEngine({ world });
    const run = await start(workflow("main"), []);
    await untilEvent(world, run.runId, "hook_created");
    const [hook] = (await world.hooks.list({ runId: run.runId })).data;
    const token = hook?.token ?? "";
    await resumeHook(token, requestWith("one"));
    await untilEvent(world, run.runId, "step_completed");
    await engine.stop();
    await startEngine({ world });
    await resumeHook(token, requestWith("two"));
    expect(await run.returnValue).toEqual([
      `http://localhost:3000/.well-known/workflow/v1/webhook/${token}`,
      "one",
      "two",
      "TypeError",
    ]);
  });

  test("a hook that says so is reached by the endpoint, under the token that it chose [01-1.6.is-webhook]", async () => {
    deploy(
      realmCode(
        [],
        `workflow("main", async () => {
          const request = await createHook({ token: "public", isWebhook: true });
          return [request instanceof Request, request.method, await request.text()];
        });`,
      ),
    );
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"), []);
    await untilEvent(world, run.runId, "hook_created");
    const url = "http://a.test/.well-known/workflow/v1/webhook/public";
    expect((await createWebhookHandler()(new Request(url, { method: "PUT", body: "x" }))).status).toBe(202);
    expect(await run.returnValue).toEqual([true, "PUT", "x"]);
  });
});
