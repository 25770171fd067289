// The webhook handler in each server, as applications mount it. Type-checked with the tests.
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import { All, Body, Controller } from "@nestjs/common";
import { type AbstractHttpAdapter, NestFactory } from "@nestjs/core";
import { ExpressAdapter } from "@nestjs/platform-express";
import { FastifyAdapter } from "@nestjs/platform-fastify";
import express, { type Express } from "express";
import Fastify, { type FastifyInstance } from "fastify";
import { Hono } from "hono";
import { createWebhookHandler, toNodeListener } from "workflow/http";
import { WorkflowModule } from "workflow/nest";

/** An application that listens. */
export interface Listening {
  readonly origin: string;
  close(): Promise<void>;
}

export type Start = () => Promise<Listening>;

const handler = createWebhookHandler();
const webhooks = toNodeListener(handler);

function originOf(server: { address(): string | AddressInfo | null }): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function listen(server: Server): Promise<Listening> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    origin: originOf(server),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Something of the application's own, to see that it goes on working. */
const app = "the application";

const http: Start = () =>
  listen(createServer((request, response) => webhooks(request, response, () => response.end(app))));

function listenExpress(application: Express): Promise<Listening> {
  application.all("/app", (request, response) => response.send(request.body?.hello ?? app));
  return listen(createServer(application));
}

const expressApp: Start = () => listenExpress(express().use(webhooks).use(express.json()));

async function listenFastify(application: FastifyInstance): Promise<Listening> {
  application.all<{ Body?: { hello?: string } }>("/app", (request, reply) => reply.send(request.body?.hello ?? app));
  await application.listen({ port: 0, host: "127.0.0.1" });
  return {
    origin: originOf(application.server),
    close: async () => {
      application.server.closeAllConnections();
      await application.close();
    },
  };
}

const fastify: Start = () => {
  const application = Fastify();
  application.addHook("onRequest", (request, reply, done) => webhooks(request.raw, reply.raw, done));
  return listenFastify(application);
};

const hono: Start = () => {
  const application = new Hono();
  application.all("/.well-known/workflow/v1/webhook/:token", (context) => handler(context.req.raw));
  application.all("/app", (context) => context.text(app));
  const server = serve({ fetch: application.fetch, port: 0, hostname: "127.0.0.1" }) as Server;
  return new Promise((resolve) => {
    server.once("listening", () =>
      resolve({
        origin: originOf(server),
        async close() {
          server.closeAllConnections();
          await new Promise((closed) => server.close(closed));
        },
      }),
    );
  });
};

class AppController {
  answer(body?: { hello?: string }): string {
    return body?.hello ?? app;
  }
}
// What decorators do: Node, which strips types, has none.
Controller()(AppController);
Body()(AppController.prototype, "answer", 0);
All("app")(AppController.prototype, "answer", {
  ...Object.getOwnPropertyDescriptor(AppController.prototype, "answer"),
} as TypedPropertyDescriptor<unknown>);
const AppModule = { ...WorkflowModule.forRoot(), controllers: [AppController] };

const nest =
  (createAdapter: () => AbstractHttpAdapter): Start =>
  async () => {
    const application = await NestFactory.create(AppModule, createAdapter(), { logger: false, abortOnError: false });
    await application.listen(0, "127.0.0.1");
    return {
      origin: originOf(application.getHttpServer() as Server),
      async close() {
        (application.getHttpServer() as Server).closeAllConnections();
        await application.close();
      },
    };
  };

export const SERVERS: readonly (readonly [name: string, start: Start])[] = [
  ["node:http", http],
  ["Express", expressApp],
  ["Fastify", fastify],
  ["Hono", hono],
  ["NestJS on Express", nest(() => new ExpressAdapter())],
  ["NestJS on Fastify", nest(() => new FastifyAdapter())],
];

/** Mounted where it is too late. */
export const PARSED_BEFORE: readonly (readonly [name: string, start: Start])[] = [
  [
    "express.json() and urlencoded()",
    () => listenExpress(express().use(express.json(), express.urlencoded(), webhooks)),
  ],
  [
    "Fastify's own parser",
    () => {
      const application = Fastify();
      application.all("/.well-known/workflow/v1/webhook/:token", (request, reply) => {
        reply.hijack();
        webhooks(request.raw, reply.raw);
      });
      return listenFastify(application);
    },
  ],
];

const keep = (request: IncomingMessage, _response: ServerResponse, bytes: Buffer): void =>
  void Object.assign(request, { rawBody: bytes });

/** Mounted after parsers that keep what they read, below a base path. */
export const PARSED_AND_KEPT: Start = () =>
  listenExpress(
    express()
      .use(express.json({ verify: keep }), express.urlencoded({ verify: keep }))
      .use("/shop", webhooks),
  );
