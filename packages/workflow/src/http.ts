export type { WebhookHandlerOptions } from "./http/limits.ts";
export { type NodeListener, toNodeListener } from "./http/node-listener.ts";
export { createWebhookHandler } from "./http/webhook-handler.ts";
