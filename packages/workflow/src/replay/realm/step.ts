import { serialize } from "../../serialization/serialize.ts";
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

/**
 * What stands in workflow code for a step function. `closureVars` reads the variables its body captured; `awaits` is the
 * run whose end is its outcome.
 */
export function createStepProxy(
  bridge: Bridge,
  stepId: string,
  closureVars?: () => Record<string, unknown>,
  awaits?: string,
): StepProxy {
  const proxy = (...args: unknown[]): Promise<unknown> => {
    const run = callingRun();
    const id = drawId(bridge, run, "step", stepId);
    return pending((settle) => {
      const input = serialize(
        { args, ...(closureVars !== undefined && { closureVars: closureVars() }) },
        { what: "step arguments", of: stepId },
      );
      const settings = settingsFrom(stepId, proxy as StepProxy);
      const asked = { ...(settings !== undefined && { settings }), ...(awaits !== undefined && { awaits }) };
      emit(run, { type: "step", id, name: stepId, ...asked }, input);
      run.steps.set(id, settle);
    });
  };
  return Object.assign(proxy, {
    stepId,
    ...(closureVars !== undefined && { [Symbol.for("workflow.closureVars")]: closureVars }),
  });
}
