import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Child, startNode } from "./support/child.ts";

const FOLDER = join(import.meta.dirname, "fixtures/servers");

interface Reply {
  readonly status: number;
  readonly body: { readonly runId?: string; readonly status?: string; readonly result?: string };
}

interface Server extends Child {
  get(path: string): Promise<Reply>;
  post(path: string, body: object): Promise<Reply>;
}

describe.each(["http", "express", "fastify", "hono"])("an application with %s, started with register", (name) => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), `${name}-`));
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  async function startServer(): Promise<Server> {
    const env = { WORKFLOW_LOCAL_DATA_DIR: join(folder, "data"), STEP_LOG: join(folder, "steps.log") };
    const child = startNode(["--import", "workflow/register", `${name}.ts`], { cwd: FOLDER, env });
    const [, port] = await child.line(/^listening on (\d+)$/);
    const send = async (path: string, init?: RequestInit): Promise<Reply> => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`, init);
      return { status: response.status, body: (await response.json()) as Reply["body"] };
    };
    const headers = { "content-type": "application/json" };
    return Object.assign(Object.create(child) as Child, {
      get: (path: string) => send(path),
      post: (path: string, body: object) => send(path, { method: "POST", headers, body: JSON.stringify(body) }),
    });
  }

  /** `start()` resolves before the workflow has run, so its hook appears a little later. */
  async function waitsForApproval(server: Server, order: string): Promise<Reply> {
    for (let reply = await server.get(`/orders/${order}/hook`); ; reply = await server.get(`/orders/${order}/hook`)) {
      if (reply.status !== 404) return reply;
      await delay(10);
    }
  }

  const stepsRun = (): string[] => readFileSync(join(folder, "steps.log"), "utf8").trimEnd().split("\n");

  test("starts, resumes and finishes runs over HTTP", async () => {
    await using server = await startServer();
    const started = await server.post("/orders", { order: "o1" });
    expect(started.status).toBe(202);
    const { runId } = started.body;

    expect((await server.post("/orders/unknown/approve", { by: "ada" })).status).toBe(404);
    expect(await waitsForApproval(server, "o1")).toEqual({ status: 200, body: { runId } });
    expect(await server.post("/orders/o1/approve", { by: "ada" })).toEqual({ status: 200, body: { runId } });
    expect(await server.get(`/runs/${runId}/result`)).toEqual({
      status: 200,
      body: { status: "completed", result: "reserved o1, approved by ada, shipped" },
    });
    expect((await server.post("/orders/o1/approve", { by: "bob" })).status).toBe(404);
    expect(stepsRun()).toEqual(["reserve o1 attempt 1", "ship reserved o1 attempt 1"]);
    expect(server.stderr).toBe("");
    expect(await server.kill("SIGTERM")).toEqual({ code: null, signal: "SIGTERM" });
  });

  test("goes on after kill -9 with runs that wait", async () => {
    let runId: string | undefined;
    {
      await using server = await startServer();
      ({ runId } = (await server.post("/orders", { order: "o2" })).body);
      await waitsForApproval(server, "o2");
      await server.kill("SIGKILL");
    }
    await using server = await startServer();
    expect(await server.post("/orders/o2/approve", { by: "bob" })).toEqual({ status: 200, body: { runId } });
    expect((await server.get(`/runs/${runId}/result`)).body).toEqual({
      status: "completed",
      result: "reserved o2, approved by bob, shipped",
    });
    expect(stepsRun()).toEqual(["reserve o2 attempt 1", "ship reserved o2 attempt 1"]);
    expect(server.stderr).toBe("");
  });
});
