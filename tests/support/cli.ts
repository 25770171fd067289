import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import type { NewEvent, Problem, Turn } from "workflow/world";
import { createLocalWorld } from "../../packages/workflow/src/local/world.ts";
import { systemClock } from "../../packages/workflow/src/world/clock.ts";
import { serialize } from "../../packages/workflow/src/serialization/serialize.ts";
import { type Child, startNode } from "./child.ts";

export const PROGRAM: string = join(import.meta.dirname, "../../packages/workflow/bin/workflow.js");
export const FIXTURES: string = join(import.meta.dirname, "../fixtures/cli");
/** The workflow of the app in {@link FIXTURES}. */
export const SURVEY = "workflow//./survey//survey";

/** A directory in which the program `workflow` is typed. */
export interface Place {
  readonly folder: string;
  /** Where an app would have its data: does not exist yet. */
  readonly data: string;
  workflow(args: readonly string[], surroundings?: Surroundings): Promise<Said>;
  /** The output of a command that must succeed and have nothing else to say. */
  printed(...args: string[]): Promise<string>;
  // oxlint-disable-next-line typescript/no-explicit-any -- as JSON.parse gives it
  json(...args: string[]): Promise<any>;
  /** An app with a run for each topic, each of which waits for its reply. */
  startApp(...topics: string[]): Promise<App>;
}

export interface Said {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Surroundings {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** A module that is loaded first. */
  readonly first?: string;
}

interface App extends Child {
  readonly runIds: readonly string[];
}

/** An empty one, that goes with the test. `surroundings`: what the program and the app find in the environment. */
export function createPlace(surroundings: Readonly<Record<string, string>> = {}): Place {
  const folder = mkdtempSync(join(tmpdir(), "cli-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const data = join(folder, "data");

  async function workflow(args: readonly string[], { env = {}, first, ...rest }: Surroundings = {}): Promise<Said> {
    const preload = first === undefined ? [] : ["--import", join(FIXTURES, first)];
    const ownEnv = { WORKFLOW_LOCAL_DATA_DIR: data, ...surroundings, ...env };
    await using child = startNode([...preload, PROGRAM, ...args], { cwd: folder, env: ownEnv, ...rest });
    const { code } = await child.exit;
    return { code, stdout: child.stdout, stderr: child.stderr };
  }

  async function printed(...args: string[]): Promise<string> {
    const { stdout, ...rest } = await workflow(args);
    expect(rest).toEqual({ code: 0, stderr: "" });
    return stdout;
  }

  async function startApp(...topics: string[]): Promise<App> {
    const args = ["--import", "workflow/register", "app.ts", ...topics];
    const child = startNode(args, { cwd: FIXTURES, env: { WORKFLOW_LOCAL_DATA_DIR: data, ...surroundings } });
    const runIds: string[] = [];
    for (const topic of topics) {
      runIds.push((await child.line(new RegExp(`^started ${topic} (\\w+)$`)))[1] ?? "");
      await child.line(new RegExp(`^waiting ${topic}$`));
    }
    await child.line(/^ready$/);
    return Object.assign(Object.create(child) as Child, { runIds });
  }

  const json = async (...args: string[]): Promise<unknown> => JSON.parse(await printed(...args, "--json"));
  return { folder, data, workflow, printed, json, startApp };
}

interface StoredRun {
  readonly workflowName?: string;
  readonly input?: string;
  readonly problem?: Problem;
  readonly attributes?: Readonly<Record<string, string>>;
  /** What it comes to: it has ended. */
  readonly output?: string;
}

/** Stores runs that no worker has begun; those with a problem are put aside, those with a result are over. Gives their ids. */
export async function storeRuns(data: string, runs: readonly StoredRun[]): Promise<string[]> {
  const world = await createLocalWorld({ directory: data });
  const codeHash = "c0de".repeat(16);
  await world.code.put({ hash: codeHash, source: "", map: "" });
  await world.join("tester");
  const runIds = runs.map((_, index) => `wrun_${String(index).padStart(26, "0")}`);
  for (const [index, stored] of runs.entries()) {
    const { workflowName = SURVEY, input = "devl[1]", problem, attributes = {}, output } = stored;
    const runId = runIds[index] ?? "";
    const run = { runId, workflowName, codeHash, input, attributes, seed: "", createdAt: Date.now() };
    const creation = await world.createRun(run, problem === undefined && output === undefined ? undefined : "tester");
    const lease = creation.status === "created" ? creation.lease : null;
    if (lease !== null && problem !== undefined) await world.release(lease, { dueAt: null, problem });
    if (lease !== null && output !== undefined) await world.commit(lease, lifeOf(output));
  }
  await world.close();
  return runIds;
}

/** All of a run with a step, in one turn. */
function lifeOf(output: string): Turn {
  const step = { correlationId: "step_1", at: Date.now() };
  const events: NewEvent[] = [
    { type: "run_started", data: {}, at: Date.now() },
    { type: "step_created", ...step, data: { stepName: "step//./survey//prepare" }, payload: output },
    { type: "step_started", ...step, data: { attempt: 1 } },
    { type: "step_completed", ...step, data: {}, payload: output },
    { type: "run_completed", data: {}, payload: output, at: Date.now() },
  ];
  return { after: 1, entries: events.map((event) => ({ kind: "event", event })), drops: [], dueAt: null };
}

interface StoredPayload {
  readonly token: string;
  readonly value: unknown;
  /** How long it is held, in milliseconds from an hour ago. */
  readonly holdMs: number;
  readonly idempotencyKey?: string;
}

/** Stores payloads for tokens that nobody has, an hour ago. */
export async function holdPayloads(data: string, payloads: readonly StoredPayload[]): Promise<void> {
  const now = (): number => Date.now() - 60 * 60_000;
  const world = await createLocalWorld({ directory: data, clock: { ...systemClock(), now } });
  for (const { token, value, holdMs, ...options } of payloads) {
    const payload = serialize(value, { what: "hook payload", of: token });
    const fact = { type: "hook_received", data: {}, payload, at: now() } as const;
    await world.deliver({ token }, fact, { holdUntil: now() + holdMs, ...options });
  }
  await world.close();
}

/** What stands in the columns of a line. */
export function columnsOf(line: string | undefined): string[] {
  return (line ?? "").trim().split(/\s{2,}/);
}
