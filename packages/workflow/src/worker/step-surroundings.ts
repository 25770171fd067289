import type { Leaving, LiveStream } from "../serialization/serialize-outgoing.ts";
import { type Handles, mentionsSignals } from "../serialization/serialize.ts";
import type { WorkflowMetadata } from "../replay/primitives.ts";
import type { Payload } from "../world/events.ts";
import type { NewFact, World } from "../world/world.ts";
import { beginFlow } from "../streams/pump.ts";
import type { Attempt } from "./attempt.ts";
import { metadataOf, rootOf, type RunOfStep } from "./live-run.ts";
import type { StepContext } from "./step-context.ts";
import { createStepSignals, type StepSignals } from "./step-signals.ts";
import { createStepStreams, type StepStreams } from "./step-streams.ts";

/** What the body of one attempt has around it. Each part is made when it is first asked for: most bodies never ask. */
export class StepSurroundings implements StepContext {
  readonly attempt: Attempt;
  readonly world: World;
  readonly #run: RunOfStep;
  readonly #handles: Handles;
  #step: StepContext["step"] | undefined;
  #workflow: WorkflowMetadata | undefined;
  #streams: StepStreams | undefined;
  #signals: StepSignals | undefined;

  constructor(attempt: Attempt, run: RunOfStep, world: World, handles: Handles) {
    this.attempt = attempt;
    this.world = world;
    this.#run = run;
    this.#handles = handles;
  }

  get #runId(): string {
    return this.#run.lease.runId;
  }

  get step(): StepContext["step"] {
    const { stepName, stepId, updatedAt, attempt } = this.attempt.step;
    return (this.#step ??= { stepName, stepId, stepStartedAt: updatedAt, attempt });
  }

  get workflow(): WorkflowMetadata {
    return (this.#workflow ??= metadataOf(this.#run));
  }

  get rootRunId(): string {
    return rootOf(this.#run);
  }

  get streams(): StepStreams {
    return (this.#streams ??= createStepStreams(this.world, this.#runId));
  }

  get #connections(): StepSignals {
    return (this.#signals ??= createStepSignals(this.world, this.#runId, this.#handles));
  }

  /** What revives the step's input. */
  handlesFor(input: Payload): Handles {
    return mentionsSignals(input) ? this.#connections.handles : this.#handles;
  }

  /** What writes its result. */
  leaving(): Leaving {
    return { runId: this.#runId, signals: (signal) => this.#connections.write(signal) };
  }

  /** As of {@link World}, for the run of the step. */
  transact(task: (client: unknown) => Promise<NewFact>): Promise<unknown> {
    return this.world.transact(this.#run.lease, task);
  }

  /** What the result of the step has in it flows to its run. */
  flow(streams: readonly LiveStream[]): void {
    beginFlow(this.world, this.#runId, streams);
  }

  /** As of {@link StepSignals}, before the body begins; undefined when there is nothing to wait for. */
  ready(): Promise<void> | undefined {
    return this.#signals?.ready();
  }

  /** As of {@link StepStreams}. */
  settle(): Promise<void> | undefined {
    return this.#streams?.settle();
  }

  /** As of {@link StepSignals}, after the body; undefined when there is nothing to wait for. */
  over(): Promise<void> | undefined {
    return this.#signals?.over();
  }
}
