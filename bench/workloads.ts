/** What is measured. `floor` says which floor a value is divided by to get its ratio. */
export const WORKLOADS = {
  /** One run of 1,000 steps that do nothing, one after another: time per step. */
  "sequential-1000": { unit: "ms/step", floor: "commit time" },
  /** From the call of `start()` until `returnValue` resolves, for a run of one step. */
  "one-step": { unit: "ms", floor: "commit time" },
  /** From the call of `resumeHook()` until the body of the step after the hook runs. The run was parked. */
  "resume-to-step": { unit: "ms", floor: "commit time" },
  /** 500 runs of three steps, 50 of them at any time. */
  "throughput-500x3": { unit: "steps/s", floor: "commits per second" },
} as const;

export type WorkloadName = keyof typeof WORKLOADS;

export function isWorkload(name: string): name is WorkloadName {
  return Object.hasOwn(WORKLOADS, name);
}

export const ROUNDS = 8;

/** Of `throughput-500x3`. */
export const IN_FLIGHT = 50;
