import { pipeline } from "node:stream/promises";
import express, { type NextFunction, type Request, type Response } from "express";
import { getRun, resumeHook, start } from "workflow/api";
import { HookNotFoundError, WorkflowRunNotFoundError } from "workflow/errors";
import { createWebhookHandler, toNodeListener } from "workflow/http";
import { processOrder } from "../workflows/order.ts";

const app = express();

// Before express.json(): a webhook takes the bytes as they were sent.
app.use(toNodeListener(createWebhookHandler()));
app.use(express.json());

app.post("/api/orders", async (request, response) => {
  const { item, amount } = request.body as { item: string; amount: number };
  const { runId } = await start(processOrder, [item, amount]);
  response.status(202).json({ runId });
});

app.get("/api/orders/:runId", async (request, response) => {
  const run = getRun(request.params.runId);
  const status = await run.status;
  response.json({ status, ...(status === "completed" && { output: await run.returnValue }) });
});

app.post("/api/orders/:runId/approval", async (request, response) => {
  const { approved } = request.body as { approved: boolean };
  const { runId } = await resumeHook(`order:${request.params.runId}`, { approved });
  response.json({ runId });
});

app.get("/api/orders/:runId/stream", async (request, response) => {
  const run = getRun(request.params.runId);
  await run.status;
  response.type("application/x-ndjson");
  await pipeline(run.getReadable(), toLines, response);
});

async function* toLines(chunks: AsyncIterable<unknown>): AsyncGenerator<string> {
  for await (const chunk of chunks) yield `${JSON.stringify(chunk)}\n`;
}

// Express knows by its four parameters that this is for errors.
app.use((error: unknown, _request: Request, response: Response, next: NextFunction) => {
  const isUnknown = WorkflowRunNotFoundError.is(error) || HookNotFoundError.is(error);
  if (!isUnknown || response.headersSent) return next(error);
  response.status(404).json({ error: error.message });
});

const port = Number(process.env["PORT"] ?? 3000);
app.listen(port, "127.0.0.1", () => console.log(`listening on http://127.0.0.1:${port}`));
