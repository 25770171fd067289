import type { Hook } from "../world/entities.ts";
import { newWorkerId } from "../world/ids.ts";
import type { Creation, DeliverOptions, Delivery, NewFact, NewRun, StoredCode, WorkerId } from "../world/world.ts";
import { collectCode } from "./collect-code.ts";
import { isHeapTight } from "./heap.ts";
import { createRealms } from "./realms.ts";
import type { RunLoopParts, WorkerCounts } from "./parts.ts";
import { RunLoop } from "./run-loop.ts";
import { createWorkFinder } from "./work-finder.ts";

export interface WorkerOptions {
  /** How many step bodies may run at once. Default 1000. */
  readonly concurrency?: number;
  /**
   * How many runs are live at once, so that the next fact costs them no replay. Idle ones beyond it are let go, also
   * before that when the heap comes close to its limit; while all are busy, no more are taken. Default 2000.
   */
  readonly liveRuns?: number;
  /** How long workflow code may run without becoming idle, in milliseconds. Default 5000. */
  readonly turnTimeoutMs?: number;
  /** How often to look for work that no hint announced, in milliseconds. Default 500. */
  readonly sweepMs?: number;
  /**
   * How long step bodies have to end once they are told to, in milliseconds: `stop()` waits for them, and so does the
   * next attempt of a step that has timed out. Default 10000.
   */
  readonly graceMs?: number;
}

/** What the worker needs from the layers above it. */
export type WorkerParts = Pick<
  RunLoopParts,
  "world" | "handles" | "engineSteps" | "baseUrl" | "onProblem" | "onRunEnded"
> & {
  /** What workflow code printed, and in which run. */
  readonly onLog: (runId: string, level: string, text: string) => void;
};

export interface Worker {
  readonly id: WorkerId;
  readonly counts: Readonly<WorkerCounts>;
  /** Whether it takes new runs right now. */
  readonly accepting: boolean;
  /** Whether it has nothing in hand: only a fact or the time moves its runs now. */
  readonly isQuiet: boolean;
  /** When the first of its runs has something to do by the clock alone; null when none has. */
  readonly nextAlarm: number | null;
  /** Whether others work for the same World, as far as it says so. They may be dead. */
  readonly hasCompany: boolean;
  /** Gives a payload to the live run that has the token. Undefined when none has it: then it is for the World. */
  receive(
    token: string,
    fact: NewFact & { readonly type: "hook_received" },
    options: DeliverOptions,
  ): Promise<Delivery> | undefined;
  /** The hook of a live run that has the token and takes payloads. */
  hookOf(token: string): Hook | undefined;
  /**
   * Creates a run and begins it at once, unless its key or its token says that there is one. Rejects when it is not
   * certain that it was created; `code` must be stored already.
   */
  create(run: NewRun, code: StoredCode): Promise<Creation>;
  /** Whether a promise was made by workflow code of this worker. */
  owns(promise: unknown): boolean;
  /** What such a promise was rejected with, for people: an error's stack in terms of the user's files. */
  describe(promise: unknown, reason: unknown): string;
  /** Lets running steps finish within the grace period, then gives every run back. */
  stop(): Promise<void>;
}

export async function createWorker(parts: WorkerParts, options: WorkerOptions = {}): Promise<Worker> {
  const { world, onLog, onProblem } = parts;
  const { concurrency = 1000, liveRuns = 2000, turnTimeoutMs = 5_000, sweepMs = 500, graceMs = 10_000 } = options;
  const id = newWorkerId();
  const realms = createRealms(world, { timeLimitMs: turnTimeoutMs, onLog });
  const finder = createWorkFinder({
    world,
    worker: id,
    sweepMs,
    onLease: (lease) => loop.open(lease),
    onHint: (runId) => loop.notice(runId),
    onSweep: () => loop.sweep(),
    room: () => loop.room,
    onGivenUp: () => loop.forgetAll(),
    onProblem,
  });
  const loop = new RunLoop({
    ...parts,
    worker: id,
    realms,
    concurrency,
    liveRuns,
    graceMs,
    isHeapTight,
    onLeaseLost: () => finder.look(),
    onRoom: () => finder.roomMade(),
  });
  await finder.begin();
  loop.sweep();
  const endCollection = collectCode(world, onProblem);
  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    finder.stop();
    endCollection();
    await loop.stop();
    await world.leave(id).catch((error: unknown) => onProblem("Leaving the World failed", error));
  };

  return {
    id,
    counts: loop.counts,
    get accepting() {
      return stopping === undefined && loop.room > 0;
    },
    get isQuiet() {
      return !finder.isLooking && !loop.isBusy;
    },
    get nextAlarm() {
      return loop.nextAlarm;
    },
    get hasCompany() {
      return loop.hasCompany;
    },
    receive: (...args) => loop.receive(...args),
    hookOf: (token) => loop.hookOf(token),
    create: (run, code) => loop.create(run, code),
    owns: (promise) => realms.ownerOf(promise) !== undefined,
    describe(promise, reason) {
      const stack: unknown = typeof reason === "object" && reason !== null ? Reflect.get(reason, "stack") : undefined;
      return typeof stack === "string" ? (realms.ownerOf(promise)?.userStack(stack) ?? stack) : String(reason);
    },
    stop: () => (stopping ??= stop()),
  };
}
