import { start } from "workflow/api";
import { processOrder } from "#workflows/order.ts";
import type { RequestHandler } from "./$types";

export const POST: RequestHandler = async ({ request }) => {
  const { item, amount } = (await request.json()) as { item: string; amount: number };
  const { runId } = await start(processOrder, [item, amount]);
  return Response.json({ runId }, { status: 202 });
};
