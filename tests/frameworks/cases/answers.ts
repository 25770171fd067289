import assert from "node:assert/strict";
import type { Client } from "../client.ts";
import { approve, collect, outcomeOf, placeOrder, webhookOf } from "../orders.ts";

/** What has to hold while nothing goes wrong. */
export const ANSWERS: Readonly<Record<string, (client: Client) => Promise<void>>> = {
  "an order is approved, charged on the second attempt, and collected": wholeOrder,
  "a stream is sent while it is written, and again from its beginning": streams,
  "an order that is not approved ends without a charge": rejectedOrder,
  "a webhook takes bytes as they were sent, and answers with those of the step": webhookBytes,
  "a webhook takes a form of another site": foreignForm,
  "the other addresses of the engine are its own, too, and answer nothing unless they were allowed": closed,
  "what is not there is answered with 404": unknown,
};

async function wholeOrder(client: Client): Promise<void> {
  const runId = await placeOrder(client, "lamp", 12.5);
  assert.deepEqual(await client.show(runId), { status: 200, body: { status: "running" } });
  await approve(client, runId);
  assert.equal(await collect(client, await webhookOf(client, runId), "Ada"), "Ada collects: lamp\n");
  const outcome = { item: "lamp", amount: 12.5, approved: true, chargedOnAttempt: 2, carrier: "Ada" };
  assert.deepEqual(await outcomeOf(client, runId), outcome);
}

/** A framework would answer otherwise. */
async function closed(client: Client): Promise<void> {
  for (const [method, path] of [
    ["POST", "wake"],
    ["GET", "manifest.json"],
  ] as const) {
    const response = await client.send(`/.well-known/workflow/v1/${path}`, { method });
    const { code } = (await response.json().catch(() => ({}))) as { readonly code?: unknown };
    assert.deepEqual([path, response.status, code], [path, 404, "HOOK_NOT_FOUND"]);
  }
}

async function streams(client: Client): Promise<void> {
  const runId = await placeOrder(client, "chair");
  // It is read while the run waits: what is there has come before the end of the answer.
  const whole = client.follow(runId);
  await approve(client, runId);
  const webhook = await webhookOf(client, runId);
  await collect(client, webhook, "Bob");
  const lines = [
    { now: "waiting for approval" },
    { now: "charging", attempt: 1 },
    { now: "charging", attempt: 2 },
    { now: "waiting for a carrier", webhook },
    { now: "collected" },
  ];
  assert.deepEqual(await whole, lines);
  assert.deepEqual(await client.follow(runId), lines);
}

async function rejectedOrder(client: Client): Promise<void> {
  const runId = await placeOrder(client, "table");
  assert.deepEqual(await client.decide(runId, false), { status: 200, body: { runId } });
  assert.deepEqual(await outcomeOf(client, runId), { item: "table", amount: 3, approved: false });
  assert.deepEqual(await client.follow(runId), [{ now: "waiting for approval" }]);
}

/** Valid JSON that no serializer would write: whoever parses and prints it on the way is found out. */
const ODD_JSON = '{ "carrier" :\t"Zoë",\r\n "carrier": 1.0e2 }\n';

async function webhookBytes(client: Client): Promise<void> {
  const runId = await placeOrder(client, "Schüssel");
  await approve(client, runId);
  const webhook = await webhookOf(client, runId);
  const headers = { "content-type": "application/json; charset=utf-8" };
  const response = await client.send(webhook, { method: "PUT", headers, body: ODD_JSON });
  assert.equal(response.status, 201);
  assert.equal(response.headers.get("content-type")?.toLowerCase().replace(" ", ""), "text/plain;charset=utf-8");
  assert.equal(
    Buffer.from(await response.arrayBuffer()).toString("hex"),
    Buffer.from(`${ODD_JSON} collects: Schüssel\n`).toString("hex"),
  );
  const { carrier } = (await outcomeOf(client, runId)) as { carrier: string };
  assert.equal(carrier, ODD_JSON);
  assert.equal((await client.send(webhook, { method: "POST" })).status, 404);
}

/** Frameworks refuse them where they protect their own forms. */
async function foreignForm(client: Client): Promise<void> {
  const runId = await placeOrder(client, "shelf");
  await approve(client, runId);
  const headers = { "content-type": "application/x-www-form-urlencoded", origin: "https://carrier.example" };
  const body = "name=Fay+%26+sons&name=%C3%A9";
  const response = await client.send(await webhookOf(client, runId), { method: "POST", headers, body });
  assert.equal(response.status, 201, await response.text());
  assert.equal(((await outcomeOf(client, runId)) as { carrier: string }).carrier, body);
}

async function unknown(client: Client): Promise<void> {
  const run = await client.show("wrun_00000000000000000000000000");
  assert.equal(run.status, 404);
  assert.equal(typeof run.body["error"], "string", JSON.stringify(run.body));
  const approval = await client.decide("wrun_00000000000000000000000000", true);
  assert.equal(approval.status, 404);
  const webhook = await client.send("/.well-known/workflow/v1/webhook/nobody", { method: "POST", body: "x" });
  assert.equal(webhook.status, 404);
  assert.equal(((await webhook.json()) as { code?: string }).code, "HOOK_NOT_FOUND");
}
