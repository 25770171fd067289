// Processes without a worker that are asked to work, on the same data. Real time.
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test, type TestContext, vi } from "vitest";
import type { World } from "workflow/world";
import { type Child, startNode } from "../support/child.ts";
import { PROGRAM } from "../support/cli.ts";
import { SHARED, type SharedData } from "../support/shared-data.ts";
import { WAKE_PATH, WAKE_SECRET, wakeRequest } from "./wake-message.ts";

const FOLDER = join(import.meta.dirname, "../fixtures/webhooks");
const PAGE = readFileSync(join(import.meta.dirname, "../../docs/serverless.md"), "utf8");

interface Server extends Child {
  readonly url: string;
  wake(body?: string): Promise<Answer>;
  post(path: string, text: string): Promise<string>;
}

interface Answer {
  readonly status: string;
  readonly nextDueAt: string | null;
  readonly turns: number;
  readonly steps: number;
}

interface Place {
  readonly world: World;
  worker(): Promise<Child>;
  server(): Promise<Server>;
}

async function place({ onTestFinished }: TestContext, open: () => Promise<SharedData>): Promise<Place> {
  const data = await open();
  onTestFinished(() => data[Symbol.asyncDispose]());
  const env = { ...data.env, WORKFLOW_WORKER: "off", WORKFLOW_WAKE_SECRET: WAKE_SECRET };
  const run = (...args: string[]): Child => {
    const child = startNode(["--import", "workflow/register", ...args], { cwd: FOLDER, env });
    onTestFinished(async () => void (await child.kill("SIGKILL")));
    return child;
  };
  return {
    world: data.world,
    async worker() {
      const child = run("worker.ts", "start");
      await child.line(/^worker joined$/);
      return child;
    },
    async server() {
      const child = run("server.ts");
      const [, port] = await child.line(/^listening on (\d+)$/);
      const url = `http://127.0.0.1:${port}`;
      return Object.assign(Object.create(child) as Child, {
        url,
        async wake(body = "") {
          const response = await fetch(wakeRequest(`${url}${WAKE_PATH}`, body));
          expect(response.status).toBe(200);
          return (await response.json()) as Answer;
        },
        post: async (path: string, text: string) =>
          (await fetch(`${url}${path}`, { method: "POST", body: text })).text(),
      });
    },
  };
}

describe.for(SHARED)("processes that are asked to work ($name)", { timeout: 60_000 }, ({ open }) => {
  test("take over what a process had that died, also when two are asked at once", async (context) => {
    const { world, worker, server } = await place(context, open);
    const dying = await worker();
    const [, runId = ""] = await dying.line(/^started (\S+)$/);
    const [, url = ""] = await dying.line(/^webhook (\S+)$/);
    const servers = [await server(), await server()] as const;
    const { pathname } = new URL(url);
    const stalled = servers[0].post(pathname, "stall");
    await dying.line(/^attempt 1 for stall$/);
    await dying.kill("SIGKILL");

    // A PostgreSQL that is busy may take longer than a call to say that a session is over.
    let steps = 0;
    while (steps === 0) {
      const answers = await Promise.all(servers.map((each) => each.wake()));
      expect(answers).toEqual(servers.map(() => expect.objectContaining({ status: "idle", nextDueAt: null })));
      steps = answers.reduce((sum, answer) => sum + answer.steps, 0);
    }
    expect(steps).toBe(1);
    expect(await stalled).toMatch(/^stall from \d+, attempt 2$/);

    const last = servers[1].post(pathname, "last");
    await vi.waitFor(async () => expect((await servers[0].wake()).steps).toBe(1), { timeout: 20_000 });
    expect(await last).toBe(`last from ${servers[0].pid}, attempt 1`);
    expect(await world.runs.get(runId)).toMatchObject({ status: "completed" });
    expect(servers.map(({ stderr }) => stderr)).toEqual(["", ""]);
  });
});

describe("a scheduler", { timeout: 60_000 }, () => {
  const open = (): Promise<SharedData> => (SHARED[0] ?? expect.unreachable()).open();
  const NOTHING_DUE = { status: "idle", nextDueAt: null, turns: 0, steps: 0 };

  test("signs with openssl and curl as the guide says", async (context) => {
    const { server } = await place(context, open);
    const { url } = await server();
    const [, script = ""] = /```sh\n([^`]*openssl dgst[^`]*)```/.exec(PAGE) ?? [];
    const env = { PATH: process.env["PATH"], APP_URL: url, WORKFLOW_WAKE_SECRET: WAKE_SECRET };
    const { stdout } = await promisify(execFile)("sh", ["-euc", script], { env });
    expect(JSON.parse(stdout)).toEqual(NOTHING_DUE);
  });

  test("is the program workflow", async (context) => {
    const { server } = await place(context, open);
    const { url } = await server();
    const run = async (address: string, secret: string): Promise<Pick<Child, "stdout" | "stderr">> => {
      const env = { WORKFLOW_WAKE_SECRET: secret };
      await using child = startNode([PROGRAM, "wake", address, "--maxMs", "1000"], { cwd: FOLDER, env });
      await child.exit;
      return { stdout: child.stdout, stderr: child.stderr };
    };
    for (const address of [url, `${url}/shop/`, `${url}${WAKE_PATH}`]) {
      expect(await run(address, WAKE_SECRET)).toEqual({ stdout: `${JSON.stringify(NOTHING_DUE)}\n`, stderr: "" });
    }
    const other = `whsec_${Buffer.alloc(32, 8).toString("base64")}`;
    expect(await run(url, other)).toEqual({
      stdout: "",
      stderr: expect.stringMatching(/answered 401.* Has the app the same WORKFLOW_WAKE_SECRET/s),
    });
    expect((await run(url, "")).stderr).toContain("openssl rand -base64 32");
    expect((await run("shop", WAKE_SECRET)).stderr).toContain("shop is no address");
    expect((await run("http://127.0.0.1:1", WAKE_SECRET)).stderr).toContain("did not answer");
  });
});
