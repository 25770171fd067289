import { appendFileSync, readFileSync } from "node:fs";

/** A step body began or ended. */
export interface BodyLine {
  readonly event: "begin" | "end";
  readonly runId: string;
  readonly stepId: string;
  readonly name: string;
  readonly attempt: number;
  readonly pid: number;
}

/**
 * How a call from outside went: it is about to be made, it has resolved, or it was told that nobody has the token. A
 * call that was asked and not answered is in doubt.
 */
interface Call {
  readonly event: "ask" | "ack" | "refused";
  readonly pid: number;
}

interface StartLine extends Call {
  readonly call: "start";
  /** Once it is known. */
  readonly runId?: string;
}

export interface ResumeLine extends Call {
  readonly call: "resume";
  readonly token: string;
  readonly payload: string;
}

interface CancelLine extends Call {
  readonly call: "cancel";
  readonly runId: string;
}

export type CallLine = StartLine | ResumeLine | CancelLine;

/** A process is killed, now; whoever kills writes it first. */
export interface KillLine {
  readonly event: "kill";
  readonly pid: number;
  readonly why: string;
}

/** A process stands still, and loses what it holds: others may run its steps, and it may end its own bodies yet. */
export interface StallLine {
  readonly event: "stall";
  readonly pid: number;
}

/** A process that stood still knows by now what it has lost; what it began since the stall was begun in ignorance. */
export interface WakeLine {
  readonly event: "wake";
  readonly pid: number;
}

/** All that a reader got of a stream, once that was over. */
export interface ReadLine {
  readonly event: "read";
  readonly runId: string;
  readonly chunks: readonly string[];
  readonly pid: number;
}

export type Line = BodyLine | CallLine | KillLine | StallLine | WakeLine | ReadLine;

/** Where a process under test finds the file. */
export const EVIDENCE = "CRASH_EVIDENCE";

/**
 * Writes one line. The file is opened for appending, so the lines of several processes stand in the order in which they
 * were written, and what was written survives the process.
 */
export function note(line: Line, file: string = process.env[EVIDENCE] ?? ""): void {
  appendFileSync(file, `${JSON.stringify(line)}\n`);
}

export function readEvidence(file: string): readonly Line[] {
  return readFileSync(file, "utf8")
    .split("\n")
    .filter((text) => text !== "")
    .map((text) => JSON.parse(text) as Line);
}
