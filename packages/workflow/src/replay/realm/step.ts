import { BOUND, CLOSURE_VARS, serialize, type BoundValues } from "../../serialization/serialize.ts";
import { settingsFrom, type WithOptions } from "../../world/step-options.ts";
import type { Bridge } from "./bridge.ts";
import { callingRun } from "./context.ts";
import { emit } from "./emit.ts";
import { drawId } from "./identity.ts";
import { pending } from "./pending.ts";

export interface StepProxy extends WithOptions {
  (...args: unknown[]): Promise<unknown>;
  readonly stepId: string;
}

export interface ProxyOptions {
  /** Reads the variables that the step's body captured. */
  readonly closureVars?: () => Record<string, unknown>;
  /** The step's body uses `this`, so what it is called on goes with the call. */
  readonly readsThis?: true;
  readonly bound?: BoundValues;
  /** The run whose end is the step's outcome. */
  readonly awaits?: string;
  /** The step that `bound` was made of. */
  readonly target?: StepProxy;
}

/** What stands in workflow code for a step function. */
export function createStepProxy(bridge: Bridge, stepId: string, options?: ProxyOptions): StepProxy {
  const { closureVars, readsThis, bound, awaits, target } = options ?? {};
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
      // A bound step is attempted as the step that it was made of, unless it says otherwise.
      const settings = settingsFrom(stepId, proxy as StepProxy) ?? (target && settingsFrom(stepId, target));
      const asked = { ...(settings !== undefined && { settings }), ...(awaits !== undefined && { awaits }) };
      emit(run, { type: "step", id, name: stepId, ...asked }, input);
      run.steps.set(id, settle);
    });
  };
  Object.setPrototypeOf(proxy, PROTOTYPE);
  return Object.assign(proxy, {
    stepId,
    ...(closureVars !== undefined && { [CLOSURE_VARS]: closureVars }),
    ...(bound !== undefined && { [BOUND]: bound }),
    ...(options !== undefined && { [OPTIONS]: options }),
  });
}

/** What a proxy was made with; plain ones have none. */
const OPTIONS = Symbol("options");

/** One `bind` for all proxies: every run makes one of each step of its bundle, and few are ever bound. */
const PROTOTYPE: object = Object.freeze(
  Object.create(Function.prototype, {
    bind: {
      value(this: StepProxy & { readonly [OPTIONS]?: ProxyOptions }, self: unknown, ...args: unknown[]): StepProxy {
        return createStepProxy(callingRun().bridge, this.stepId, rebound(this[OPTIONS] ?? {}, this, self, args));
      },
    },
  }),
);

/** As of other functions: what was bound first stays. */
function rebound(options: ProxyOptions, target: StepProxy, self: unknown, args: readonly unknown[]): ProxyOptions {
  const { bound } = options;
  const values = bound === undefined ? { this: self ?? undefined, args } : { ...bound, args: [...bound.args, ...args] };
  return { ...options, target: options.target ?? target, bound: values };
}
