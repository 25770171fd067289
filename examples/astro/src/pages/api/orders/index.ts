import type { APIRoute } from "astro";
import { start } from "workflow/api";
import { processOrder } from "../../../workflows/order.ts";

export const POST: APIRoute = async ({ request }) => {
  const { item, amount } = (await request.json()) as { item: string; amount: number };
  const { runId } = await start(processOrder, [item, amount]);
  return Response.json({ runId }, { status: 202 });
};
