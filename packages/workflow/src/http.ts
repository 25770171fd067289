export type { WebhookHandlerOptions } from "./http/limits.ts";
export { type NodeListener, toNodeListener } from "./http/node-listener.ts";
export { streamResponse, type StreamResponseOptions } from "./http/stream-response.ts";
export { createWebhookHandler } from "./http/webhook-handler.ts";
