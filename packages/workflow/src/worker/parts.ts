import type { Handles } from "../serialization/serialize.ts";
import type { NewEvent } from "../world/events.ts";
import type { WorkerId, World } from "../world/world.ts";
import type { Realms } from "./realms.ts";
import type { EngineSteps } from "./step-functions.ts";

export interface WorkerCounts {
  /** Histories that went through workflow code again. A run that is new does not count. */
  replays: number;
  replayedEvents: number;
  turns: number;
  stepsExecuted: number;
}

/** The end that a run's own code came to; a cancellation comes from outside. */
export type RunEnd = NewEvent<"run_completed" | "run_failed">;

export interface RunLoopParts {
  readonly world: World;
  readonly worker: WorkerId;
  readonly realms: Realms;
  readonly handles: Handles;
  readonly engineSteps: EngineSteps;
  readonly baseUrl: string;
  readonly concurrency: number;
  readonly liveRuns: number;
  /** Whether the heap comes close to its limit. */
  readonly isHeapTight: () => boolean;
  readonly graceMs: number;
  /** Something went wrong that the operator should read. */
  readonly onProblem: (message: string, cause?: unknown) => void;
  /** This worker has ended a run, durably. Must not throw. */
  readonly onRunEnded: (runId: string, workflowName: string, end: RunEnd) => void;
  /** A run turned out to be someone else's; it may be free again already. */
  readonly onLeaseLost: () => void;
  /** There is room for a run that was not taken before. */
  readonly onRoom: () => void;
}
