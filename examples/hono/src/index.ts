import { Hono } from "hono";
import { getRun, resumeHook, start } from "workflow/api";
import { HookNotFoundError, WorkflowRunNotFoundError } from "workflow/errors";
import { streamResponse } from "workflow/http";
import { processOrder } from "../workflows/order.ts";

const app = new Hono();

app.post("/api/orders", async (context) => {
  const { item, amount } = await context.req.json<{ item: string; amount: number }>();
  const { runId } = await start(processOrder, [item, amount]);
  return context.json({ runId }, 202);
});

app.get("/api/orders/:runId", async (context) => {
  const run = getRun(context.req.param("runId"));
  const status = await run.status;
  return context.json({ status, ...(status === "completed" && { output: await run.returnValue }) });
});

app.post("/api/orders/:runId/approval", async (context) => {
  const { approved } = await context.req.json<{ approved: boolean }>();
  const { runId } = await resumeHook(`order:${context.req.param("runId")}`, { approved });
  return context.json({ runId });
});

app.get("/api/orders/:runId/stream", (context) => streamResponse(getRun(context.req.param("runId")), context.req.raw));

app.onError((error, context) => {
  const isUnknown = WorkflowRunNotFoundError.is(error) || HookNotFoundError.is(error);
  if (!isUnknown) throw error;
  return context.json({ error: error.message }, 404);
});

export default app;
