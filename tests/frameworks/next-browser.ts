import assert from "node:assert/strict";
import type { Browser, Page } from "playwright-core";
import { runCommand, startApp } from "./app.ts";
import { ANSWERS } from "./cases/answers.ts";
import { openBrowser } from "./chromium.ts";
import { createClient } from "./client.ts";
import { COMMANDS } from "./commands.ts";
import { collect, outcomeOf, webhookOf } from "./orders.ts";
import type { Place } from "./place.ts";

/**
 * Server actions that a page calls in a browser start and resume runs: in the Turbopack build, which is there, and in
 * one by webpack, which answers like the other one too.
 */
export async function actionsInBrowser(place: Place, port: number): Promise<void> {
  const browser = await openBrowser();
  if ("missing" in browser) console.log(`SKIPPED: no server action was called from a page, because ${browser.missing}`);
  try {
    if (!("missing" in browser)) await inBuild(place, port, browser);
    await runCommand(`${COMMANDS.build} -- --webpack`, place);
    if (!("missing" in browser)) await inBuild(place, port, browser);
    await answers(place, port);
  } finally {
    if (!("missing" in browser)) await browser.close();
  }
}

async function inBuild(place: Place, port: number, browser: Browser): Promise<void> {
  await using app = await startApp(COMMANDS.start, place, port);
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on("pageerror", ({ message }) => complaints.push(message));
  await page.goto(app.origin);
  const client = createClient(app.origin);
  const runId = await orderIn(page);
  await press(page, "Approve", `${runId} is approved`);
  const webhook = await webhookOf(client, runId);
  assert.equal(await collect(client, webhook, "Eve"), "Eve collects: lamp\n");
  const { carrier } = (await outcomeOf(client, runId)) as { readonly carrier: string };
  assert.equal(carrier, "Eve");
  // Nobody has the token any more: the action throws, and the page hears of it.
  await press(page, "Reject", "Nobody waits for this approval");
  assert.deepEqual(complaints, []);
  await page.close();
}

async function orderIn(page: Page): Promise<string> {
  await page.getByRole("button", { name: "Order" }).click();
  const status = await page.locator("output", { hasText: "waits for approval" }).textContent();
  const [, runId] = /^(wrun_\w+) waits/.exec(status ?? "") ?? [];
  assert.ok(runId !== undefined, `the page shows the run: ${status}`);
  return runId;
}

async function press(page: Page, button: string, shown: string): Promise<void> {
  await page.getByRole("button", { name: button }).click();
  await page.locator("output", { hasText: shown }).waitFor();
}

async function answers(place: Place, port: number): Promise<void> {
  await using app = await startApp(COMMANDS.start, place, port);
  for (const check of Object.values(ANSWERS)) await check(createClient(app.origin));
}
