// Callers connected to one process, steps in another, on the same data. Real time.
import { join } from "node:path";
import { describe, expect, test, type TestContext } from "vitest";
import type { World } from "workflow/world";
import { type Child, startNode } from "../support/child.ts";
import { SHARED, type SharedData } from "../support/shared-data.ts";

const FOLDER = join(import.meta.dirname, "../fixtures/webhooks");

interface Server extends Child {
  /** Sends a text to the webhook that is at this path, and resolves with the answer. */
  post(path: string, text: string, key?: string): Promise<string>;
}

interface Place {
  readonly world: World;
  worker(...args: string[]): Promise<Child>;
  server(): Promise<Server>;
}

async function place({ onTestFinished }: TestContext, open: () => Promise<SharedData>): Promise<Place> {
  const data = await open();
  onTestFinished(() => data[Symbol.asyncDispose]());
  const env = { ...data.env, WORKFLOW_WORKER: "off" };
  const run = (...args: string[]): Child => {
    const child = startNode(["--import", "workflow/register", ...args], { cwd: FOLDER, env });
    onTestFinished(async () => void (await child.kill("SIGKILL")));
    return child;
  };
  return {
    world: data.world,
    async worker(...args) {
      const child = run("worker.ts", ...args);
      await child.line(/^worker joined$/);
      return child;
    },
    async server() {
      const child = run("server.ts");
      const [, port] = await child.line(/^listening on (\d+)$/);
      return Object.assign(Object.create(child) as Child, {
        async post(path: string, text: string, key?: string) {
          const headers: Record<string, string> = key === undefined ? {} : { "idempotency-key": key };
          const response = await fetch(`http://127.0.0.1:${port}${path}`, { method: "POST", body: text, headers });
          return response.text();
        },
      });
    },
  };
}

/** The run that a worker started, and the path of its webhook. */
async function commandOf(worker: Child): Promise<{ readonly runId: string; readonly path: string }> {
  const [, runId = ""] = await worker.line(/^started (\S+)$/);
  const [, url = ""] = await worker.line(/^webhook (\S+)$/);
  return { runId, path: new URL(url).pathname };
}

const outputOf = async (world: World, runId: string): Promise<string | undefined> =>
  (await world.runs.waitForTerminalStatus(runId)).output;

describe.for(SHARED)(
  "a webhook whose callers and steps are in different processes ($name)",
  { timeout: 60_000 },
  ({ open }) => {
    test("answers", async (context) => {
      const { world, worker, server } = await place(context, open);
      const steps = await worker("start");
      const callers = await server();
      const { runId, path } = await commandOf(steps);
      for (const text of ["first", "second", "last"]) {
        expect(await callers.post(path, text)).toBe(`${text} from ${steps.pid}, attempt 1`);
      }
      expect(await outputOf(world, runId)).toContain('"first","second","last"');
      expect(await callers.post(path, "late")).toContain("HOOK_NOT_FOUND");
      expect([steps.stderr, callers.stderr]).toEqual(["", ""]);
    });

    test("answers although the process of the step is killed before it does", async (context) => {
      const { worker, server } = await place(context, open);
      const first = await worker("start");
      const callers = await server();
      const { path } = await commandOf(first);
      const answer = callers.post(path, "stall");
      await first.line(/^attempt 1 for stall$/);
      await first.kill("SIGKILL");
      const second = await worker();
      expect(await answer).toBe(`stall from ${second.pid}, attempt 2`);
    });

    test("goes on when the process is killed after the answer and before the end of the step", async (context) => {
      const { world, worker, server } = await place(context, open);
      const first = await worker("start");
      const callers = await server();
      const { runId, path } = await commandOf(first);
      expect(await callers.post(path, "linger")).toBe(`linger from ${first.pid}, attempt 1`);
      await first.line(/^answered linger$/);
      await first.kill("SIGKILL");
      const second = await worker();
      await second.line(/^answered linger$/);
      expect(await callers.post(path, "last")).toBe(`last from ${second.pid}, attempt 1`);
      expect(await outputOf(world, runId)).toContain('"linger","last"');
    });

    test("answers a repeat of the request when the process of the caller was killed", async (context) => {
      const { world, worker, server } = await place(context, open);
      const first = await worker("start");
      const { runId, path } = await commandOf(first);
      {
        const callers = await server();
        const lost = callers.post(path, "stall", "key 1");
        lost.catch(() => undefined);
        await first.line(/^attempt 1 for stall$/);
        await callers.kill("SIGKILL");
        await expect(lost).rejects.toThrow(TypeError);
      }
      const callers = await server();
      const repeated = callers.post(path, "stall", "key 1");
      await first.kill("SIGKILL");
      const second = await worker();
      expect(await repeated).toBe(`stall from ${second.pid}, attempt 2`);
      await callers.post(path, "last");
      expect(await outputOf(world, runId)).toContain('"stall","last"');
    });
  },
);
