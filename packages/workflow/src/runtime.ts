export { stopAppWorker } from "./api/app-worker.ts";
export { type BuiltCode, type BuiltModule, deployBuilt } from "./api/deploy-built.ts";
export { startWorker, type StartWorkerOptions, type WorkerHandle } from "./api/start-worker.ts";
export { createWorld, getWorld, setWorld } from "./api/world-access.ts";
export { type FetchServer, withWebhooks } from "./http/with-webhooks.ts";
export type { World } from "./world/world.ts";
