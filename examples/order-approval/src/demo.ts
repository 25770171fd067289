import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getWorld } from "workflow/runtime";
import { eventsOf, stepBodies } from "./demo/evidence.ts";
import { type Kill, type Server, startServer } from "./demo/server.ts";
import { type Moment, momentsOf, printTimeline } from "./demo/timeline.ts";
import { until } from "./demo/until.ts";
import { judgeRun } from "./demo/verdict.ts";

/** Twelve orders; the server is killed twice under them. Every order must end right all the same. */

type Ending = "shipped" | "rejected" | "timeout";

interface Placed {
  readonly name: string;
  readonly orderId: string;
  readonly runId: string;
  readonly ending: Ending;
}

/** Of twelve orders, in this order. */
const ENDINGS: readonly Ending[] = Array.from({ length: 12 }, (_, index) =>
  index < 6 ? "shipped" : index < 9 ? "rejected" : "timeout",
);

const STEPS: Readonly<Record<Ending, readonly string[]>> = {
  shipped: ["reserveStock", "checkCredit", "notifyApprover", "chargeCard", "shipOrder"],
  rejected: ["reserveStock", "checkCredit", "notifyApprover", "releaseStock"],
  timeout: ["reserveStock", "checkCredit", "notifyApprover", "releaseStock"],
};

const data = await mkdtemp(join(tmpdir(), "order-approval-"));
process.env["WORKFLOW_LOCAL_DATA_DIR"] = data;
/** A carrier that takes a minute is still at it when the server is killed. */
const SLOW_CARRIER = { WORKFLOW_LOCAL_DATA_DIR: data, SHIPPING_MS: "60000" };
const QUICK_CARRIER = { WORKFLOW_LOCAL_DATA_DIR: data, SHIPPING_MS: "50" };

const kills: Kill[] = [];
const moments: Moment[] = [];
const complaints: string[] = [];

function say(what: string): void {
  console.log(`- ${what}`);
  moments.push({ at: Date.now(), who: "--------", what });
}

function expect(isTrue: boolean, complaint: string): void {
  if (!isTrue) complaints.push(complaint);
}

async function place(server: Server, ending: Ending, index: number): Promise<Placed> {
  const approveWithinMs = ending === "timeout" ? 3_000 : 600_000;
  const { body } = await server.post("/orders", { item: "lamp", quantity: index + 1, approveWithinMs });
  return { name: `order-${index + 1}`, orderId: String(body["orderId"]), runId: String(body["runId"]), ending };
}

async function decide(server: Server, orders: readonly Placed[], action: "approve" | "reject"): Promise<void> {
  for (const order of orders) {
    const { status } = await server.post(`/orders/${order.orderId}/${action}`);
    expect(status === 200, `${order.name}: ${action} was answered with ${status}`);
  }
}

async function kill(server: Server, when: string): Promise<void> {
  say(`SIGKILL ${when}`);
  kills.push(await server.kill("SIGKILL"));
}

async function allWait(orders: readonly Placed[]): Promise<void> {
  for (const { name, runId } of orders) {
    await until(`${name} waits for its approval`, async () =>
      (await eventsOf(runId)).find((event) => event.eventType === "wait_created"),
    );
  }
}

async function allShip(orders: readonly Placed[]): Promise<void> {
  for (const { name, orderId } of orders) {
    await until(`${name} is being shipped`, async () =>
      (await stepBodies(data)).find((body) => body.orderId === orderId && body.stepName.endsWith("//shipOrder")),
    );
  }
}

async function allEnd(server: Server, orders: readonly Placed[]): Promise<void> {
  for (const { name, runId, ending } of orders) {
    const { status, result } = await until(`${name} ends`, async () => {
      const { body } = await server.get(`/orders/${runId}`);
      return body["status"] === "running" || body["status"] === "pending" ? undefined : body;
    });
    const { status: found, reason = found } = (result ?? {}) as { status?: string; reason?: string };
    expect(status === "completed" && reason === ending, `${name} ended ${status}, ${reason}; expected ${ending}`);
  }
}

async function tellTheStory(): Promise<readonly Placed[]> {
  say("the server starts");
  let server = await startServer(SLOW_CARRIER);
  const orders = await Promise.all(ENDINGS.map((ending, index) => place(server, ending, index)));
  await allWait(orders);
  say(`${orders.length} orders wait for approval`);

  await decide(server, orders.slice(0, 1), "approve");
  await kill(server, "right after order-1 was approved, while the others wait");
  server = await startServer(SLOW_CARRIER);
  await decide(server, orders.slice(1, 3), "approve");
  await allShip(orders.slice(0, 3));
  await kill(server, "while order-1, order-2 and order-3 are being shipped");

  server = await startServer(QUICK_CARRIER);
  await decide(server, orders.slice(3, 6), "approve");
  await decide(server, orders.slice(6, 9), "reject");
  await allEnd(server, orders);
  for (const late of orders) {
    const { status } = await server.post(`/orders/${late.orderId}/approve`);
    expect(status === 404, `${late.name}: an approval after the end was answered with ${status}`);
  }
  say("every order has ended, the server stops");
  await server.kill("SIGTERM");
  return orders;
}

async function report(orders: readonly Placed[]): Promise<void> {
  const bodies = await stepBodies(data);
  const sum = { steps: 0, thrown: 0, killed: 0 };
  for (const { name, runId, orderId, ending } of orders) {
    const events = await eventsOf(runId);
    moments.push(...momentsOf(name, events));
    const verdict = judgeRun(
      { events, bodies: bodies.filter((body) => body.orderId === orderId) },
      STEPS[ending],
      kills,
    );
    for (const complaint of verdict.complaints) complaints.push(`${name}: ${complaint}`);
    sum.steps += verdict.steps;
    sum.thrown += verdict.thrown;
    sum.killed += verdict.killed;
  }
  expect(sum.killed >= 3, `only ${sum.killed} steps were running when the server was killed`);

  console.log("\nTimeline");
  printTimeline(moments);
  console.log(
    `\n${orders.length} orders, ${kills.length} kills, ${sum.steps} steps, ${bodies.length} step bodies run:`,
  );
  console.log(`  ${sum.thrown} attempts threw and ${sum.killed} died with the server; each was followed by another.`);
}

try {
  await report(await tellTheStory());
} finally {
  await (await getWorld()).close();
}

for (const complaint of complaints) console.error(`WRONG  ${complaint}`);
const isKept = complaints.length === 0;
console.log(isKept ? "\nVerdict: as promised; nothing else ran twice" : `\nVerdict: broken; the data is in ${data}`);
if (isKept) await rm(data, { recursive: true });
process.exitCode = isKept ? 0 : 1;
