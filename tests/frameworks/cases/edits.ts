import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { startApp } from "../app.ts";
import { type Client, createClient } from "../client.ts";
import { COMMANDS } from "../commands.ts";
import type { ExampleSettings } from "../examples.ts";
import { resultOfCharge } from "../inspect.ts";
import { approve, collect, follow, outcomeOf, placeOrder, webhookOf } from "../orders.ts";
import type { Place } from "../place.ts";
import { until } from "../until.ts";

/** A text of the file that all examples share, and what becomes of it. */
type Edit = readonly [from: string, to: string];

/** Valid types as well: some development servers take nothing else. */
const BREAK_BANK: readonly Edit[] = [
  ["if (attempt === 1) throw", "if (attempt > 0) throw"],
  ["  return attempt;\n}\n", "  return attempt;\n}\ncharge.maxRetries = 1000;\n"],
];
const MEND_BANK: readonly Edit[] = [["if (attempt > 0) throw", "if (attempt === 1) throw"]];
const SHOUT: readonly Edit[] = [
  [
    "return { item, amount, approved, chargedOnAttempt, carrier };",
    "return { item: item.toUpperCase(), amount, approved, chargedOnAttempt, carrier };",
  ],
];

/** The development server takes edits up by itself: steps for their next attempt, workflows for the next run. */
export async function takesEdits(place: Place, port: number, { devArguments }: ExampleSettings): Promise<void> {
  const args = devArguments?.(port) ?? [];
  const command = args.length === 0 ? COMMANDS.develop : `${COMMANDS.develop} -- ${args.join(" ")}`;
  const original = readFileSync(place.orderFile, "utf8");
  await using app = await startApp(command, place, port);
  const client = createClient(app.origin);

  const parked = await until("the app takes an order", () => placeOrder(client, "parked"));
  edit(place, BREAK_BANK);
  const retried = await until("a step fails as it was edited to", () => orderOnThirdAttempt(client));
  edit(place, MEND_BANK);
  await until("the next attempt is mended, without a request to the app", () => resultOfCharge(place, retried));

  edit(place, SHOUT);
  await until("a new run has the new code", async () => {
    const runId = await placeOrder(client, "new");
    return (await endOf(client, runId)) === "NEW" ? runId : undefined;
  });
  assert.equal(await endOf(client, parked), "parked", "a run keeps the code that it started with");
  assert.equal(await endOf(client, retried), "retried", "a run keeps the code that it started with");
  writeFileSync(place.orderFile, original);
}

/** Undefined when the order went well on the second attempt, as it does by the code before the edit. */
async function orderOnThirdAttempt(client: Client): Promise<string | undefined> {
  const runId = await placeOrder(client, "retried");
  await approve(client, runId);
  const { attempt } = await follow(client, runId, ({ attempt: n = 0, webhook }) => n > 2 || webhook !== undefined);
  return attempt === undefined ? undefined : runId;
}

/** Sees an order through, and tells what its result calls the item. */
async function endOf(client: Client, runId: string): Promise<string> {
  // Answers are lost when the server restarts at that moment. To approve twice changes nothing.
  const webhook = await until(`${runId} is approved`, async () => {
    await client.decide(runId, true);
    return webhookOf(client, runId);
  });
  await until(`${runId} is collected`, async () => {
    const { body } = await client.show(runId);
    return body["status"] === "completed" ? true : collect(client, webhook, "Gus");
  });
  return itemOf(client, runId);
}

async function itemOf(client: Client, runId: string): Promise<string> {
  return ((await outcomeOf(client, runId)) as { readonly item: string }).item;
}

function edit({ orderFile }: Place, edits: readonly Edit[]): void {
  const source = readFileSync(orderFile, "utf8");
  const edited = edits.reduce((text, [from, to]) => {
    assert.ok(text.includes(from), `${orderFile} has no ${from}`);
    return text.replace(from, to);
  }, source);
  writeFileSync(orderFile, edited);
}
