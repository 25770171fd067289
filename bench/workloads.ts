/** A bound that a workload is built to keep, on its value or on its ratio to the floor. */
export type Goal = { readonly of: "value" | "ratio" } & ({ readonly atMost: number } | { readonly atLeast: number });

export interface Workload {
  readonly unit: string;
  /** What a value is divided by to get its ratio. `own`: the measurement brings it. */
  readonly floor: "commit time" | "commits per second" | "own" | "none";
  readonly goal: Goal;
}

const timesFloor = (atMost: number): Goal => ({ of: "ratio", atMost });
const timesFloorAtLeast = (atLeast: number): Goal => ({ of: "ratio", atLeast });
const atMost = (bound: number): Goal => ({ of: "value", atMost: bound });
const atLeast = (bound: number): Goal => ({ of: "value", atLeast: bound });

/** What is measured. Which processes measure it: `scenarios.ts`. */
export const WORKLOADS = {
  /** One run of 1,000 steps that do nothing, one after another: time per step. */
  "sequential-1000": { unit: "ms/step", floor: "commit time", goal: timesFloor(2.5) },
  /** Time per step of a run of 10,000 such steps. Its floor: the same of runs of 100. */
  "sequential-growth": { unit: "ms/step", floor: "own", goal: timesFloor(1.3) },
  /** From the call of `start()` until `returnValue` resolves, for a run of one step. */
  "one-step": { unit: "ms", floor: "commit time", goal: timesFloor(8) },
  /** From the call of `resumeHook()` until the body of the step after the hook runs. The run was parked and live. */
  "resume-to-step": { unit: "ms", floor: "commit time", goal: timesFloor(4) },
  /** The same, with `resumeHook()` called in a second process, which has no worker. */
  "resume-second-process": { unit: "ms", floor: "commit time", goal: timesFloor(10) },
  /** 500 runs of three steps, 50 of them at any time. */
  "throughput-500x3": { unit: "steps/s", floor: "commits per second", goal: atLeast(7_000) },
  /** 99th percentile of the time between two rounds of the main thread's event loop meanwhile. */
  "event-loop-delay": { unit: "ms", floor: "none", goal: atMost(20) },
  /** From `start()` to the result of a run that calls 1,000 steps at once. */
  "fanout-1000": { unit: "ms", floor: "commit time", goal: atMost(110) },
  /** A run that starts 1,000 runs of one step at once and awaits all. Its floor: the process itself does that. */
  "children-1000": { unit: "ms", floor: "own", goal: timesFloor(3) },
  /** 10,000 payloads from 50 callers at once into one `for await`, until all are consumed: time per payload. */
  "hook-stream-10000": { unit: "ms/payload", floor: "commit time", goal: atMost(0.2) },
  /** `resumeOrStart()` by 100 callers at once, each time to a new token. Its floor: `start()` of runs that do nothing. */
  "resume-or-start-new": { unit: "calls/s", floor: "own", goal: timesFloorAtLeast(0.33) },
  /** The same, to the token of one run. Its floor: `resumeHook()`. */
  "resume-or-start-live": { unit: "calls/s", floor: "own", goal: timesFloorAtLeast(0.5) },
  /** Requests to the webhooks of 100 runs that take them in meanwhile. Its floor: a bare handler with one insert each. */
  "webhook-202": { unit: "requests/s", floor: "own", goal: timesFloorAtLeast(0.15) },
  /** A text of so many characters as argument and result of a run and of its step. Its floor: one insert of it. */
  "payload-1kb": { unit: "ms", floor: "own", goal: timesFloor(8) },
  "payload-100kb": { unit: "ms", floor: "own", goal: timesFloor(10) },
  "payload-10mb": { unit: "ms", floor: "own", goal: timesFloor(15) },
  /** 10,000 chunks of 100 bytes from a step to a reader in its process. Its floor: the same bytes and batches in SQLite. */
  "stream-10000": { unit: "chunks/s", floor: "own", goal: atLeast(50_000) },
  /** What a chunk of those costs besides what the floor takes. */
  "stream-10000-engine": { unit: "us/chunk", floor: "none", goal: atMost(10) },
  /** From writing a chunk until a reader in a second process has it. */
  "stream-second-process": { unit: "ms", floor: "commit time", goal: atMost(20) },
  /** Growth of the heaps of all threads by 10,000 runs that wait on hooks. */
  "parked-10000-heap-mb": { unit: "MB", floor: "none", goal: atMost(64) },
  /** From the start of the process to the result of its first run, with 100,000 waiting. Its floor: with none. */
  "parked-100000-start": { unit: "ms", floor: "own", goal: atMost(1_000) },
  /** CPU time by wall time of that process in the 10 s after, when nothing happens. */
  "parked-100000-idle-cpu": { unit: "%", floor: "none", goal: atMost(1) },
  /** What a resume in a fresh process takes longer when the history has 10,000 events and not 6. */
  "cold-replay-10000": { unit: "ms", floor: "none", goal: atMost(250) },
} as const satisfies Readonly<Record<string, Workload>>;

export type WorkloadName = keyof typeof WORKLOADS;

export function isWorkload(name: string): name is WorkloadName {
  return Object.hasOwn(WORKLOADS, name);
}

/** What one process measured in one round. */
export type Figures = Readonly<Partial<Record<WorkloadName, Figure>>>;

export interface Figure {
  readonly samples: readonly number[];
  /** Of a workload that brings its own. */
  readonly floor?: number;
}
