// Whatever can be read of runs, in any way, is looked through for what must never be there.
import { createHmac } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterEach, expect, onTestFinished, test, vi } from "vitest";
import { getHookByToken, getRun, registerLifecycleHooks, resumeHook, resumeWebhook, start } from "workflow/api";
import { createWebhookHandler } from "workflow/http";
import { setWorld } from "workflow/runtime";
import type { World } from "workflow/world";
import { createLocalWorld } from "../../packages/workflow/src/local/world.ts";
import { PROGRAM } from "../support/cli.ts";
import { startNode } from "../support/child.ts";
import { deploy, realmCode, startEngine, workflow } from "../support/engine.ts";
import { untilEvent } from "../support/scenario.ts";
import { ROOT } from "./place.ts";

const VARIABLE = "SECRETS_TEST_KEY";
const SECRET = "hunter2-never-to-be-seen";

const APP = realmCode(
  ["work"],
  `const verify = { scheme: "hmac", secret: "${VARIABLE}", header: "x-sign" };
  const talk = (...values) => console.log(getWorkflowMetadata(), Math.random(), crypto.randomUUID(), ...values);
  workflow("waits", async () => {
    const webhook = createWebhook({ verify, metadata: { a: 1 } });
    const hook = createHook({ token: "secrets", metadata: { b: 2 } });
    talk(webhook, hook, Object.entries(webhook));
    const request = await webhook;
    await work(request.url);
    return [await request.text(), await hook];
  });
  workflow("fails", async () => { talk(); await work(); throw new Error("failed " + Math.random()); });
  workflow("loses", async () => createHook({ token: "secrets" }));
  workflow("refused", async () => createWebhook({ verify: { ...verify, secret: "not a name" } }));`,
);

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  setWorld(undefined);
});

const shown = (value: unknown): string => inspect(value, { depth: 12, showHidden: true, maxStringLength: null });

async function outcome(promise: Promise<unknown>): Promise<string> {
  return shown(await promise.catch((error: unknown) => error));
}

async function answered(response: Response): Promise<string> {
  return shown([response.status, [...response.headers], await response.text()]);
}

/** Every read for people, with all payloads. */
async function readAll(world: World): Promise<string[]> {
  const runs = (await world.runs.list()).data;
  const lists = await Promise.all([world.hooks.list(), world.held.list(), getHookByToken("secrets"), runs]);
  const ofRuns = runs.map(async ({ runId }) => {
    const steps = await world.steps.list({ runId });
    return [
      await world.runs.get(runId),
      await world.events.list({ runId }),
      steps,
      await outcome(getRun(runId).status),
    ];
  });
  return [...lists, ...(await Promise.all(ofRuns))].map(shown);
}

/** All that the command line says. */
async function sayAll(directory: string, runIds: readonly string[], tokens: readonly string[]): Promise<string[]> {
  const views = ["runs", "hooks", "held"].map((view) => [view]);
  const ofRuns = runIds.flatMap((runId) => [
    ["run", runId],
    ["events", runId],
    ["hooks", "--runId", runId],
  ]);
  const ofHooks = tokens.map((token) => ["hook", token]);
  const said: string[] = [];
  for (const view of [...views, ...ofRuns, ...ofHooks]) {
    for (const form of [["--json", "--withData"], ["--withData"]]) {
      const env = { WORKFLOW_LOCAL_DATA_DIR: directory, [VARIABLE]: SECRET };
      await using child = startNode([PROGRAM, "inspect", ...view, ...form], { cwd: directory, env });
      expect(await child.exit).toMatchObject({ code: 0 });
      said.push(child.stdout, child.stderr);
    }
  }
  return said;
}

test("neither the seed of a run nor the secret of a webhook is ever shown", { timeout: 120_000 }, async () => {
  vi.stubEnv(VARIABLE, SECRET);
  const printed: string[] = [];
  for (const method of ["log", "warn", "error"] as const) {
    vi.spyOn(console, method).mockImplementation((...parts) => void printed.push(...parts.map(shown)));
  }
  const directory = mkdtempSync(join(tmpdir(), "secrets-"));
  const world = await createLocalWorld({ directory });
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  onTestFinished(() => world.close());
  deploy(APP, { work: async () => "worked" });
  const engine = await startEngine({ world });
  onTestFinished(() => engine.stop());
  onTestFinished(registerLifecycleHooks({ onRunFailed: (told) => void printed.push(shown(told)) }));

  const seen: string[] = [];
  const waits = await start(workflow("waits"), []);
  await untilEvent(world, waits.runId, "hook_created", 2);
  const others = [await start(workflow("fails"), []), await start(workflow("loses"), [])];
  others.push(await start(workflow("refused"), []));
  for (const run of others) seen.push(await outcome(run.returnValue), shown(run));
  const { token } = (await world.hooks.list({ runId: waits.runId })).data.find(({ isWebhook }) => isWebhook)!;
  const handler = createWebhookHandler();
  const request = (sign: string): Request =>
    new Request(ROOT + token, { method: "POST", body: "x", headers: { "x-sign": sign } });
  seen.push(await answered(await handler(request("0".repeat(64)))));
  seen.push(await outcome(resumeWebhook(token, request("none"))), ...(await readAll(world)));
  const runIds = [waits, ...others].map(({ runId }) => runId);
  seen.push(...(await sayAll(directory, runIds, [token, "secrets"])));
  seen.push(await answered(await handler(request(createHmac("sha256", SECRET).update("x").digest("hex")))));
  seen.push(
    await outcome(resumeHook("nobody", 1)),
    await outcome(resumeHook("secrets", 2)),
    await outcome(waits.returnValue),
  );
  seen.push(shown(await world.runs.list()), ...printed, ...engine.lines, ...engine.reports);

  const seeds = await Promise.all(runIds.map(async (runId) => (await world.read(runId, 0)).seed));
  for (const text of [token, VARIABLE, "WEBHOOK_NOT_VERIFIED", "HOOK_CONFLICT", "failed 0."]) {
    expect(seen.some((part) => part.includes(text))).toBe(true);
  }
  for (const secret of [SECRET, ...seeds]) {
    expect(secret).toMatch(/^.{24,}$/);
    expect(seen.filter((part) => part.includes(secret))).toEqual([]);
  }
});
