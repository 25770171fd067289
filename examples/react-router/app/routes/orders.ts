import { start } from "workflow/api";
import { processOrder } from "../../workflows/order.ts";
import type { Route } from "./+types/orders";

export async function action({ request }: Route.ActionArgs): Promise<Response> {
  const { item, amount } = (await request.json()) as { item: string; amount: number };
  const { runId } = await start(processOrder, [item, amount]);
  return Response.json({ runId }, { status: 202 });
}
