import { AsyncLocalStorage } from "node:async_hooks";
import type { StepMetadata, WorkflowMetadata } from "../replay/primitives.ts";

/** What a step body can ask about itself. */
export interface StepContext {
  readonly step: StepMetadata;
  readonly workflow: WorkflowMetadata;
}

const KEY = Symbol.for("workflow.stepContext");

/** One per process, also when bundlers duplicate this module. */
function storage(): AsyncLocalStorage<StepContext> {
  const known = Reflect.get(globalThis, KEY) as AsyncLocalStorage<StepContext> | undefined;
  if (known !== undefined) return known;
  const made = new AsyncLocalStorage<StepContext>();
  Reflect.set(globalThis, KEY, made);
  return made;
}

export function inStep<T>(context: StepContext, body: () => T): T {
  return storage().run(context, body);
}

/** Undefined outside step bodies that a worker runs. */
export function currentStep(): StepContext | undefined {
  return storage().getStore();
}
