import type { StreamData } from "./stream-values.ts";
import type { SignalData } from "./signals.ts";

/** Gives life to references where a payload is revived. */
export interface Handles {
  step(stepId: string, closureVars?: Record<string, unknown>, bound?: BoundValues): Callable;
  workflow(workflowId: string): Callable;
  run(runId: string): unknown;
  /** The class that the compiler registered under this id. */
  class(classId: string): object | undefined;
  /** Answers the HTTP request that a revived `Request` stands for. */
  respond(requestId: string, response: Response): Promise<void>;
  /** A `ReadableStream` or `WritableStream`, or what stands for one. */
  stream(data: StreamData): object;
  signal(data: SignalData): object;
  /** The controller of a signal that {@link Handles.signal} made. */
  controller(signal: object): object;
}

type Callable = (...args: never[]) => unknown;

/** What `bind` gave a function. */
export interface BoundValues {
  readonly this: unknown;
  readonly args: readonly unknown[];
}

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

/** What `bind` made of a step function. */
export interface BoundData {
  readonly is: "bound";
  readonly stepId: string;
  readonly closureVars?: Record<string, unknown>;
  readonly boundThis?: unknown;
  /** Not there yet while a cycle is being revived. */
  readonly boundArgs?: readonly unknown[];
}

export interface WorkflowData {
  readonly is: "workflow";
  readonly workflowId: string;
}

export interface RunData {
  readonly is: "run";
  readonly runId: string;
}

export const CLOSURE_VARS: unique symbol = Symbol.for("workflow.closureVars");
export const BOUND: unique symbol = Symbol.for("workflow.bound");
const RUN: unique symbol = Symbol.for("workflow.run");

interface Referable {
  readonly stepId?: unknown;
  readonly workflowId?: unknown;
  readonly [CLOSURE_VARS]?: () => Record<string, unknown> | undefined;
  readonly [BOUND]?: BoundValues;
}

export function encodeFunction(value: object): StepData | ClosureData | BoundData | WorkflowData | undefined {
  const { stepId, workflowId, [CLOSURE_VARS]: readClosureVars, [BOUND]: bound } = value as Referable;
  if (typeof stepId === "string") {
    const closureVars = readClosureVars?.();
    const vars = closureVars !== undefined && { closureVars };
    if (bound !== undefined) return { is: "bound", stepId, ...vars, boundThis: bound.this, boundArgs: bound.args };
    return closureVars === undefined ? { is: "step", stepId } : { is: "closure", stepId, closureVars };
  }
  return typeof workflowId === "string" ? { is: "workflow", workflowId } : undefined;
}

export function encodeRun(value: object): RunData | undefined {
  if ((value as { readonly [RUN]?: unknown })[RUN] !== true) return undefined;
  const { runId } = value as { readonly runId?: unknown };
  return typeof runId === "string" ? { is: "run", runId } : undefined;
}

/** Targets of functions that had to be handed out before what they hold was complete. */
const awaited = new WeakMap<ClosureData | BoundData, (target: Callable) => void>();

/**
 * What a step holds may lead back to the step (two steps that call each other). Inside of that it is then asked for
 * too early; what stands there forwards to the step once it exists.
 */
export function reviveClosure(data: ClosureData | BoundData, handles: Handles): Callable {
  if (!((data.is === "bound" ? "boundArgs" : "closureVars") in data)) return forwarder(data);
  const { closureVars } = data;
  if (data.is === "closure" || closureVars !== undefined) requireObject(closureVars);
  const step = handles.step(data.stepId, closureVars, data.is === "bound" ? boundValues(data) : undefined);
  awaited.get(data)?.(step);
  return step;
}

function requireObject(closureVars: unknown): void {
  if (typeof closureVars !== "object" || closureVars === null) throw new Error("the variables of a step are no object");
}

function boundValues({ boundThis, boundArgs }: BoundData): BoundValues {
  if (!Array.isArray(boundArgs)) throw new Error("the arguments that a step is bound to are no list");
  return { this: boundThis, args: boundArgs };
}

function forwarder(data: ClosureData | BoundData): Callable {
  let target: Callable | undefined;
  awaited.set(data, (step) => (target = step));
  const forward = function (this: unknown, ...args: never[]): unknown {
    if (target === undefined) throw new Error(`what step ${data.stepId} holds is not there`);
    return target.apply(this, args);
  };
  return Object.defineProperties(
    Object.assign(forward, { stepId: data.stepId, [CLOSURE_VARS]: () => data.closureVars }),
    data.is === "bound" ? { [BOUND]: { get: () => boundValues(data) } } : {},
  );
}

/** A step function of the host with what `bind` gave it; it can be passed on as such. */
export function bindStep(fn: (...args: never[]) => unknown, bound: BoundValues): Callable {
  const { stepId, [CLOSURE_VARS]: closureVars } = fn as Referable;
  const made = Function.prototype.bind.call(fn, bound.this, ...bound.args) as Callable;
  const bind = (_: unknown, ...more: unknown[]): Callable => bindStep(fn, { ...bound, args: [...bound.args, ...more] });
  Object.defineProperty(made, "bind", { value: bind, writable: true, configurable: true });
  return Object.assign(made, { stepId, [CLOSURE_VARS]: closureVars, [BOUND]: bound });
}
