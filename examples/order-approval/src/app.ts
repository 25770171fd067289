import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { getRun, resumeHook, start } from "workflow/api";
import { HookNotFoundError, WorkflowRunNotFoundError } from "workflow/errors";
import { approvalToken, type Decision, processOrder } from "./order.ts";
import { parseOrder } from "./parse-order.ts";

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

async function answer(request: IncomingMessage): Promise<Answer> {
  const [path = "/"] = (request.url ?? "/").split("?");
  const [collection, id, action, ...rest] = path.slice(1).split("/");
  const route = [collection, id && ":id", action, ...rest].filter(Boolean).join("/");
  switch (`${request.method} /${route}`) {
    case "GET /":
      return { status: 200, body: usage() };
    case "POST /orders":
      return placeOrder(await json(request).catch(() => undefined));
    case "GET /orders/:id":
      return showRun(String(id));
    case "POST /orders/:id/approve":
      return decide(String(id), { approved: true });
    case "POST /orders/:id/reject":
      return decide(String(id), { approved: false, reason: "rejected" });
    default:
      return { status: 404, body: { error: `There is no ${request.method} ${path}` } };
  }
}

async function placeOrder(body: unknown): Promise<Answer> {
  const wanted = parseOrder(body);
  if ("problem" in wanted) return { status: 400, body: { error: wanted.problem } };
  const order = { id: randomUUID().slice(0, 8), ...wanted };
  const run = await start(processOrder, [order]);
  return { status: 202, body: { orderId: order.id, runId: run.runId } };
}

async function showRun(runId: string): Promise<Answer> {
  const run = getRun(runId);
  try {
    const status = await run.status;
    const body = { runId, status, ...(status === "completed" && { result: await run.returnValue }) };
    return { status: 200, body };
  } catch (error) {
    if (!WorkflowRunNotFoundError.is(error)) throw error;
    return { status: 404, body: { error: error.message } };
  }
}

async function decide(orderId: string, decision: Decision): Promise<Answer> {
  try {
    const hook = await resumeHook(approvalToken(orderId), decision);
    return { status: 200, body: { orderId, runId: hook.runId } };
  } catch (error) {
    if (!HookNotFoundError.is(error)) throw error;
    return { status: 404, body: { error: `No order ${orderId} waits for a decision` } };
  }
}

const server = createServer((request, response) => {
  const send = ({ status, body }: Answer): void => {
    const isText = typeof body === "string";
    response.writeHead(status, { "content-type": isText ? "text/plain" : "application/json" });
    response.end(isText ? body : `${JSON.stringify(body, null, 2)}\n`);
  };
  answer(request).then(send, (error: unknown) => {
    console.error(error);
    send({ status: 500, body: { error: "Something went wrong here" } });
  });
});

function usage(): string {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return `
Order approval is listening on ${url}

  place an order    curl -X POST ${url}/orders -d '{"item":"lamp","quantity":2}'
  look at its run   curl ${url}/orders/<runId>
  approve it        curl -X POST ${url}/orders/<orderId>/approve
  reject it         curl -X POST ${url}/orders/<orderId>/reject

Stop this server whenever you like, also with kill -9. Started again, it carries on with every order.

`;
}

server.listen(Number(process.env["PORT"] ?? 3000), "127.0.0.1", () => process.stdout.write(usage()));
