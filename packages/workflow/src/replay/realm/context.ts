import type { Bridge } from "./bridge.ts";
import type { AbortSignal } from "./globals/abort-signal.ts";
import type { HookRecord } from "./hook.ts";
import type { Wait } from "./wait.ts";

/** Everything the realm keeps of one live run. */
export interface RunContext {
  readonly bridge: Bridge;
  readonly runId: string;
  readonly workflowName: string;
  /** 128 random bits in hex. */
  readonly seed: string;
  /** How often the run has continued as new. */
  readonly generation: number;
  /** Whether commands say where they were asked for. */
  readonly tracing: boolean;
  /** The logical clock, in milliseconds since the epoch. Moves only when an event is delivered. */
  now: number;
  startedAt: number;
  /** Where the deployment that began the run is reached. Undefined in histories that do not say. */
  baseUrl: string | undefined;
  /** Whether payloads of the run were encrypted when it began. */
  encryption: boolean;
  /** The serialized arguments, until the run starts. */
  input: string;
  ended: boolean;
  /** It was cancelled, and its code is cleaning up. */
  cancelled: boolean;
  /** Globals that this run's code assigned. */
  readonly globals: Map<PropertyKey, PropertyDescriptor>;
  /** How many identities were drawn, per kind and name. */
  readonly draws: Map<string, number>;
  /** What was asked for and not yet taken by the host: a header, then its payload if it has one. */
  outbox: string[];
  readonly steps: Map<string, Settle>;
  readonly waits: Map<string, Wait>;
  /** Waits that someone gave up in this drain, because a race was won by another. */
  readonly lostWaits: Set<Wait>;
  readonly hooks: Map<string, HookRecord>;
  /** Signals that can be aborted from outside, by the id of the system hook of each. */
  readonly signals: Map<string, AbortSignal>;
  readonly workflows: Map<string, WorkflowFunction>;
  /** Classes that values may belong to, by id. Each run has its own copies. */
  readonly classes: Map<string, object>;
  /** State of `Math.random`, made on first use. */
  random: Uint32Array | undefined;
}

export type WorkflowFunction = (...args: unknown[]) => unknown;

export interface Settle {
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: unknown) => void;
}

let running: RunContext | undefined;

/** The run whose code is executing. Undefined only while a realm or a bundle is being set up. */
export function currentRun(): RunContext | undefined {
  return running;
}

/** Set around each synchronous entry. A drain belongs to its entry, so this is right in every continuation. */
export function setCurrentRun(run: RunContext | undefined): void {
  running = run;
}

/** The current run, where there must be one because workflow code is calling. */
export function callingRun(): RunContext {
  if (running === undefined) throw new Error("No run is being executed");
  return running;
}

/** What random numbers are made of: others after each time that the run continues as new. */
export function seedOf({ seed, generation }: RunContext): string {
  return generation === 0 ? seed : `${seed}~${generation}`;
}
