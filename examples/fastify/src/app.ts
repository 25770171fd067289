import { Readable } from "node:stream";
import Fastify from "fastify";
import { getRun, resumeHook, start } from "workflow/api";
import { HookNotFoundError, WorkflowRunNotFoundError } from "workflow/errors";
import { createWebhookHandler, toNodeListener } from "workflow/http";
import { processOrder } from "../workflows/order.ts";

interface OfRun {
  readonly Params: { readonly runId: string };
}

const app = Fastify();

// In the first hook of a request, before its body is parsed: a webhook takes the bytes as they were sent.
const webhooks = toNodeListener(createWebhookHandler());
app.addHook("onRequest", (request, reply, done) => webhooks(request.raw, reply.raw, done));

app.post<{ Body: { item: string; amount: number } }>("/api/orders", async (request, reply) => {
  const { item, amount } = request.body;
  const { runId } = await start(processOrder, [item, amount]);
  return reply.code(202).send({ runId });
});

app.get<OfRun>("/api/orders/:runId", async (request) => {
  const run = getRun(request.params.runId);
  const status = await run.status;
  return { status, ...(status === "completed" && { output: await run.returnValue }) };
});

app.post<OfRun & { Body: { approved: boolean } }>("/api/orders/:runId/approval", async (request) => {
  const { approved } = request.body;
  const { runId } = await resumeHook(`order:${request.params.runId}`, { approved });
  return { runId };
});

app.get<OfRun>("/api/orders/:runId/stream", async (request, reply) => {
  const run = getRun(request.params.runId);
  await run.status;
  return reply.type("application/x-ndjson").send(Readable.from(toLines(run.getReadable())));
});

async function* toLines(chunks: AsyncIterable<unknown>): AsyncGenerator<string> {
  for await (const chunk of chunks) yield `${JSON.stringify(chunk)}\n`;
}

app.setErrorHandler((error, _request, reply) => {
  const isUnknown = WorkflowRunNotFoundError.is(error) || HookNotFoundError.is(error);
  return isUnknown ? reply.code(404).send({ error: error.message }) : reply.send(error);
});

const port = Number(process.env["PORT"] ?? 3000);
await app.listen({ port, host: "127.0.0.1" });
console.log(`listening on http://127.0.0.1:${port}`);
