/**
 * The part of the engine that lives inside the realm. Bundled into one script (build/prelude.js), evaluated once
 * per realm, before any workflow code. The host keeps the {@link Prelude} it exports; workflow code cannot see it.
 */
import "./dispose-symbols.ts";
import { deserialize, serialize } from "../../serialization/serialize.ts";
import {
  WorkflowNotRegisteredError,
  WorkflowRunCancelledError,
  WorkflowRunFailedError,
  WorkflowRunNotFoundError,
  WorkflowRuntimeError,
} from "../../world/errors.ts";
import { RunExpiredError } from "../../world/run-expired-error.ts";
import type { AwaitedEnd, EventData } from "../../world/events.ts";
import type { Bridge } from "./bridge.ts";
import { interrupt } from "./cancellation.ts";
import { conclude, fail } from "./conclude.ts";
import { currentRun, type RunContext, setCurrentRun, type WorkflowFunction } from "./context.ts";
import { defineStepMethod, registerClass, type RegisteredClass } from "./classes.ts";
import { emit } from "./emit.ts";
import { abortSignal } from "./globals/abort-signal.ts";
import { enterGlobals, installGlobals, leaveGlobals } from "./globals/install.ts";
import { RealmHandles } from "./handles.ts";
import { expire, receive, register } from "./hook.ts";
import { refuel } from "./fuel.ts";
import { createModules } from "./modules.ts";
import { installRaces } from "./race.ts";
import { createStepProxy } from "./step.ts";
import { closeLostWaits } from "./wait.ts";

/** What the host calls. Arguments and results are text and numbers; `enter` only queues, the drain executes. */
export interface Prelude {
  open(key: number, identity: string): void;
  enter(key: number, type: string, id: string, at: number, position: number, payload: string, data: string): void;
  /** After {@link leave}: the next piece of the outbox, "" when it is empty. */
  take(key: number): string;
  /** After the drain. */
  leave(): void;
  close(key: number): void;
}

type Bundle = (exports: object, workflow: object) => void;

declare const exports: { prelude?: (bridge: Bridge, bundle: Bundle) => Prelude };

exports.prelude = (hostBridge, bundle) => {
  const runs = new Map<number, RunContext>();
  /** Whose globals are in place. They stay until another run enters, since most entries follow one of the same run. */
  let inPlace: RunContext | undefined;
  const place = (run: RunContext | undefined): void => {
    if (inPlace === run) return;
    if (inPlace !== undefined) leaveGlobals(inPlace);
    if (run !== undefined) enterGlobals(run);
    inPlace = run;
  };
  const settled = Promise.resolve();
  const bridge = installGlobals(hostBridge);
  const modules = createModules(bridge);
  installRaces();

  return {
    open(key, identity) {
      runs.set(key, openRun(identity, bridge));
    },
    enter(key, type, id, at, position, payload, data) {
      const run = runs.get(key);
      if (run === undefined) return;
      setCurrentRun(run);
      place(run);
      settled
        .then(() => dispatch(run, bridge, bundle, modules, { type, id, at, position, payload, data }))
        .catch((error: unknown) => conclude(run, () => fail(run, bridge, error, "RUNTIME_ERROR")));
    },
    take: (key) => runs.get(key)?.outbox.shift() ?? "",
    leave() {
      const run = currentRun();
      if (run !== undefined) closeLostWaits(run);
      setCurrentRun(undefined);
    },
    close(key) {
      if (inPlace !== undefined && inPlace === runs.get(key)) place(undefined);
      runs.delete(key);
    },
  };
};

function openRun(identity: string, bridge: Bridge): RunContext {
  const given = JSON.parse(identity) as Pick<
    RunContext,
    "runId" | "workflowName" | "seed" | "generation" | "tracing"
  > & {
    createdAt: number;
  };
  return {
    ...given,
    bridge,
    now: given.createdAt,
    startedAt: given.createdAt,
    baseUrl: undefined,
    encryption: false,
    input: "",
    ended: false,
    cancelled: false,
    globals: new Map(),
    draws: new Map(),
    outbox: [],
    steps: new Map(),
    waits: new Map(),
    lostWaits: new Set(),
    hooks: new Map(),
    signals: new Map(),
    workflows: new Map(),
    classes: new Map(),
    random: undefined,
  };
}

interface Delivered {
  readonly type: string;
  readonly id: string;
  readonly at: number;
  readonly position: number;
  readonly payload: string;
  readonly data: string;
}

function begin(run: RunContext, { baseUrl, encryption }: EventData["run_started"]): void {
  run.startedAt = run.now;
  run.baseUrl = baseUrl;
  run.encryption = encryption === true;
}

function dispatch(
  run: RunContext,
  bridge: Bridge,
  bundle: Bundle,
  modules: Readonly<Record<string, unknown>>,
  event: Delivered,
): void {
  if (run.ended) return;
  run.now = Math.max(run.now, event.at);
  switch (event.type) {
    case "run_created":
      run.input = event.payload;
      return;
    case "run_started":
      begin(run, JSON.parse(event.data) as EventData["run_started"]);
      return startRun(run, bridge, bundle, modules);
    case "step_completed":
      return settle(run.steps, event.id, (step) => step.resolve(deserialize(event.payload, new RealmHandles(run))));
    case "step_failed":
      return settle(run.steps, event.id, (step) => step.reject(failureOf(run, event)));
    case "wait_completed":
      return settle(run.waits, event.id, (wait) => wait.end());
    case "cancel_requested":
      return interrupt(run, JSON.parse(event.data) as EventData["cancel_requested"]);
    default:
      return dispatchHook(run, event);
  }
}

/** What a step that failed throws; one that awaited another run, as `run.returnValue` does. */
function failureOf(run: RunContext, { payload, data }: Delivered): unknown {
  const { run: awaited } = JSON.parse(data) as EventData["step_failed"];
  const thrown = payload === "" ? undefined : deserialize(payload, new RealmHandles(run));
  return awaited === undefined ? thrown : endOfAwaited(awaited, thrown);
}

function endOfAwaited({ runId, status, errorCode, cancelReason }: AwaitedEnd, thrown: unknown): Error {
  switch (status) {
    case "failed":
      return new WorkflowRunFailedError(runId, thrown, errorCode === undefined ? {} : { errorCode });
    case "cancelled":
      return new WorkflowRunCancelledError(runId, cancelReason);
    case "missing":
      return new WorkflowRunNotFoundError(runId);
    case "expired":
      return new RunExpiredError(`What run ${runId} came to is gone: it was started to keep no data after its end`, {
        runId,
      });
  }
}

function settle<T>(waiting: Map<string, T>, id: string, finish: (entry: T) => void): void {
  const entry = waiting.get(id);
  waiting.delete(id);
  if (entry !== undefined) finish(entry);
}

function dispatchHook(run: RunContext, event: Delivered): void {
  const signal = run.signals.get(event.id);
  if (signal !== undefined && event.type === "hook_received") {
    return abortSignal(signal, deserialize(event.payload, new RealmHandles(run)), "from outside");
  }
  const hook = run.hooks.get(event.id);
  if (hook === undefined) return;
  switch (event.type) {
    case "hook_created":
      return register(hook, "registered");
    case "hook_conflict":
      return register(hook, {
        conflictingRunId: (JSON.parse(event.data) as { conflictingRunId: string }).conflictingRunId,
      });
    case "hook_received":
      return receive(hook, { position: event.position, payload: event.payload });
    case "hook_disposed":
      return expire(hook);
  }
}

function startRun(run: RunContext, bridge: Bridge, bundle: Bundle, modules: Readonly<Record<string, unknown>>): void {
  const finish = async (): Promise<void> => {
    const output = await callWorkflow(run, bridge, bundle, modules);
    conclude(run, () => {
      emit(run, { type: "complete" }, serialize(output, { what: "workflow return value", of: run.workflowName }));
    });
  };
  finish().catch((error: unknown) => {
    const errorCode = WorkflowNotRegisteredError.is(error) ? "RUNTIME_ERROR" : "USER_ERROR";
    conclude(run, () => fail(run, bridge, error, errorCode));
  });
}

async function callWorkflow(
  run: RunContext,
  bridge: Bridge,
  bundle: Bundle,
  modules: Readonly<Record<string, unknown>>,
): Promise<unknown> {
  bundle(
    {},
    Object.freeze({
      modules,
      refuel: () => refuel(run, bridge),
      class: (classId: string, type: RegisteredClass, isSure?: true) =>
        registerClass(run.classes, classId, type, isSure),
      method: defineStepMethod,
      step: (stepId: string, closureVars?: () => Record<string, unknown>, readsThis?: true) =>
        createStepProxy(
          bridge,
          stepId,
          closureVars || readsThis
            ? { ...(closureVars && { closureVars }), ...(readsThis && { readsThis }) }
            : undefined,
        ),
      workflow(workflowId: string, fn: WorkflowFunction & { workflowId?: string }) {
        fn.workflowId = workflowId;
        run.workflows.set(workflowId, fn);
        return fn;
      },
    }),
  );
  const workflow = run.workflows.get(run.workflowName);
  if (workflow === undefined) throw new WorkflowNotRegisteredError(run.workflowName);
  const args = deserialize(run.input, new RealmHandles(run));
  run.input = "";
  if (!Array.isArray(args)) throw new WorkflowRuntimeError(`The stored arguments of run ${run.runId} are no list`);
  return workflow(...(args as unknown[]));
}
