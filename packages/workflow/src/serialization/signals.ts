/**
 * Abort signals and controllers as values (contract 06 section 6.8): a reference to the system hook that gets the reason
 * when the signal is aborted, and how things stood when it was written.
 */
import { describeThrown } from "./error-values.ts";
import type { Handles } from "./references.ts";
import { Refused } from "./refusal.ts";

/** Where an abort is told to. Empty for a signal that nothing can abort any more. */
export interface SignalAddress {
  /** Anybody who has it may abort. */
  readonly token?: string;
  /** The run that has registered the hook, and its hook. Absent while the token only waits for a run to do so. */
  readonly runId?: string;
  readonly hookId?: string;
}

export interface SignalData extends SignalAddress {
  readonly is: "signal";
  readonly aborted: boolean;
  /** Of an aborted one. */
  readonly reason?: unknown;
}

export interface ControllerData {
  readonly is: "controller";
  readonly signal: unknown;
}

/** Says where aborts of a signal of the platform are to be told; undefined when they cannot be. */
export type WriteSignal = (signal: AbortSignal) => SignalAddress | undefined;

/** The realm's signals know their address. */
export const ADDRESS: unique symbol = Symbol("address");

interface Addressed {
  readonly [ADDRESS]?: () => SignalAddress;
}

let writing: WriteSignal | undefined;

/** What `task` writes may hold signals of the platform, if `write` is there. */
export function withSignals<T>(write: WriteSignal | undefined, task: () => T): T {
  const outer = writing;
  writing = write;
  try {
    return task();
  } finally {
    writing = outer;
  }
}

const UNCONNECTED = new Refused({
  what: "an AbortSignal that may yet be aborted",
  hint: "Signals go into the arguments of start(), payloads of hooks and results of steps",
});

/** @param problemOf why a value cannot be serialized */
export function encodeSignal(value: object, problemOf: (value: unknown) => string | undefined): SignalData | Refused {
  const signal = value as AbortSignal & Addressed;
  const own = signal[ADDRESS]?.() ?? writing?.(signal);
  const { aborted } = signal;
  if (!aborted) return own === undefined ? UNCONNECTED : { is: "signal", ...own, aborted };
  const reason: unknown = signal.reason;
  const problem = problemOf(reason);
  // Losing what the reason was is better than losing everything that goes with the signal.
  return { is: "signal", ...own, aborted, reason: problem === undefined ? reason : describeThrown(reason, problem) };
}

/** Whether there may be signals in a payload. Text that only looks like one does no harm. */
export function mentionsSignals(payload: string): boolean {
  return payload.includes('"signal"');
}

export function encodeController(value: object): ControllerData {
  return { is: "controller", signal: (value as AbortController).signal };
}

export function reviveSignal(data: SignalData, handles: Handles): object {
  for (const part of [data.token, data.runId, data.hookId]) {
    if (part !== undefined && typeof part !== "string") throw new Error("the address of a signal is not text");
  }
  return handles.signal(data);
}

export function reviveController(data: ControllerData, handles: Handles): object {
  if (typeof data.signal !== "object" || data.signal === null) throw new Error("a controller has no signal");
  return handles.controller(data.signal);
}
