import { createFileRoute } from "@tanstack/react-router";
import { start } from "workflow/api";
import { processOrder } from "../../../../workflows/order.ts";

export const Route = createFileRoute("/api/orders/")({
  server: {
    handlers: {
      POST: async ({ request }) => {
        const { item, amount } = (await request.json()) as { item: string; amount: number };
        const { runId } = await start(processOrder, [item, amount]);
        return Response.json({ runId }, { status: 202 });
      },
    },
  },
});
