import { hash } from "node:crypto";
import type { Command, Instance } from "../replay/boundary.ts";
import type { WorkflowMetadata } from "../replay/primitives.ts";
import { firstHookId, isGeneratedToken } from "../replay/realm/identity.ts";
import { OWN } from "../world/attributes.ts";
import type { Hook, Step, WorkflowRun } from "../world/entities.ts";
import type { StoredEvent } from "../world/events.ts";
import { advance, type RunState } from "../world/reduce.ts";
import type { DeliverOptions, Delivery, Lease, NewFact } from "../world/world.ts";
import type { Attempt } from "./attempt.ts";
import type { InRun } from "./current-run.ts";
import type { StepOutcome } from "./execute-step.ts";
import type { Interruption, Start } from "./interruption.ts";

/** The step bodies of one run in this process. Outlives the live run, so that no body is started twice. */
export interface LocalSteps {
  /** Steps whose body is running, and the kind of place that each has, if it has one. */
  readonly executing: Map<string, Start | undefined>;
  /** What runs: also bodies that no attempt waits for any more. */
  readonly bodies: Set<Attempt>;
  /** Attempts that ended and are not in the history yet, in the order of their end. */
  readonly finished: StepOutcome[];
  /** Steps whose outcome this process has put into the inbox, and which the run has not taken in yet. */
  readonly recorded: Set<string>;
  /** Whether the run has ended: what its bodies still come to means nothing. */
  over: boolean;
}

/** A payload that was given to the worker that owns the hook's run, to be put straight into the history. */
export interface DirectPayload {
  readonly token: string;
  readonly hookId: string;
  readonly fact: NewFact & { readonly type: "hook_received" };
  /** For the way of all others. */
  readonly options: DeliverOptions;
  readonly resolve: (delivery: Delivery) => void;
  readonly reject: (error: unknown) => void;
}

/** A leased run with its instance. It is continued from turn to turn; losing it costs a replay and nothing else. */
export interface LiveRun {
  readonly lease: Lease;
  readonly workflowName: string;
  readonly seed: string;
  /** Of the deployment that began the run. */
  readonly baseUrl: string;
  /** Whether payloads were encrypted when the run began. */
  readonly encryption: boolean;
  readonly instance: Instance;
  /** Around whatever enters workflow code. */
  readonly inRun: InRun;
  /** What is open: closed steps and waits are forgotten. */
  readonly state: RunState;
  /** Active hooks that have an end, and when it is. */
  readonly expiring: Map<string, number>;
  /** Length of the history. */
  head: number;
  /** Number of the last commit. */
  turn: number;
  /** What the code asked for and the history does not have yet. */
  asked: readonly Command[];
  readonly local: LocalSteps;
  /** Steps that ran when the run was cancelled: its code cleans up after them, so they are not attempted again. */
  readonly abandoned: Set<string>;
  /** Steps that were started and offered, and whose outcome comes through the inbox. */
  readonly elsewhere: Set<string>;
  /** Steps whose process died while they ran, and what may be done with them. */
  readonly interrupted: Map<string, Interruption>;
  /** Payloads that the next turn takes in, after the inbox. */
  direct: DirectPayload[];
  /** How many payloads of this process are on their way to the inbox. */
  posting: number;
  /** Steps that the deployed code does not have, by name. */
  missing: ReadonlySet<string>;
  /** The kind of place that a step of the run waits for. */
  blocked: Start | undefined;
  /** Whether the inbox may hold facts that were not looked at. */
  unread: boolean;
  /** Whether a turn is under way. */
  busy: boolean;
  /** Whether something came up while a turn was under way. */
  again: boolean;
  /** Cancels the wake-up of the earliest wait or retry. */
  alarm: (() => void) | undefined;
}

/** Applies an event and forgets what it closed, so that a long run stays small in memory. */
export function advanceOpen(runId: string, state: RunState, event: StoredEvent): void {
  const change = advance(runId, state, event);
  switch (change.kind) {
    case "refused":
      throw new Error(`The history of ${runId} is not possible: ${change.reason}`);
    case "step":
      if (isClosed(change.step)) state.steps.delete(change.step.stepId);
      break;
    case "wait":
      if (change.wait.status === "completed") state.waits.delete(change.wait.waitId);
      break;
  }
}

/**
 * The run was cancelled, and its code waits for none of the steps that it had asked for. Forgets those that do not run,
 * so that they never do. Returns those that run.
 */
export function abandonSteps({ steps }: RunState): readonly string[] {
  for (const { stepId, status } of steps.values()) if (status !== "running") steps.delete(stepId);
  return [...steps.keys()];
}

function isClosed(step: Step): boolean {
  return step.status === "completed" || step.status === "failed";
}

/**
 * When the run has something to do by the clock alone; null when only facts or step results can move it. `except`: steps
 * that do not count.
 */
export function nextWake(
  { state, expiring }: Pick<LiveRun, "state" | "expiring">,
  except: ReadonlyMap<string, unknown> = NO_STEPS,
): number | null {
  let earliest: number | null = null;
  const consider = (time: number | undefined): void => {
    if (time !== undefined && (earliest === null || time < earliest)) earliest = time;
  };
  for (const wait of state.waits.values()) consider(wait.resumeAt.getTime());
  for (const step of state.steps.values())
    if (step.status === "pending" && !except.has(step.stepId)) consider(step.retryAfter?.getTime());
  for (const time of expiring.values()) consider(time);
  consider(state.run?.cancelling?.deadline.getTime());
  return earliest;
}

const NO_STEPS: ReadonlyMap<string, unknown> = new Map();

/** The same in this process, where a body that goes on after its time keeps its next attempt waiting. */
export function nextAlarm(run: LiveRun): number | null {
  return nextWake(run, run.local.executing);
}

/** Whether the time of an active hook is over. */
export function hasExpired({ expiring }: Pick<LiveRun, "expiring">, now: number): boolean {
  for (const time of expiring.values()) if (time <= now) return true;
  return false;
}

/** The hooks of a history that have an end and are active. */
export function expiringHooks(state: RunState): Map<string, number> {
  const expiring = new Map<string, number>();
  for (const [hookId, { hook, status }] of state.hooks) {
    if (status === "active" && hook.expiresAt !== undefined) expiring.set(hookId, hook.expiresAt.getTime());
  }
  return expiring;
}

/** Whether a step is running, or could run at once if a worker had room. */
export function hasStepsUnderWay(state: RunState): boolean {
  for (const step of state.steps.values()) {
    if (step.awaits === undefined && (step.status === "running" || step.retryAfter === undefined)) return true;
  }
  return false;
}

/** The id that the run's next generation will give to its first hook with the token of this one. */
export function nextHookId({ lease, seed }: Pick<LiveRun, "lease" | "seed">, hook: Hook): string {
  return isGeneratedToken(hashText, seed, hook) ? hook.hookId : firstHookId(hashText, lease.runId, hook.token);
}

function hashText(ascii: string): string {
  return hash("sha256", ascii, "hex");
}

/** A run as far as the body of its step may ask about it. */
export interface RunOfStep extends Pick<LiveRun, "lease" | "workflowName" | "baseUrl" | "encryption"> {
  readonly state: { readonly run: Pick<WorkflowRun, "startedAt" | "attributes"> | undefined };
}

/** Where the chain of runs that started each other begins; the run itself, where no step started it. */
export function rootOf({ lease, state }: RunOfStep): string {
  return state.run?.attributes[OWN.root] ?? lease.runId;
}

/** What `getWorkflowMetadata` says in the run's steps; the same as in its workflow code. */
export function metadataOf({ lease, workflowName, baseUrl, encryption, state }: RunOfStep): WorkflowMetadata {
  return {
    workflowName,
    workflowRunId: lease.runId,
    workflowStartedAt: state.run?.startedAt ?? new Date(0),
    url: baseUrl,
    features: { encryption },
  };
}
