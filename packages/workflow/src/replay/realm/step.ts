import { BOUND, CLOSURE_VARS, serialize, type BoundValues } from "../../serialization/serialize.ts";
import type { Bridge } from "./bridge.ts";
import { callingRun } from "./context.ts";
import { emit } from "./emit.ts";
import { drawId } from "./identity.ts";
import { pending } from "./pending.ts";

export interface StepProxy {
  (...args: unknown[]): Promise<unknown>;
  readonly stepId: string;
  maxRetries?: number;
}

export interface StepOptions {
  /** Reads the variables that the step's body captured. */
  readonly closureVars?: () => Record<string, unknown>;
  /** The step's body uses `this`, so what it is called on goes with the call. */
  readonly readsThis?: true;
  readonly bound?: BoundValues;
  /** The step that `bound` was made of. */
  readonly target?: StepProxy;
}

/** What stands in workflow code for a step function. */
export function createStepProxy(bridge: Bridge, stepId: string, options: StepOptions = {}): StepProxy {
  const { closureVars, readsThis, bound, target } = options;
  const proxy = function (this: unknown, ...args: unknown[]): Promise<unknown> {
    const run = callingRun();
    const id = drawId(bridge, run, "step", stepId);
    return pending((settle) => {
      const thisVal = bound === undefined ? readsThis && this : bound.this;
      const input = serialize(
        {
          args: bound === undefined ? args : [...bound.args, ...args],
          ...(closureVars !== undefined && { closureVars: closureVars() }),
          ...(thisVal !== undefined && { thisVal }),
        },
        { what: "step arguments", of: stepId },
      );
      const maxRetries = (proxy as StepProxy).maxRetries ?? target?.maxRetries;
      emit(run, { type: "step", id, name: stepId, ...(maxRetries !== undefined && { maxRetries }) }, input);
      run.steps.set(id, settle);
    });
  };
  Object.defineProperty(proxy, "bind", {
    value: (self: unknown, ...args: unknown[]) =>
      createStepProxy(bridge, stepId, rebound(options, proxy as StepProxy, self, args)),
    writable: true,
    configurable: true,
  });
  return Object.assign(proxy, {
    stepId,
    ...(closureVars !== undefined && { [CLOSURE_VARS]: closureVars }),
    ...(bound !== undefined && { [BOUND]: bound }),
  });
}

/** As of other functions: what was bound first stays. */
function rebound(options: StepOptions, target: StepProxy, self: unknown, args: readonly unknown[]): StepOptions {
  const { bound } = options;
  const values = bound === undefined ? { this: self ?? undefined, args } : { ...bound, args: [...bound.args, ...args] };
  return { ...options, target: options.target ?? target, bound: values };
}
