import {
  type DynamicModule,
  type FactoryProvider,
  Inject,
  Module,
  type ModuleMetadata,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from "@nestjs/common";
import { HttpAdapterHost } from "@nestjs/core";
import { startAppWorker, stopAppWorker } from "../api/app-worker.ts";
import { type NodeListener, toNodeListener } from "../http/node-listener.ts";
import { createWebhookHandler } from "../http/webhook-handler.ts";
import { currentDeployment } from "../worker/deployment.ts";
import { WorkflowRuntimeError } from "../world/errors.ts";

/**
 * The options that projects for the reference package have. Those about builds say nothing here, since the bundler's
 * plugin builds; they are taken so that such a project need not change.
 */
export interface WorkflowModuleOptions {
  readonly workingDir?: string;
  readonly dirs?: readonly string[];
  readonly outDir?: string;
  readonly moduleType?: "es6" | "commonjs";
  readonly distDir?: string;
  readonly watch?: boolean;
  readonly skipBuild?: boolean;
  readonly sourcemap?: boolean;
  readonly basePath?: string;
  readonly manageWorldLifecycle?: boolean;
  readonly preloadBundles?: boolean;
}

/** Options that other providers have a say in. */
export type WorkflowModuleAsyncOptions = Pick<ModuleMetadata, "imports"> &
  Pick<FactoryProvider<WorkflowModuleOptions>, "inject" | "useFactory">;

/** By this the options that were given can be injected. */
export const WORKFLOW_MODULE_OPTIONS: unique symbol = Symbol.for("workflow.nest.options");

/** What of an HTTP adapter is needed, of Express and of Fastify. */
interface Adapter {
  getType(): string;
  getInstance(): {
    use(listener: NodeListener): void;
    addHook(
      name: "onRequest",
      hook: (
        request: { raw: Parameters<NodeListener>[0] },
        reply: { raw: Parameters<NodeListener>[1] },
        done: () => void,
      ) => void,
    ): void;
  };
}

/**
 * Takes the requests for webhooks, executes runs once the app has started, and stops when it shuts down. Nest tells of a
 * shutdown by signal only with `app.enableShutdownHooks()`.
 */
export class WorkflowModule implements OnApplicationBootstrap, OnApplicationShutdown {
  /** Modules are made before Nest mounts its body parsers, so webhooks still have the bytes that were sent. */
  constructor(host: HttpAdapterHost) {
    // Null in an application context.
    const adapter = host.httpAdapter as Adapter | null;
    if (adapter !== null) mountWebhooks(adapter);
  }

  static forRoot(options: WorkflowModuleOptions = {}): DynamicModule {
    const provided = { provide: WORKFLOW_MODULE_OPTIONS, useValue: options };
    return { module: WorkflowModule, global: true, providers: [provided], exports: [WORKFLOW_MODULE_OPTIONS] };
  }

  static forRootAsync({ imports = [], inject = [], useFactory }: WorkflowModuleAsyncOptions): DynamicModule {
    const provided = { provide: WORKFLOW_MODULE_OPTIONS, inject, useFactory };
    return { module: WorkflowModule, global: true, imports, providers: [provided], exports: [WORKFLOW_MODULE_OPTIONS] };
  }

  /** @throws `WorkflowRuntimeError` `WORKFLOW_NOT_REGISTERED` when the app was built without its workflows. */
  async onApplicationBootstrap(): Promise<void> {
    if (currentDeployment() === undefined) throw notBuilt();
    await startAppWorker();
  }

  async onApplicationShutdown(): Promise<void> {
    await stopAppWorker();
  }
}

// Decorators, for which the source would have to be compiled by another program than the types.
Module({})(WorkflowModule);
Inject(HttpAdapterHost)(WorkflowModule, undefined, 0);

/** A microservice has an adapter of no type: it listens to no HTTP. */
function mountWebhooks(adapter: Adapter): void {
  const listener = toNodeListener(createWebhookHandler());
  const type = adapter.getType();
  if (type === "express") adapter.getInstance().use(listener);
  if (type === "fastify") {
    adapter.getInstance().addHook("onRequest", ({ raw }, reply, done) => listener(raw, reply.raw, done));
  }
}

function notBuilt(): WorkflowRuntimeError {
  return new WorkflowRuntimeError(
    "This app was built without its workflows. Add the plugin to its build, such as workflow() from workflow/rspack to " +
      "the plugins in rspack.config.js, or start it with `node --import workflow/register`",
    { code: "WORKFLOW_NOT_REGISTERED" },
  );
}
