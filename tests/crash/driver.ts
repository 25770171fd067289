import { getRun, resumeHook, type ResumeOptions, start, type WorkflowFunction } from "workflow/api";
import { HookNotFoundError } from "workflow/errors";
import type { StartWorkerOptions } from "workflow/runtime";
import { type EventType, isEnded, type StoredEvent, type World } from "workflow/world";
import { allRuns, heldPayloads, holdsText } from "./dump.ts";
import { note } from "./evidence.ts";
import { createRepeatedCalls, type RepeatedCalls } from "./repeated-calls.ts";
import { until } from "./until.ts";

/**
 * The world outside of a scenario's runs. It has no memory: each call looks at what is stored, and does what is not done
 * yet. So a scenario is told from its beginning after every restart.
 */
export interface Driver extends RepeatedCalls {
  /** Starts a run, unless the workflow has that many already. Says which run it is. */
  start<Args extends unknown[]>(workflow: WorkflowFunction<Args, unknown>, args: Args): Promise<string>;
  /** Resumes a hook as soon as it is there, unless the payload is stored. Every payload of a scenario is another text. */
  resume(token: string, payload: string): Promise<void>;
  /** Resumes a hook that may not be there yet, without a key, unless the payload is stored. */
  hold(token: string, payload: string): Promise<void>;
  /** Tries to resume a hook that must not be there. */
  resumeInVain(token: string, payload: string): Promise<void>;
  cancel(runId: string): Promise<void>;
  /** Resolves once the run has an event of this type, of a step with this name where one is given. */
  event(runId: string, type: EventType, stepName?: string): Promise<void>;
  /** Resolves once the run has ended. */
  end(runId: string): Promise<void>;
}

/** Tells what happens to a scenario's runs from outside, and resolves once they have ended. */
export type Drive = (driver: Driver) => Promise<void>;

/** What a file of `scenarios/` exports, beside its workflows. */
export interface Scenario {
  readonly drive: Drive;
  readonly workerOptions?: StartWorkerOptions;
}

export function createDriver(world: World, onAck: () => void): Driver {
  return {
    start: starting(world, onAck),
    ...resuming(world, onAck),
    ...createRepeatedCalls(onAck),
    async cancel(runId) {
      const about = { call: "cancel", runId, pid: process.pid } as const;
      note({ event: "ask", ...about });
      // A run may take its time to clean up, and the memory World keeps no process alive.
      const alive = setInterval(() => {}, 1_000);
      await getRun(runId)
        .cancel()
        .finally(() => clearInterval(alive));
      note({ event: "ack", ...about });
      onAck();
    },
    async event(runId, type, stepName) {
      await until(`${runId} has no ${type} ${stepName ?? ""}`, async () => {
        const { history } = await world.read(runId, 0);
        return stepEvents(history, stepName).find((event) => event.type === type);
      });
    },
    async end(runId) {
      await until(`${runId} does not end`, async () => {
        const run = await world.runs.get(runId);
        return isEnded(run) ? run : undefined;
      });
    },
  };
}

function starting(world: World, onAck: () => void): Driver["start"] {
  const told = new Map<string, number>();
  return async (workflow, args) => {
    const name = String(Reflect.get(workflow, "workflowId"));
    const before = told.get(name) ?? 0;
    told.set(name, before + 1);
    const known = (await allRuns(world)).filter((run) => run.workflowName === name)[before];
    if (known !== undefined) return known.runId;
    const about = { call: "start", pid: process.pid } as const;
    note({ event: "ask", ...about });
    const { runId } = await start(workflow, args);
    note({ event: "ack", ...about, runId });
    onAck();
    return runId;
  };
}

function resuming(world: World, onAck: () => void): Pick<Driver, "resume" | "hold" | "resumeInVain"> {
  const send = async (token: string, payload: string, options: ResumeOptions): Promise<void> => {
    const about = { call: "resume", token, payload, pid: process.pid } as const;
    note({ event: "ask", ...about });
    await resumeHook(token, payload, options);
    note({ event: "ack", ...about });
    onAck();
  };
  return {
    async resume(token, payload) {
      if (await isStored(world, payload)) return;
      await until(`no hook has the token ${token}`, () => activeHook(world, token));
      await send(token, payload, {});
    },
    async hold(token, payload) {
      if (!(await isStored(world, payload))) await send(token, payload, { hold: "1h" });
    },
    async resumeInVain(token, payload) {
      try {
        await resumeHook(token, payload);
      } catch (error) {
        if (!HookNotFoundError.is(error)) throw error;
        return note({ event: "refused", call: "resume", token, payload, pid: process.pid });
      }
      throw new Error(`A hook still has the token ${token}`);
    },
  };
}

function stepEvents(history: readonly StoredEvent[], stepName: string | undefined): readonly StoredEvent[] {
  if (stepName === undefined) return history;
  const created = history.filter(
    (event) => event.type === "step_created" && event.data.stepName.endsWith(`//${stepName}`),
  );
  const ids = new Set(created.map((event) => event.correlationId));
  return history.filter((event) => ids.has(event.correlationId));
}

async function activeHook(world: World, token: string): Promise<object | undefined> {
  return world.hooks.getByToken(token).catch((error: unknown) => {
    if (HookNotFoundError.is(error)) return undefined;
    throw error;
  });
}

/** Whether a run has the payload in its history, or in its inbox, or it is held. */
async function isStored(world: World, payload: string): Promise<boolean> {
  if ((await heldPayloads(world)).some((held) => holdsText(held, payload))) return true;
  for (const { runId } of await allRuns(world)) {
    const { history, inbox } = await world.read(runId, 0);
    const events = [...history, ...inbox.map((fact) => fact.event)];
    if (events.some((event) => event.type === "hook_received" && holdsText(event.payload, payload))) return true;
  }
  return false;
}
