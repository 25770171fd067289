import { start } from "workflow/api";
import { processOrder } from "../../workflows/order";

export default defineEventHandler(async (event) => {
  const { item, amount } = await readBody<{ item: string; amount: number }>(event);
  const { runId } = await start(processOrder, [item, amount]);
  setResponseStatus(event, 202);
  return { runId };
});
