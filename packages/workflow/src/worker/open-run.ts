import type { RunIdentity } from "../replay/boundary.ts";
import { divergenceError } from "../replay/divergence.ts";
import { userPosition } from "../replay/positions.ts";
import { type Replayed, replay } from "../replay/replay.ts";
import type { Step } from "../world/entities.ts";
import { LeaseLostError, WorkflowError, WorkflowRuntimeError } from "../world/errors.ts";
import { emptyState, type RunState } from "../world/reduce.ts";
import { type EventData, isRunTerminal, type StoredEvent } from "../world/events.ts";
import type { Fact, Lease, NewRun, StoredCode, World } from "../world/world.ts";
import { cancelTurn, type Cancelling } from "./cancel-turn.ts";
import { contextOf } from "./current-run.ts";
import { judgeInterruption } from "./interruption.ts";
import { abandonSteps, advanceOpen, expiringHooks, type LiveRun, type LocalSteps } from "./live-run.ts";
import { requireOpened } from "./require-opened.ts";
import type { Patience } from "./patience.ts";
import type { Realms } from "./realms.ts";
import { judgeSetback } from "./setback.ts";
import { loadStep, policyOf } from "./step-functions.ts";

export type Opened =
  | {
      readonly status: "live";
      readonly run: LiveRun;
      /** How many events went through workflow code; 1 for a run that is new. */
      readonly replayed: number;
    }
  /** A cancellation was waiting, and the code has not begun, or cannot go on. */
  | { readonly status: "cancelled"; readonly cancelReason: string | undefined };

/**
 * Makes a leased run live: reads its history and replays it.
 * @throws `LeaseLostError` when the run has ended, `ReplayDivergenceError` when the code and the history disagree,
 *   `RuntimeDecryptionError` when the World could not decrypt what the run needs.
 */
export async function openRun(
  world: World,
  patience: Patience,
  realms: Realms,
  lease: Lease,
  local: LocalSteps,
  baseUrl: string,
): Promise<Opened> {
  const asked = await patience(lease.runId, () => world.read(lease.runId, 0));
  if (asked.status === "refused") throw asked.error;
  const { history, seed, inbox, offered = [] } = asked.value;
  const [created] = history;
  if (created?.type !== "run_created") throw new WorkflowRuntimeError(`Run ${lease.runId} has no run_created event`);
  // By whoever has leased it since: a read that comes late shows what this lease cannot go on from.
  if (isRunTerminal(history.at(-1)?.type ?? "run_created")) {
    throw new LeaseLostError(`Run ${lease.runId} has ended under a later lease`);
  }
  const now = world.clock.now();
  const cancel = async ({ turn, ended }: Cancelling): Promise<Opened> => {
    const outcome = await patience(lease.runId, () => world.commit(lease, turn));
    if (outcome.status === "refused") throw outcome.error;
    return ended;
  };
  const atOnce = cancelTurn({ history, inbox }, { now, mayPass: false });
  // Code that has continued as new may have something to clean up from the beginning.
  if (atOnce !== undefined && history.length === 1 && created.data.generation === undefined) return cancel(atOnce);
  try {
    requireOpened(history);
    requireOpened(inbox.map((fact) => fact.event));
    const code = await realms.codeOf(created.data.codeHash);
    const elsewhere = runningElsewhere(offered, inbox);
    const revival = { world, realms, code, lease, local, seed, history, elsewhere, baseUrl };
    return { status: "live", ...(await reviveRun(revival)) };
  } catch (error) {
    // Also a run whose code cannot go on can be cancelled. Otherwise the code may have asked to be told.
    const mayPass = judgeSetback(lease.runId, error, now).parked.dueAt !== null;
    const cancelling = cancelTurn({ history, inbox }, { now, mayPass });
    if (cancelling === undefined || isOutage(error)) throw error;
    return cancel(cancelling);
  }
}

function isOutage(error: unknown): boolean {
  return error instanceof WorkflowError && error.code === "WORLD_FAILED";
}

export interface Revival {
  readonly world: Pick<World, "encrypts">;
  readonly realms: Realms;
  readonly code: StoredCode;
  readonly lease: Lease;
  readonly local: LocalSteps;
  readonly seed: string;
  readonly history: readonly StoredEvent[];
  /** Of started steps, those whose outcome comes through the inbox. Absent: none. */
  readonly elsewhere?: ReadonlySet<string>;
  readonly baseUrl: string;
}

/** What a run's history will begin with once it is created. */
export function historyOf(run: NewRun): readonly StoredEvent[] {
  const { workflowName, codeHash, attributes, input, createdAt } = run;
  const data = { workflowName, codeHash, attributes };
  return [{ type: "run_created", data, payload: input, at: createdAt, position: 1, turn: 1 }];
}

/**
 * Brings a fresh instance to the end of a history.
 * @throws `ReplayDivergenceError` when the code and the history disagree.
 */
export async function reviveRun(revival: Revival): Promise<Omit<Opened & { status: "live" }, "status">> {
  const { code, lease, local, seed, history, baseUrl, elsewhere = new Set() } = revival;
  const realm = revival.realms.of(code);
  const inRun = contextOf(lease.runId);
  const { state, abandoned } = openStateOf(lease.runId, history);
  if (state.run === undefined) throw new WorkflowRuntimeError(`Run ${lease.runId} has no run_created event`);
  const { workflowName, generation = 0 } = state.run;
  const identity: RunIdentity = { runId: lease.runId, workflowName, seed, generation, createdAt: createdOf(history) };
  const instance = realm.instantiate(identity);
  const started = startOf(history);
  const replayed = inRun(() => replay(instance, history));
  if (replayed.status === "diverged") {
    instance.dispose();
    const traced = realm.instantiate(identity, { tracing: true });
    const again = inRun(() => replay(traced, history));
    traced.dispose();
    throw explain(lease.runId, replayed, again, (stack) => userPosition(stack, code));
  }
  const run: LiveRun = {
    lease,
    workflowName,
    seed,
    baseUrl: started?.baseUrl ?? baseUrl,
    encryption: started === undefined ? revival.world.encrypts : started.encryption === true,
    instance,
    inRun,
    state,
    expiring: expiringHooks(state),
    head: history.length,
    turn: history.at(-1)?.turn ?? 0,
    asked: replayed.commands,
    local,
    abandoned: stillRunning(abandoned, state, local),
    elsewhere: new Set(elsewhere),
    interrupted: await interruptedSteps(state.steps.values(), local, elsewhere),
    direct: [],
    posting: 0,
    missing: new Set(),
    blocked: undefined,
    unread: true,
    busy: false,
    again: false,
    alarm: undefined,
  };
  return { run, replayed: replayed.delivered };
}

/** When this generation of the run was created. */
function createdOf(history: readonly StoredEvent[]): number {
  return history[0]?.at ?? 0;
}

function startOf(history: readonly StoredEvent[]): EventData["run_started"] | undefined {
  const started = history.find((event) => event.type === "run_started");
  return started?.type === "run_started" ? started.data : undefined;
}

/** What is open at the end of a history. The events of steps and waits that are over need no look. */
function openStateOf(
  runId: string,
  history: readonly StoredEvent[],
): { readonly state: RunState; readonly abandoned: readonly string[] } {
  const over = { step: new Set<string>(), wait: new Set<string>() };
  for (const { type, correlationId = "" } of history) {
    if (type === "step_completed" || type === "step_failed") over.step.add(correlationId);
    else if (type === "wait_completed") over.wait.add(correlationId);
  }
  const state = emptyState();
  let abandoned: readonly string[] = [];
  for (const event of history) {
    if (event.type === "cancel_requested") abandoned = abandonSteps(state);
    const kind = event.type.startsWith("step") ? "step" : event.type.startsWith("wait") ? "wait" : undefined;
    if (kind === undefined || !over[kind].has(event.correlationId ?? "")) advanceOpen(runId, state, event);
  }
  return { state, abandoned };
}

/** Of the steps that a cancelled run has abandoned, those whose bodies are here. The others have died with their process. */
function stillRunning(abandoned: readonly string[], { steps }: RunState, local: LocalSteps): Set<string> {
  const running = new Set<string>();
  for (const stepId of abandoned) {
    const step = steps.get(stepId);
    if (step !== undefined && isHere(step, local)) running.add(stepId);
    else steps.delete(stepId);
  }
  return running;
}

function explain(
  runId: string,
  diverged: Replayed & { status: "diverged" },
  traced: Replayed,
  locate: (stack: string) => string | undefined,
): Error {
  const found = traced.status === "diverged" ? traced.found : undefined;
  const position = found?.stack === undefined ? undefined : locate(found.stack);
  return divergenceError(runId, diverged.event, diverged.found, position);
}

/** Steps that other workers have or may take, and those that they have finished: the outcome is in the inbox. */
function runningElsewhere(offered: readonly string[], inbox: readonly Fact[]): ReadonlySet<string> {
  const finished = inbox.flatMap(({ event }) => (event.type.startsWith("step_") ? (event.correlationId ?? []) : []));
  return new Set([...offered, ...finished]);
}

/** Steps that were running when their worker died. */
async function interruptedSteps(
  steps: Iterable<Step>,
  local: LocalSteps,
  elsewhere: ReadonlySet<string>,
): Promise<LiveRun["interrupted"]> {
  const interrupted: LiveRun["interrupted"] = new Map();
  for (const step of steps) {
    if (step.status !== "running" || isHere(step, local)) continue;
    // Also of those that are offered: somebody has to be able to take them.
    await loadStep(step.stepName);
    if (elsewhere.has(step.stepId)) continue;
    interrupted.set(step.stepId, judgeInterruption(step.attempt, policyOf(step)));
  }
  return interrupted;
}

/** Whether the body of a step runs in this process, or has ended in it. */
function isHere({ stepId, attempt }: Step, { executing, finished, recorded }: LocalSteps): boolean {
  if (executing.has(stepId) || recorded.has(stepId)) return true;
  return finished.some((one) => one.stepId === stepId && one.attempt === attempt);
}
