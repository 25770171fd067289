import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { start } from "workflow/api";
import { createWebhookHandler, toNodeListener } from "workflow/http";
import { bareHandler } from "../bare-handler.ts";
import { startHelper } from "../child-process.ts";
import type { Partner } from "../conversation.ts";
import type { Load } from "../http-client.ts";
import { signals } from "../signals.ts";
import { takeRequests } from "../workflows.ts";
import type { Measurement } from "./measurement.ts";

const RUNS = 100;
const CONNECTIONS = 100;
const BODY = JSON.stringify({ text: "x".repeat(289) });

/** Ports of this process: of the webhooks, and of what they are compared with. The client is another process. */
interface Place {
  readonly webhooks: number;
  readonly bare: number;
  readonly client: Partner;
}

let place: Promise<Place> | undefined;

async function open(): Promise<Place> {
  const beside = join(process.env["WORKFLOW_LOCAL_DATA_DIR"] ?? "", "..", "bare.db");
  return {
    webhooks: await listen(toNodeListener(createWebhookHandler())),
    bare: await listen(bareHandler(beside)),
    client: await startHelper(new URL("../http-client.ts", import.meta.url)),
  };
}

async function listen(listener: RequestListener): Promise<number> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

/** Runs that have a webhook, and end with their last request. */
async function withWebhooks<T>(requestsEach: number, task: (paths: readonly string[]) => Promise<T>): Promise<T> {
  const paths: string[] = [];
  const note = (url: string): void => void paths.push(new URL(url).pathname);
  signals.on("webhook", note);
  const runs = await Promise.all(Array.from({ length: RUNS }, () => start(takeRequests, [requestsEach])));
  while (paths.length < RUNS) await once(signals, "webhook");
  signals.off("webhook", note);
  const result = await task(paths);
  await Promise.all(runs.map((run) => run.returnValue));
  return result;
}

async function requestsPerSecond(client: Partner, load: Pick<Load, "port" | "paths" | "requests">): Promise<number> {
  const milliseconds = await client.ask<number>({ ...load, body: BODY, connections: CONNECTIONS } satisfies Load);
  return load.requests / (milliseconds / 1000);
}

async function rates(requestsEach: number): Promise<Awaited<ReturnType<Measurement["round"]>>> {
  const { client, bare, webhooks } = await (place ??= open());
  const requests = RUNS * requestsEach;
  const floor = await requestsPerSecond(client, { port: bare, paths: ["/"], requests });
  const value = await withWebhooks(requestsEach, (paths) =>
    requestsPerSecond(client, { port: webhooks, paths, requests }),
  );
  return { "webhook-202": { samples: [value], floor } };
}

export const webhook: Measurement = {
  warmUp: () => rates(20),
  round: () => rates(50),
  end: async () => (await place)?.client.stop(),
};
