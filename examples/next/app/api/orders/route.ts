import { start } from "workflow/api";
import { processOrder } from "@/workflows/order";

export async function POST(request: Request) {
  const { item, amount } = (await request.json()) as { item: string; amount: number };
  const { runId } = await start(processOrder, [item, amount]);
  return Response.json({ runId }, { status: 202 });
}
