/** A bound that a workload is built to keep, on its value or on its ratio to the floor. */
export type Goal = { readonly of: "value" | "ratio" } & ({ readonly atMost: number } | { readonly atLeast: number });

export interface Workload {
  readonly unit: string;
  /** What a value is divided by to get its ratio. `own`: the measurement brings it. */
  readonly floor: "commit time" | "commits per second" | "own" | "none";
  /** By World. Without one it is measured all the same; a World that is not there is not measured. */
  readonly goals: Readonly<Partial<Record<WorldName, Goal | null>>>;
}

export const WORLDS = ["local", "postgres"] as const;
export type WorldName = (typeof WORLDS)[number];

const timesFloor = (atMost: number): Goal => ({ of: "ratio", atMost });
const timesFloorAtLeast = (atLeast: number): Goal => ({ of: "ratio", atLeast });
const atMost = (bound: number): Goal => ({ of: "value", atMost: bound });
const atLeast = (bound: number): Goal => ({ of: "value", atLeast: bound });

/** What is measured. Which processes measure it: `scenarios.ts`. */
export const WORKLOADS = {
  /** One run of 1,000 steps that do nothing, one after another: time per step. */
  "sequential-1000": {
    unit: "ms/step",
    floor: "commit time",
    goals: { local: timesFloor(2.5), postgres: timesFloor(2) },
  },
  /** Time per step of a run of 10,000 such steps. Its floor: the same of runs of 100. */
  "sequential-growth": { unit: "ms/step", floor: "own", goals: { local: timesFloor(1.3), postgres: timesFloor(1.3) } },
  /** From the call of `start()` until `returnValue` resolves, for a run of one step. */
  "one-step": { unit: "ms", floor: "commit time", goals: { local: timesFloor(8), postgres: null } },
  /** From the call of `resumeHook()` until the body of the step after the hook runs. The run was parked and live. */
  "resume-to-step": { unit: "ms", floor: "commit time", goals: { local: timesFloor(4), postgres: timesFloor(5) } },
  /** The same, with `resumeHook()` called in a second process, which has no worker. */
  "resume-second-process": {
    unit: "ms",
    floor: "commit time",
    goals: { local: timesFloor(10), postgres: timesFloor(10) },
  },
  /** 500 runs of three steps, 50 of them at any time. */
  "throughput-500x3": {
    unit: "steps/s",
    floor: "commits per second",
    goals: { local: atLeast(7_000), postgres: atLeast(3_000) },
  },
  /** 99th percentile of the time between two rounds of the main thread's event loop meanwhile. */
  "event-loop-delay": { unit: "ms", floor: "none", goals: { local: atMost(20), postgres: null } },
  /** From `start()` to the result of a run that calls 1,000 steps at once. */
  "fanout-1000": { unit: "ms", floor: "commit time", goals: { local: atMost(110), postgres: atMost(250) } },
  /** `start()` of runs that do nothing, by 16 callers. */
  "start-16": { unit: "calls/s", floor: "none", goals: { postgres: atLeast(1_500) } },
  /** A run that starts 1,000 runs of one step at once and awaits all. Its floor: the process itself does that. */
  "children-1000": { unit: "ms", floor: "own", goals: { local: timesFloor(3), postgres: null } },
  /** 10,000 payloads from 50 callers at once into one `for await`, until all are consumed: time per payload. */
  "hook-stream-10000": { unit: "ms/payload", floor: "commit time", goals: { local: atMost(0.2), postgres: null } },
  /** `resumeOrStart()` by 100 callers at once, each time to a new token. Its floor: `start()` of runs that do nothing. */
  "resume-or-start-new": { unit: "calls/s", floor: "own", goals: { local: timesFloorAtLeast(0.33), postgres: null } },
  /** The same, to the token of one run. Its floor: `resumeHook()`. */
  "resume-or-start-live": { unit: "calls/s", floor: "own", goals: { local: timesFloorAtLeast(0.5), postgres: null } },
  /** Requests to the webhooks of 100 runs that take them in meanwhile. Its floor: a bare handler with one insert each. */
  "webhook-202": { unit: "requests/s", floor: "own", goals: { local: timesFloorAtLeast(0.15) } },
  /** A text of so many characters as argument and result of a run and of its step. Its floor: one insert of it. */
  "payload-1kb": { unit: "ms", floor: "own", goals: { local: timesFloor(8) } },
  "payload-100kb": { unit: "ms", floor: "own", goals: { local: timesFloor(10) } },
  "payload-10mb": { unit: "ms", floor: "own", goals: { local: timesFloor(15) } },
  /** 10,000 chunks of 100 bytes from a step to a reader in its process. Its floor: the same bytes and batches in SQLite. */
  "stream-10000": { unit: "chunks/s", floor: "own", goals: { local: atLeast(50_000) } },
  /** What a chunk of those costs besides what the floor takes. */
  "stream-10000-engine": { unit: "us/chunk", floor: "none", goals: { local: atMost(10) } },
  /** From writing a chunk until a reader in a second process has it. */
  "stream-second-process": { unit: "ms", floor: "commit time", goals: { local: atMost(20), postgres: atMost(20) } },
  /** Growth of the heaps of all threads by 10,000 runs that wait on hooks. */
  "parked-10000-heap-mb": { unit: "MB", floor: "none", goals: { local: atMost(64) } },
  /** From the start of the process to the result of its first run, with 100,000 waiting. Its floor: with none. */
  "parked-100000-start": { unit: "ms", floor: "own", goals: { local: atMost(1_000), postgres: null } },
  /** CPU time by wall time of that process in the 10 s after, when nothing happens. */
  "parked-100000-idle-cpu": { unit: "%", floor: "none", goals: { local: atMost(1), postgres: atMost(1) } },
  /** The same for all processes of the database server. */
  "parked-100000-idle-server-cpu": { unit: "%", floor: "none", goals: { postgres: atMost(1) } },
  /** What a resume in a fresh process takes longer when the history has 10,000 events and not 6. */
  "cold-replay-10000": { unit: "ms", floor: "none", goals: { local: atMost(250), postgres: null } },
  /** Steps that wait, done by two worker processes of few places each. Its floor: the same by one. */
  "scaling-2": { unit: "steps/s", floor: "own", goals: { postgres: null } },
  /** The same by four. */
  scaling: { unit: "steps/s", floor: "own", goals: { postgres: timesFloorAtLeast(3.2) } },
} as const satisfies Readonly<Record<string, Workload>>;

export type WorkloadName = keyof typeof WORKLOADS;

export function workloadNamed(name: WorkloadName): Workload {
  return WORKLOADS[name];
}

/** In the order in which they stand above. */
export function workloadsOf(world: WorldName): readonly WorkloadName[] {
  return (Object.keys(WORKLOADS) as WorkloadName[]).filter((name) => world in WORKLOADS[name].goals);
}

/** What one process measured in one round. */
export type Figures = Readonly<Partial<Record<WorkloadName, Figure>>>;

export interface Figure {
  readonly samples: readonly number[];
  /** Of a workload that brings its own. */
  readonly floor?: number;
  /** What has to be known to read it. */
  readonly note?: string;
}
