import assert from "node:assert/strict";
import type { Client, Progress } from "./client.ts";
import { until } from "./until.ts";

/** Places an order and resolves with its run's id once it waits for the approval. */
export async function placeOrder(client: Client, item: string, amount = 3): Promise<string> {
  const { status, body } = await client.place(item, amount);
  assert.equal(status, 202, `an order was answered with ${status}: ${JSON.stringify(body)}`);
  const runId = String(body["runId"]);
  assert.match(runId, /^wrun_\w+$/);
  await follow(client, runId, ({ now }) => now === "waiting for approval");
  return runId;
}

export async function approve(client: Client, runId: string): Promise<void> {
  assert.deepEqual(await client.decide(runId, true), { status: 200, body: { runId } });
}

/** Waits for the first line of the stream that is wanted. @throws when the stream ends without it. */
export async function follow(client: Client, runId: string, isWanted: (line: Progress) => boolean): Promise<Progress> {
  const lines = await client.follow(runId, isWanted);
  const line = lines.find(isWanted);
  assert.ok(line !== undefined, `the stream ended without the line: ${JSON.stringify(lines)}`);
  return line;
}

/** Waits until the run waits for the carrier, and tells the URL that the carrier is to call. */
export async function webhookOf(client: Client, runId: string): Promise<string> {
  const { webhook } = await follow(client, runId, ({ webhook: url }) => url !== undefined);
  return String(webhook);
}

/** A carrier who says a name, and hears the answer of the run. */
export async function collect(client: Client, webhook: string, carrier: string): Promise<string> {
  const response = await client.send(webhook, { method: "POST", body: carrier });
  const text = await response.text();
  assert.equal(response.status, 201, `the webhook was answered with ${response.status}: ${text}`);
  return text;
}

/** What came of an order. @throws when its run ended in another way. */
export async function outcomeOf(client: Client, runId: string): Promise<unknown> {
  const { body } = await until(`${runId} has ended`, async () => {
    const reply = await client.show(runId);
    return ["pending", "running"].includes(String(reply.body["status"])) ? undefined : reply;
  });
  assert.equal(body["status"], "completed", JSON.stringify(body));
  return body["output"];
}
