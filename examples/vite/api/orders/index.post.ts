import { defineHandler } from "nitro";
import { start } from "workflow/api";
import { processOrder } from "../../workflows/order.ts";

export default defineHandler(async ({ req }) => {
  const { item, amount } = (await req.json()) as { item: string; amount: number };
  const { runId } = await start(processOrder, [item, amount]);
  return Response.json({ runId }, { status: 202 });
});
