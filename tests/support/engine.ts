import { createHash } from "node:crypto";
import { announceEnd } from "../../packages/workflow/src/api/lifecycle-hooks.ts";
import { hostHandles } from "../../packages/workflow/src/api/run.ts";
import { createRunSteps } from "../../packages/workflow/src/api/run-steps.ts";
import { REALM_MODULES } from "../../packages/workflow/src/replay/surface.ts";
import { installDeployment } from "../../packages/workflow/src/worker/deployment.ts";
import { registerWorker, unregisterWorker } from "../../packages/workflow/src/worker/registry.ts";
import { createWorker, type Worker, type WorkerOptions } from "../../packages/workflow/src/worker/worker.ts";
import { type StepFunction, registeredSteps } from "../../packages/workflow/src/compiler/registration.ts";
import { type Clock, type World } from "workflow/world";
import type { TestClock } from "@workflow/world/testkit";
import { setWorld } from "workflow/runtime";

/** A worker on a World, without compiler and register: realm code and steps are given as they are. */
export interface Engine {
  readonly world: World;
  readonly worker: Worker;
  /** What the operator was told. */
  readonly problems: string[];
  /** The same with the reasons, as it is printed. */
  readonly reports: string[];
  /** Runs that ended with an error, as they did. */
  readonly failed: string[];
  /** What workflow code printed. */
  readonly lines: string[];
  /** Stops the worker; on a test clock, time passes until it has. */
  stop(): Promise<void>;
}

export interface EngineOptions extends WorkerOptions {
  readonly world: World;
}

/** Deploys realm code (the body of a bundle) and the steps it calls, under the names it uses. */
export function deploy(source: string, steps: Readonly<Record<string, StepFunction>> = {}): void {
  const hash = createHash("sha256").update(source).digest("hex");
  registeredSteps().clear();
  for (const [name, fn] of Object.entries(steps)) registeredSteps().set(stepName(name), { fn });
  installDeployment({
    codeFor: () => Promise.resolve({ hash, source, map: "" }),
    loadStep: () => Promise.resolve(),
    loadClass: () => Promise.resolve(),
  });
}

function stepName(name: string): string {
  return `step//./test//${name}`;
}

export function workflow(name: string): { workflowId: string } {
  return { workflowId: `workflow//./test//${name}` };
}

/**
 * Realm code for tests: `steps` are declared as proxies of their names, `body` is one or more
 * `workflow("name", async function ...)` calls.
 */
export function realmCode(steps: readonly string[], body: string): string {
  const proxies = steps.map((name) => `const ${name} = __workflow.step(${JSON.stringify(stepName(name))});`);
  return [
    `"use strict";`,
    `const { ${REALM_MODULES["workflow"]?.join(", ")} } = __workflow.modules.workflow;`,
    `const { HookConflictError } = __workflow.modules["workflow/errors"];`,
    `const workflow = (name, fn) => __workflow.workflow("workflow//./test//" + name, fn);`,
    ...proxies,
    body,
  ].join("\n");
}

/** Lets time pass in steps of 50 ms, with 5 ms of real time for I/O after each, until something is so. */
export async function passTime(clock: TestClock, until: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 1_000; tries++) {
    if (await until()) return;
    await clock.advanceSettled(50);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error("50 seconds passed in vain");
}

function isTestClock(clock: Clock): clock is TestClock {
  return "advanceSettled" in clock;
}

export async function startEngine({ world, ...options }: EngineOptions): Promise<Engine> {
  const problems: string[] = [];
  const reports: string[] = [];
  const lines: string[] = [];
  const failed: string[] = [];
  const onProblem = (message: string, cause?: unknown): void => {
    problems.push(message);
    reports.push(cause instanceof Error ? `${message}: ${cause.message}` : message);
  };
  setWorld(world);
  const worker = await createWorker(
    {
      world,
      handles: hostHandles,
      engineSteps: createRunSteps(world),
      baseUrl: "http://localhost:3000",
      onLog: (_runId, _level, text) => lines.push(text),
      onRunEnded(runId, workflowName, end) {
        if (end.type === "run_failed") failed.push(runId);
        announceEnd({ world, onProblem }, runId, workflowName, end);
      },
      onProblem,
    },
    options,
  );
  registerWorker(world, worker);
  return {
    world,
    worker,
    problems,
    reports,
    lines,
    failed,
    async stop() {
      unregisterWorker(world);
      let stopped = false;
      const stopping = worker.stop().then(() => (stopped = true));
      if (isTestClock(world.clock)) await passTime(world.clock, async () => stopped);
      await stopping;
    },
  };
}
