import type { WorkloadName } from "./workloads.ts";

/** How a set of workloads is measured together. A role is what one process does (`child.ts`). */
export interface Scenario {
  readonly measures: readonly WorkloadName[];
  readonly rounds: number;
  readonly processes: Processes;
}

export type Processes =
  /** One process, which warms up and then has all rounds. It has a worker unless `hasWorker` is `false`. */
  | { readonly kind: "warm"; readonly role: string; readonly hasWorker?: boolean }
  /** In each round a fresh process for each role. */
  | { readonly kind: "fresh"; readonly roles: readonly FreshRole[]; readonly filledBy?: string };

export interface FreshRole {
  readonly role: string;
  /** Whether it finds the data of `filledBy`, or nothing. */
  readonly data: "filled" | "empty";
  readonly execArgv?: readonly string[];
}

const warm = (role: WorkloadName, rounds: number): Scenario => warmFor([role], rounds, role);

const warmFor = (measures: readonly WorkloadName[], rounds: number, role: string): Scenario => ({
  measures,
  rounds,
  processes: { kind: "warm", role },
});

/** Those that a World is not measured by are passed over. */
export const SCENARIOS: readonly Scenario[] = [
  warm("sequential-1000", 8),
  warm("sequential-growth", 3),
  warm("one-step", 8),
  warm("resume-to-step", 8),
  warm("resume-second-process", 8),
  warmFor(["throughput-500x3", "event-loop-delay"], 8, "throughput-500x3"),
  warm("fanout-1000", 8),
  warm("start-16", 8),
  warm("children-1000", 6),
  warm("hook-stream-10000", 4),
  warm("webhook-202", 6),
  warmFor(["stream-10000", "stream-10000-engine"], 8, "stream-10000"),
  warm("stream-second-process", 8),
  warmFor(["resume-or-start-new", "resume-or-start-live"], 6, "resume-or-start"),
  warm("payload-1kb", 8),
  warm("payload-100kb", 8),
  warm("payload-10mb", 4),
  {
    measures: ["parked-10000-heap-mb"],
    rounds: 2,
    processes: { kind: "fresh", roles: [{ role: "parked-heap", data: "empty", execArgv: ["--expose-gc"] }] },
  },
  {
    measures: ["parked-100000-start", "parked-100000-idle-cpu", "parked-100000-idle-server-cpu"],
    rounds: 3,
    processes: {
      kind: "fresh",
      filledBy: "park-100000",
      roles: [
        { role: "empty-start", data: "empty" },
        { role: "parked-start", data: "filled" },
      ],
    },
  },
  {
    measures: ["cold-replay-10000"],
    rounds: 5,
    processes: { kind: "fresh", filledBy: "long-history", roles: [{ role: "cold-replay", data: "filled" }] },
  },
  { measures: ["scaling-2", "scaling"], rounds: 3, processes: { kind: "warm", role: "scaling", hasWorker: false } },
];
