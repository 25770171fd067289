import { expect, test } from "vitest";
import { withWebhooks } from "./with-webhooks.ts";

const server = withWebhooks({
  name: "app",
  fetch: (request: Request, ...rest: readonly unknown[]) => Response.json([request.url, ...rest]),
});

test("a server answers the addresses of webhooks, and what it did before", async () => {
  const webhook = await server.fetch(new Request("http://localhost/base/.well-known/workflow/v1/webhook/"));
  expect([webhook.status, await webhook.json()]).toEqual([404, expect.objectContaining({ code: "HOOK_NOT_FOUND" })]);
  const page = await server.fetch(new Request("http://localhost/page"), "context");
  expect(await page.json()).toEqual(["http://localhost/page", "context"]);
  expect(server.name).toBe("app");
});
