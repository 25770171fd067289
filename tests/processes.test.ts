import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test, type TestContext, vi } from "vitest";
import type { World } from "workflow/world";
import { type Child, startNode } from "./support/child.ts";
import { SHARED, type SharedData } from "./support/shared-data.ts";

const FOLDER = join(import.meta.dirname, "fixtures/surroundings");
const BEGINS = /^step begins in (\d+)$/;

/** Several processes with the same data. Real time: what is tested is what operating systems do to processes. */
interface Place {
  readonly world: World;
  /** Stops a process at a moment in which it does not write: while it does nobody else could. */
  stop(pid: number): Promise<void>;
  worker(...args: string[]): Promise<Child>;
  /** One that looks for work by itself once an hour. */
  lazyWorker(...args: string[]): Promise<Child>;
  /** A process that has a run's signal, and no worker. */
  aborter(): Promise<Child>;
}

async function place({ onTestFinished }: TestContext, open: () => Promise<SharedData>): Promise<Place> {
  const data = await open();
  onTestFinished(() => data[Symbol.asyncDispose]());
  const begin = (sweepMs: string, args: readonly string[]): Child => {
    const env = { ...data.env, WORKFLOW_WORKER: "off", SWEEP_MS: sweepMs };
    const child = startNode(["--import", "workflow/register", ...args], { cwd: FOLDER, env });
    onTestFinished(async () => void (await child.kill("SIGKILL")));
    return child;
  };
  const worker = async (sweepMs: string, args: readonly string[]): Promise<Child> => {
    const child = begin(sweepMs, ["worker.ts", ...args]);
    await child.line(/^worker joined$/);
    return child;
  };
  return {
    world: data.world,
    async stop(pid) {
      for (;;) {
        process.kill(pid, "SIGSTOP");
        if (await data.canWrite()) return;
        process.kill(pid, "SIGCONT");
        await delay(20);
      }
    },
    worker: (...args) => worker("500", args),
    lazyWorker: (...args) => worker("3600000", args),
    async aborter() {
      const child = begin("3600000", ["aborter.ts"]);
      await child.line(/^started/);
      return child;
    },
  };
}

/**
 * When a death has been noticed at the latest, in milliseconds. A server that is busy takes longer to say that a worker's
 * session is over; without that, it would take the ten seconds of a lease.
 */
const NOTICED_MS: Readonly<Record<string, number>> = { sqlite: 1_500, postgres: 6_000 };

async function countOf(world: World, runId: string, type: string): Promise<number> {
  const { data } = await world.events.list({ runId, pagination: { limit: 1000 } });
  return data.filter(({ eventType }) => eventType === type).length;
}

describe.concurrent.for(SHARED)("several processes with one truth ($name)", { timeout: 120_000 }, ({ name, open }) => {
  test("the death of a process is noticed by another at once, and the step runs again there", async (context) => {
    const { world, worker } = await place(context, open);
    const first = await worker("slow", "60000");
    const [, runId = ""] = await first.line(/^started (\S+)$/);
    await first.line(BEGINS);
    const second = await worker();
    // Whoever comes later touches nothing of what a live process has.
    await delay(1_500);
    expect(second.stdout).not.toMatch(/step begins/);
    const died = performance.now();
    await first.kill("SIGKILL");
    await second.line(BEGINS);
    expect(performance.now() - died).toBeLessThan(NOTICED_MS[name] ?? 0);
    expect(await countOf(world, runId, "step_started")).toBe(2);
  });

  test("a resume from another process reaches the worker, and the end its caller, without a sweep or a poll [02-2.3.no-polling]", async (context) => {
    const { world, lazyWorker } = await place(context, open);
    const child = await lazyWorker("heavy", "7");
    const [, runId = ""] = await child.line(/^started (\S+)$/);
    await vi.waitFor(async () => expect((await world.hooks.list()).data).toHaveLength(1));
    const ended = Promise.withResolvers<void>();
    world.onHint((hint) => hint.kind === "ended" && ended.resolve());
    await world.deliver({ token: "heavy:7" }, { type: "hook_received", data: {}, payload: "devl[1]", at: Date.now() });
    await ended.promise;
    expect(await world.runs.get(runId)).toMatchObject({ status: "completed" });
  });

  test("an abort reaches a step in another process, without a sweep or a poll [06-6.8]", async (context) => {
    const { lazyWorker, aborter } = await place(context, open);
    const worker = await lazyWorker();
    const starter = await aborter();
    const [, pid] = await worker.line(BEGINS);
    const aborted = performance.now();
    process.kill(starter.pid, "SIGUSR2");
    await starter.line(new RegExp(`^result from another process, seen in ${pid}$`));
    // A step that looked for itself would do so once a second.
    expect(performance.now() - aborted).toBeLessThan(900);
  });

  test("the successor of a killed process takes its runs at once", async (context) => {
    const { worker } = await place(context, open);
    const first = await worker("slow", "60000");
    await first.line(BEGINS);
    await first.kill("SIGKILL");
    const second = await worker();
    const joined = performance.now();
    await second.line(BEGINS);
    expect(performance.now() - joined).toBeLessThan(NOTICED_MS[name] ?? 0);
  });

  test("a worker that is stopped past its lease is given up, and cannot write when it goes on", async (context) => {
    const { world, worker, stop } = await place(context, open);
    const second = await worker();
    const first = await worker("slow", "3000");
    const [, runId = ""] = await first.line(/^started (\S+)$/);
    await stop(Number((await first.line(BEGINS))[1]));
    const [, pid] = await second.line(BEGINS, 25_000);
    process.kill(Number((await first.line(BEGINS))[1]), "SIGCONT");
    await first.line(/^step ends/);
    const ended = await world.runs.waitForTerminalStatus(runId);
    expect(ended.status).toBe("completed");
    expect(ended.output).toContain(`done in ${pid}`);
    expect(await countOf(world, runId, "step_completed")).toBe(1);
    expect(await countOf(world, runId, "step_started")).toBe(2);
    // It has noticed, joined again and sees the end like everyone.
    await first.line(new RegExp(`^result done in ${pid}$`));
  });

  test("an event loop that is blocked for longer than the lease keeps its runs, and no step runs twice", async (context) => {
    const { world, worker } = await place(context, open);
    const second = await worker();
    const first = await worker("blocking", "12000");
    const [, pid] = await first.line(BEGINS);
    await first.line(new RegExp(`^result blocked ${pid}$`), 30_000);
    expect(second.stdout).not.toMatch(/step begins/);
    const [run] = (await world.runs.list()).data;
    expect(await countOf(world, run?.runId ?? "", "step_started")).toBe(1);
  });
});
