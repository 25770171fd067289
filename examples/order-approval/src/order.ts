import { setTimeout as delay } from "node:timers/promises";
import { createHook, getStepMetadata, getWorkflowMetadata, sleep } from "workflow";
import { logStepBody } from "./step-log.ts";

export interface Order {
  readonly id: string;
  readonly item: string;
  readonly quantity: number;
  /** How long the approver has, in milliseconds. */
  readonly approveWithinMs: number;
}

export type Decision =
  | { readonly approved: true }
  | { readonly approved: false; readonly reason: "rejected" | "timeout" };

export type Outcome =
  | { readonly status: "shipped"; readonly receipt: string; readonly parcel: string }
  | { readonly status: "released"; readonly reason: "rejected" | "timeout" };

/** What the approver's answer to an order is addressed to. */
export const approvalToken = (orderId: string): string => `order:${orderId}`;

/** Gets an order approved, paid and shipped, or gives its stock back. */
export async function processOrder(order: Order): Promise<Outcome> {
  "use workflow";

  await reserveStock(order);
  await checkCredit(order);

  const approval = createHook<Decision>({ token: approvalToken(order.id) });
  await notifyApprover(order);
  const decision = await Promise.race([approval, timeout(order.approveWithinMs)]);

  if (!decision.approved) {
    await releaseStock(order);
    return { status: "released", reason: decision.reason };
  }
  const receipt = await chargeCard(order);
  const parcel = await shipOrder(order);
  return { status: "shipped", receipt, parcel };
}

async function timeout(ms: number): Promise<Decision> {
  await sleep(ms);
  return { approved: false, reason: "timeout" };
}

// The steps. Here they only pretend; a real one would call a database, a bank, a carrier.

async function reserveStock(order: Order): Promise<void> {
  "use step";
  logStepBody(order.id);
}

/** Fails the first time, to show that a step that throws is tried again. */
async function checkCredit(order: Order): Promise<void> {
  "use step";
  logStepBody(order.id);
  if (getStepMetadata().attempt === 1) throw new Error("The credit bureau does not answer");
}

async function notifyApprover(order: Order): Promise<void> {
  "use step";
  logStepBody(order.id);
  const url = `${getWorkflowMetadata().url}/orders/${order.id}`;
  console.log(`${order.quantity} x ${order.item} waits for approval: curl -X POST ${url}/approve`);
}

async function chargeCard(order: Order): Promise<string> {
  "use step";
  logStepBody(order.id);
  // A crash can make a step run again. Its id stays the same, so the bank can tell that it is the same payment.
  const { stepId } = getStepMetadata();
  return `receipt for ${order.quantity} x ${order.item}, payment ${stepId}`;
}

async function shipOrder(order: Order): Promise<string> {
  "use step";
  logStepBody(order.id);
  await delay(Number(process.env["SHIPPING_MS"] ?? 500));
  return `parcel-${order.id}`;
}

async function releaseStock(order: Order): Promise<void> {
  "use step";
  logStepBody(order.id);
}
