import type { SignalData } from "./signals.ts";

/** Gives life to references where a payload is revived. */
export interface Handles {
  step(stepId: string, closureVars?: Record<string, unknown>): Callable;
  workflow(workflowId: string): Callable;
  run(runId: string): unknown;
  /** Answers the HTTP request that a revived `Request` stands for. */
  respond(requestId: string, response: Response): Promise<void>;
  signal(data: SignalData): object;
  /** The controller of a signal that {@link Handles.signal} made. */
  controller(signal: object): object;
}

type Callable = (...args: never[]) => unknown;

export interface StepData {
  readonly is: "step";
  readonly stepId: string;
}

/** A step function that captured variables of the function around it. */
export interface ClosureData {
  readonly is: "closure";
  readonly stepId: string;
  /** Not there yet while a cycle is being revived. */
  readonly closureVars?: Record<string, unknown>;
}

export interface WorkflowData {
  readonly is: "workflow";
  readonly workflowId: string;
}

export interface RunData {
  readonly is: "run";
  readonly runId: string;
}

const CLOSURE_VARS = Symbol.for("workflow.closureVars");
const RUN = Symbol.for("workflow.run");

interface Referable {
  readonly stepId?: unknown;
  readonly workflowId?: unknown;
  readonly [CLOSURE_VARS]?: () => Record<string, unknown> | undefined;
}

export function encodeFunction(value: object): StepData | ClosureData | WorkflowData | undefined {
  const { stepId, workflowId, [CLOSURE_VARS]: readClosureVars } = value as Referable;
  if (typeof stepId === "string") {
    const closureVars = readClosureVars?.();
    return closureVars === undefined ? { is: "step", stepId } : { is: "closure", stepId, closureVars };
  }
  return typeof workflowId === "string" ? { is: "workflow", workflowId } : undefined;
}

export function encodeRun(value: object): RunData | undefined {
  if ((value as { readonly [RUN]?: unknown })[RUN] !== true) return undefined;
  const { runId } = value as { readonly runId?: unknown };
  return typeof runId === "string" ? { is: "run", runId } : undefined;
}

/** Targets of functions that had to be handed out before their closure variables were complete. */
const awaited = new WeakMap<ClosureData, (target: Callable) => void>();

/**
 * Variables of a step may lead back to the step (two steps that call each other). Inside them it is then asked
 * for too early; what stands there forwards to the step once it exists.
 */
export function reviveClosure(data: ClosureData, handles: Handles): Callable {
  if (!("closureVars" in data)) return forwarder(data);
  if (typeof data.closureVars !== "object") throw new Error("the variables of a step are no object");
  const step = handles.step(data.stepId, data.closureVars);
  awaited.get(data)?.(step);
  return step;
}

function forwarder(data: ClosureData): Callable {
  let target: Callable | undefined;
  awaited.set(data, (step) => (target = step));
  const forward = (...args: never[]): unknown => {
    if (target === undefined) throw new Error(`the variables of step ${data.stepId} are not there`);
    return target(...args);
  };
  return Object.assign(forward, { stepId: data.stepId, [CLOSURE_VARS]: () => data.closureVars });
}
