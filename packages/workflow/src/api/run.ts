import { deserialize, type Handles } from "../serialization/serialize.ts";
import { loadClasses } from "../worker/load-classes.ts";
import type { RunStatus, WorkflowRun } from "../world/entities.ts";
import {
  EntityConflictError,
  WorkflowError,
  WorkflowRunCancelledError,
  WorkflowRunFailedError,
  WorkflowRunNotFoundError,
} from "../world/errors.ts";
import { isEnded } from "../world/reduce.ts";
import { RunExpiredError } from "../world/run-expired-error.ts";
import type {
  RunStreams,
  WorkflowReadableStream,
  WorkflowReadableStreamOptions,
  WorkflowRunWritableStreamOptions,
} from "../world/run-streams.ts";
import type { World } from "../world/world.ts";
import { answerRequest } from "./answers.ts";
import { createHandles } from "./handles.ts";
import { pendingWaits } from "./pending-waits.ts";
import { readableOf, writableOf } from "./run-streams.ts";
import { reviveStream } from "./stream-values.ts";
import { getWorld } from "./world-access.ts";

export interface CancelRunOptions {
  /** Shown with the run. At most 512 characters. */
  readonly cancelReason?: string;
}

export interface StopSleepOptions {
  /** Ends only these waits. Default: all that are pending. */
  readonly correlationIds?: readonly string[];
  /** Accepted for programs that name one; the Worlds here have no queues to keep apart. */
  readonly namespace?: string;
}

export interface StopSleepResult {
  readonly stoppedCount: number;
}

/** Not in private fields, which would make the type of a run that workflow code holds another one than this. */
const worlds = new WeakMap<object, () => Promise<World>>();

/** The World that a run is looked for in. */
export function worldOf(run: object): Promise<World> {
  const world = worlds.get(run);
  if (world === undefined) throw new TypeError("This is no Run");
  return world();
}

async function read(run: Run): Promise<WorkflowRun> {
  return (await worldOf(run)).runs.get(run.runId, { resolveData: "none" });
}

/** How long `cancel()` waits for a worker to take the cancellation in, in milliseconds. */
const CANCEL_PATIENCE = 5_000;
const LONGEST_CANCEL_REASON = 512;

function isReason(reason: unknown): boolean {
  return typeof reason === "string" && reason.length <= LONGEST_CANCEL_REASON;
}

/**
 * A handle on a run (contract 02 section 2.3). Making one reads nothing; every getter reads afresh and rejects
 * with `WorkflowRunNotFoundError` when there is no such run.
 */
export class Run<Result = unknown> implements RunStreams {
  readonly runId: string;

  /** @internal Use `getRun` or `start`. */
  constructor(runId: string, world: () => Promise<World>) {
    this.runId = runId;
    worlds.set(this, world);
    Object.defineProperty(this, Symbol.for("workflow.run"), { value: true });
  }

  get status(): Promise<RunStatus> {
    return read(this).then((run) => run.status);
  }

  get workflowName(): Promise<string> {
    return read(this).then((run) => run.workflowName);
  }

  get createdAt(): Promise<Date> {
    return read(this).then((run) => run.createdAt);
  }

  get startedAt(): Promise<Date | undefined> {
    return read(this).then((run) => run.startedAt);
  }

  get completedAt(): Promise<Date | undefined> {
    return read(this).then((run) => run.completedAt);
  }

  get exists(): Promise<boolean> {
    return read(this).then(
      () => true,
      (error: unknown) => {
        if (WorkflowRunNotFoundError.is(error)) return false;
        throw error;
      },
    );
  }

  /**
   * Waits for the end of the run. Keeps the process alive meanwhile. Rejects with `WorkflowRunFailedError`, whose
   * `cause` is what the run threw, `WorkflowRunCancelledError`, or `RunExpiredError` when the data of the run went with
   * its end.
   */
  get returnValue(): Promise<Result> {
    return keepAlive(async () => (await resultOf(await worldOf(this), this.runId)) as Result);
  }

  /**
   * Ends the run at the next point where its code waits. Step bodies that are running finish; their results are
   * discarded. Resolves once the cancellation is durable and, where a worker is there, applied. On a run that is
   * cancelled already: nothing.
   * @throws `EntityConflictError` when the run has completed or failed.
   */
  async cancel(options: CancelRunOptions = {}): Promise<void> {
    const { cancelReason } = options;
    if (cancelReason !== undefined && !isReason(cancelReason)) {
      const message = `A cancelReason is a text of at most ${LONGEST_CANCEL_REASON} characters`;
      throw new WorkflowError("INVALID_ARGUMENT", message);
    }
    const world = await worldOf(this);
    const data = cancelReason === undefined ? {} : { cancelReason };
    const delivery = await world.deliver({ runId: this.runId }, { type: "run_cancelled", data, at: world.clock.now() });
    if (delivery.status === "nobody") throw new WorkflowRunNotFoundError(this.runId);
    if (delivery.status === "ended") {
      if (delivery.runStatus === "cancelled") return;
      throw new EntityConflictError(`Run ${this.runId} cannot be cancelled: it is ${delivery.runStatus}`);
    }
    await world.runs.waitForTerminalStatus(this.runId, { timeoutMs: CANCEL_PATIENCE, resolveData: "none" });
  }

  get readable(): WorkflowReadableStream {
    return this.getReadable();
  }

  // oxlint-disable-next-line typescript/no-explicit-any -- as the contract has it: who names no type checks none
  getReadable<R = any>(options: WorkflowReadableStreamOptions = {}): WorkflowReadableStream<R> {
    return readableOf<R>(this.runId, () => worldOf(this), hostHandles, options);
  }

  get writable(): WritableStream {
    return this.getWritable();
  }

  // oxlint-disable-next-line typescript/no-explicit-any -- as the contract has it: who names no type checks none
  getWritable<W = any>(options: WorkflowRunWritableStreamOptions = {}): WritableStream<W> {
    return writableOf<W>(this.runId, () => worldOf(this), options);
  }

  /** Ends pending sleeps now. */
  async wakeUp(options: StopSleepOptions = {}): Promise<StopSleepResult> {
    const world = await worldOf(this);
    let stoppedCount = 0;
    for (const { waitId } of await pendingWaits(world, this.runId)) {
      if (options.correlationIds?.includes(waitId) === false) continue;
      const fact = { type: "wait_completed", correlationId: waitId, data: {}, at: world.clock.now() } as const;
      const delivery = await world.deliver({ runId: this.runId }, fact);
      if (delivery.status === "delivered") stoppedCount += 1;
    }
    return { stoppedCount };
  }
}

/** A handle on a run. Reads nothing, never throws; a run that does not exist shows on use. */
export function getRun<Result = unknown>(runId: string): Run<Result> {
  return new Run(runId, getWorld);
}

export const hostHandles: Handles = createHandles({
  run: getRun,
  respond: (requestId, response) => answerRequest(requestId, response, hostHandles),
  stream: (data) => reviveStream(data, getWorld, () => hostHandles),
});

/** Waits for the end of a run, and comes to what it came to. */
async function resultOf(world: World, runId: string): Promise<unknown> {
  const run = await untilEnded(world, runId);
  await loadClasses(run.output ?? run.error);
  if (run.status === "cancelled") throw new WorkflowRunCancelledError(runId, run.cancelReason);
  if (run.expiredAt !== undefined) throw expired(run, run.expiredAt);
  if (run.status === "failed") {
    const cause = run.error === undefined ? undefined : deserialize(run.error, hostHandles);
    throw new WorkflowRunFailedError(runId, cause, run.errorCode === undefined ? {} : { errorCode: run.errorCode });
  }
  return run.output === undefined ? undefined : deserialize(run.output, hostHandles);
}

function expired({ runId, status: runStatus }: WorkflowRun, expiredAt: Date): RunExpiredError {
  const message = `What run ${runId} came to is gone: it is ${runStatus}, and was started to keep no data after its end`;
  return new RunExpiredError(message, { runId, runStatus, expiredAt });
}

async function untilEnded(world: World, runId: string): Promise<WorkflowRun> {
  for (;;) {
    const found = await world.runs.waitForTerminalStatus(runId);
    if (isEnded(found)) return found;
  }
}

/** A process whose only work is to wait for a run must not end. */
async function keepAlive<T>(wait: () => Promise<T>): Promise<T> {
  const timer = setInterval(() => {}, 2 ** 30);
  try {
    return await wait();
  } finally {
    clearInterval(timer);
  }
}
