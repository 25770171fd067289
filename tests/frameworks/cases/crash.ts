import assert from "node:assert/strict";
import { type App, startApp } from "../app.ts";
import { type Client, createClient } from "../client.ts";
import { COMMANDS } from "../commands.ts";
import { inspectEvents, resultOfCharge } from "../inspect.ts";
import { approve, collect, follow, outcomeOf, placeOrder, webhookOf } from "../orders.ts";
import type { Place } from "../place.ts";
import { until } from "../until.ts";

/** What the app knows when it is killed: a run that waits for its approval, one for its carrier, and one to try again. */
interface Parked {
  readonly approval: string;
  readonly carrier: { readonly runId: string; readonly webhook: string };
  readonly retry: string;
}

/**
 * The app is killed while runs wait, and started again. The run that was to be tried again goes on before any request
 * has reached the app; all of them end, once.
 */
export async function survivesKill(place: Place, port: number): Promise<void> {
  const parked = await parkAndKill(place, port);
  await using app = await startApp(COMMANDS.start, place, port);
  await until("the step that was to be tried again has a result, without a request to the app", () =>
    resultOfCharge(place, parked.retry),
  );
  const client = createClient(app.origin);
  await finish(client, parked);
  for (const runId of [parked.approval, parked.carrier.runId, parked.retry]) {
    await hasOneOfEach(place, runId);
    assert.equal((await client.decide(runId, true)).status, 404, "a run that has ended takes no approval");
  }
}

async function parkAndKill(place: Place, port: number): Promise<Parked> {
  await using app: App = await startApp(COMMANDS.start, place, port);
  const client = createClient(app.origin);
  const approval = await placeOrder(client, "waits for its approval");
  const runId = await placeOrder(client, "waits for its carrier");
  await approve(client, runId);
  const webhook = await webhookOf(client, runId);
  const retry = await placeOrder(client, "waits to be tried again");
  // Its first attempt writes this and throws. The second comes 100 ms later, unless the process is gone.
  const charging = follow(client, retry, ({ now }) => now === "charging");
  const approved = approve(client, retry).catch(() => undefined);
  await charging;
  await app.kill();
  await approved;
  return { approval, carrier: { runId, webhook }, retry };
}

async function finish(client: Client, { approval, carrier, retry }: Parked): Promise<void> {
  assert.equal(await collect(client, carrier.webhook, "Cleo"), "Cleo collects: waits for its carrier\n");
  await approve(client, approval);
  await collect(client, await webhookOf(client, approval), "Dora");
  await collect(client, await webhookOf(client, retry), "Emil");
  const order = { amount: 3, approved: true };
  assert.deepEqual(await outcomeOf(client, carrier.runId), {
    ...order,
    item: "waits for its carrier",
    chargedOnAttempt: 2,
    carrier: "Cleo",
  });
  assert.deepEqual(await outcomeOf(client, approval), {
    ...order,
    item: "waits for its approval",
    chargedOnAttempt: 2,
    carrier: "Dora",
  });
  // An attempt may have died with the process; it counts.
  const { chargedOnAttempt, ...outcome } = (await outcomeOf(client, retry)) as { chargedOnAttempt: number };
  assert.deepEqual(outcome, { ...order, item: "waits to be tried again", carrier: "Emil" });
  assert.ok(chargedOnAttempt === 2 || chargedOnAttempt === 3, `charged on attempt ${chargedOnAttempt}`);
}

/** One end, one result of each step, and one payload of each hook. */
async function hasOneOfEach(place: Place, runId: string): Promise<void> {
  const results = (await inspectEvents(place, runId)).filter(({ eventType }) => ONCE.has(eventType));
  assert.deepEqual(results.map(({ eventType }) => eventType).toSorted(), [
    // The approval, and the request of the carrier.
    "hook_received",
    "hook_received",
    "run_completed",
    // Two that tell how far the order is, the charge, and the answer to the carrier.
    "step_completed",
    "step_completed",
    "step_completed",
    "step_completed",
  ]);
  const subjects = new Set(results.map(({ eventType, correlationId }) => `${eventType} ${correlationId}`));
  assert.equal(subjects.size, results.length);
}

const ONCE: ReadonlySet<string> = new Set(["hook_received", "run_completed", "step_completed"]);
