import type { NewEvent, Payload, StepSettings } from "./events.ts";
import type { WorkerId } from "./world.ts";

/**
 * A step that the owner of its run has started and has no place for: any worker may run its body. Times are milliseconds
 * since the epoch.
 */
export interface StepOffer {
  readonly stepId: string;
  readonly stepName: string;
  readonly attempt: number;
  readonly createdAt: number;
  /** When this attempt was started. */
  readonly startedAt: number;
  readonly settings?: StepSettings;
  readonly input?: Payload;
  readonly run: OfferingRun;
}

/** What a step body may ask about its run. */
export interface OfferingRun {
  readonly workflowName: string;
  readonly startedAt: number;
  readonly baseUrl: string;
  readonly encryption: boolean;
  /** Where the chain of runs that started each other begins; the run itself, where no step started it. */
  readonly rootRunId: string;
}

export interface OfferedStep extends StepOffer {
  /** Of the offer; grows in the order in which the World accepted offers. */
  readonly id: number;
  readonly runId: string;
}

/** What an attempt that another worker made came to, as a fact for the run. */
export type StepFact = NewEvent<"step_completed" | "step_failed" | "step_retrying">;

export interface TakenSteps {
  readonly steps: readonly OfferedStep[];
  /** The ids of all offers that the worker has, so that it sees which ones it has lost: nobody waits for those bodies. */
  readonly held: readonly number[];
  /**
   * Whether other workers have places, so that it is worth while to offer steps: they have just joined, or got fewer steps
   * than they wanted when they took last.
   */
  readonly others: boolean;
}

/**
 * Steps of runs that other workers own. A turn makes the offers ({@link Turn.offers}), in the transaction that starts the
 * steps. An offer ends when its worker finishes it, when the run ends, continues as new or begins to clean up, or when the
 * worker that has taken it leaves or is given up: then a `step_retrying` that says `interrupted` is in the run's inbox,
 * once somebody looks for work. The death of the run's owner changes nothing.
 */
export interface OfferStore {
  /**
   * Takes up to `want` open offers for steps with these names, in the order in which they were made.
   * @throws `LeaseLostError` when the worker has not joined.
   */
  take(worker: WorkerId, stepNames: readonly string[], want: number): Promise<TakenSteps>;
  /**
   * Puts the outcome into the inbox of the run, if the offer is still this worker's; false, and nothing is written, if it
   * is not. Null gives the step back, whose body was not begun: another worker may take it.
   */
  finish(worker: WorkerId, step: OfferedStep, outcome: StepFact | null): Promise<boolean>;
}
