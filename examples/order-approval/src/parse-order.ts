import type { Order } from "./order.ts";

const TEN_MINUTES_MS = 600_000;

/** What a client may say about an order, checked; everything but the item can be left out. */
export function parseOrder(body: unknown): Omit<Order, "id"> | { readonly problem: string } {
  if (typeof body !== "object" || body === null) return { problem: "Send a JSON object" };
  const { item, quantity = 1, approveWithinMs = TEN_MINUTES_MS } = body as Record<string, unknown>;
  if (typeof item !== "string" || item === "") return { problem: "item must be a text" };
  if (!isPositiveInteger(quantity)) return { problem: "quantity must be a whole number above 0" };
  if (!isPositiveInteger(approveWithinMs)) return { problem: "approveWithinMs must be a whole number above 0" };
  return { item, quantity, approveWithinMs };
}

function isPositiveInteger(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) > 0;
}
