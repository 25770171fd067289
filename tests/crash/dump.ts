import type { Fact, RunStatus, StoredEvent, World, WorkflowRun } from "workflow/world";

/** Everything that a World has stored, as JSON. */
export interface Dump {
  /** In the order of their creation. */
  readonly runs: readonly StoredRun[];
  /** Of the hooks that can be resumed. */
  readonly tokens: readonly string[];
  /** Payloads that came before their hook. */
  readonly held: readonly string[];
  readonly nextDueAt: number | null;
}

export interface StoredRun {
  readonly runId: string;
  readonly workflowName: string;
  readonly status: RunStatus;
  /** Why it was put aside. */
  readonly problem?: string;
  readonly history: readonly StoredEvent[];
  readonly inbox: readonly Fact[];
}

export async function dumpWorld(world: World): Promise<Dump> {
  const runs = await allRuns(world);
  const hooks = await world.hooks.list({ pagination: { limit: 1000 } });
  return {
    runs: await Promise.all(runs.map((run) => dumpRun(world, run))),
    tokens: hooks.data.map((hook) => hook.token),
    held: await heldPayloads(world),
    nextDueAt: await world.nextDueAt(),
  };
}

/** Oldest first. */
export async function allRuns(world: World): Promise<readonly WorkflowRun[]> {
  const runs: WorkflowRun[] = [];
  for (let cursor: string | null | undefined; cursor !== null;) {
    const page = await world.runs.list({
      resolveData: "none",
      pagination: { limit: 1000, sortOrder: "asc", ...(cursor !== undefined && { cursor }) },
    });
    runs.push(...page.data);
    cursor = page.hasMore ? page.cursor : null;
  }
  return runs;
}

/** Those that are held still. */
export async function heldPayloads(world: World): Promise<readonly string[]> {
  const { data } = await world.held.list({ pagination: { limit: 1000, sortOrder: "asc" } });
  return data.flatMap(({ status, payload = "" }) => (status === "held" ? [payload] : []));
}

async function dumpRun(world: World, run: WorkflowRun): Promise<StoredRun> {
  const { runId, workflowName, status, problem } = run;
  const { history, inbox } = await world.read(runId, 0);
  return { runId, workflowName, status, ...(problem !== undefined && { problem: problem.message }), history, inbox };
}

/** Whether a stored payload is this text; none is a part of another, for the quotes. */
export function holdsText(stored: string | undefined, text: string): boolean {
  return stored?.includes(JSON.stringify(text)) === true;
}
