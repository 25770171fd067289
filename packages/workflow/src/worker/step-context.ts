import { AsyncLocalStorage } from "node:async_hooks";
import { processWide } from "../world/process-wide.ts";
import type { World } from "../world/world.ts";
import type { StepStreams } from "./step-streams.ts";
import type { StepMetadata, WorkflowMetadata } from "../replay/primitives.ts";
import type { Attempt } from "./attempt.ts";

/** What a step body can ask about itself. */
export interface StepContext {
  readonly step: Omit<StepMetadata, "signal">;
  readonly attempt: Attempt;
  readonly workflow: WorkflowMetadata;
  readonly streams: StepStreams;
  /** Where the chain of runs that started each other begins; the step's own run, where nobody's step started it. */
  readonly rootRunId: string;
  /** The World of its run. */
  readonly world: World;
}

const slot = processWide<AsyncLocalStorage<StepContext>>("workflow.stepContext");

function storage(): AsyncLocalStorage<StepContext> {
  return slot.get() ?? slot.set(new AsyncLocalStorage<StepContext>());
}

export function inStep<T>(context: StepContext, body: () => T): T {
  return storage().run(context, body);
}

/** Undefined outside step bodies that a worker runs. */
export function currentStep(): StepContext | undefined {
  return storage().getStore();
}
