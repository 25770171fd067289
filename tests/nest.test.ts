import type { INestApplication } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { ExpressAdapter } from "@nestjs/platform-express";
import { createMemoryWorld } from "@workflow/world/testkit";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { WORKFLOW_MODULE_OPTIONS, WorkflowModule, type WorkflowModuleOptions } from "workflow/nest";
import { setWorld } from "workflow/runtime";
import type { World } from "workflow/world";
import { installDeployment } from "../packages/workflow/src/worker/deployment.ts";
import { workerFor } from "../packages/workflow/src/worker/registry.ts";
import { deploy, realmCode } from "./support/engine.ts";

let world: World;

beforeEach(() => {
  world = createMemoryWorld({});
  setWorld(world);
  deploy(realmCode([], `workflow("nothing", async () => 1);`));
});

afterEach(async () => {
  vi.unstubAllEnvs();
  installDeployment(undefined);
  setWorld(undefined);
  await world.close();
});

type Imported = ReturnType<typeof WorkflowModule.forRoot>;

async function create(imported: Imported = WorkflowModule.forRoot()): Promise<INestApplication> {
  const app = await NestFactory.create(imported, new ExpressAdapter(), { logger: false, abortOnError: false });
  onTestFinished(() => app.close());
  return app;
}

describe("the worker of a Nest app", () => {
  test("starts with the app, stops with it, and starts again with another one", async () => {
    for (let times = 0; times < 2; times += 1) {
      const app = await create();
      expect(workerFor(world)).toBeUndefined();
      await app.init();
      expect(workerFor(world)?.accepting).toBe(true);
      await app.close();
      expect(workerFor(world)).toBeUndefined();
    }
  });

  test("does not start where workers are off", async () => {
    vi.stubEnv("WORKFLOW_WORKER", "off");
    await (await create()).init();
    expect(workerFor(world)).toBeUndefined();
  });

  test("an app that was built without its workflows does not start", async () => {
    installDeployment(undefined);
    const app = await create();
    await expect(app.init()).rejects.toMatchObject({
      code: "WORKFLOW_NOT_REGISTERED",
      message: expect.stringContaining("workflow/rspack"),
    });
    expect(workerFor(world)).toBeUndefined();
  });

  test("a Nest app that listens to no HTTP executes runs too", async () => {
    const app = await NestFactory.createApplicationContext(WorkflowModule.forRoot(), {
      logger: false,
      abortOnError: false,
    });
    expect(workerFor(world)?.accepting).toBe(true);
    await app.close();
    expect(workerFor(world)).toBeUndefined();
  });
});

test("options are for injection, given or made by what was injected", async () => {
  const options: WorkflowModuleOptions = { dirs: ["src"] };
  const given = await create(WorkflowModule.forRoot(options));
  expect(given.get(WORKFLOW_MODULE_OPTIONS)).toBe(options);

  class Source {
    readonly dir = "lib";
  }
  const imports = [{ module: Source, providers: [Source], exports: [Source] }];
  const useFactory = ({ dir }: Source): WorkflowModuleOptions => ({ dirs: [dir] });
  const made = await create(WorkflowModule.forRootAsync({ imports, inject: [Source], useFactory }));
  expect(made.get(WORKFLOW_MODULE_OPTIONS)).toEqual({ dirs: ["lib"] });
});

test("webhooks are taken below a global prefix, and other addresses are left to the app", async () => {
  vi.stubEnv("WORKFLOW_WORKER", "off");
  const app = await create();
  app.setGlobalPrefix("shop");
  await app.listen(0, "127.0.0.1");
  const origin = await app.getUrl();
  const webhook = await fetch(`${origin}/shop/.well-known/workflow/v1/webhook/nobody`, { method: "POST" });
  expect([webhook.status, await webhook.json()]).toEqual([404, expect.objectContaining({ code: "HOOK_NOT_FOUND" })]);
  const other = await fetch(`${origin}/shop/other`);
  expect([other.status, await other.json()]).toEqual([
    404,
    expect.objectContaining({ message: "Cannot GET /shop/other" }),
  ]);
});
