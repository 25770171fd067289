import type { BodyLine, Line } from "../evidence.ts";

/** A run of a step body. Times are places in the evidence. */
export interface Body {
  readonly attempt: number;
  readonly pid: number;
  readonly began: number;
  /** Infinity when it did not come to its end. */
  readonly ended: number;
  /** From when on its process was dead, or had lost the run to another. Infinity when neither happened. */
  readonly lost: number;
}

/** Every run of every body, by step ({@link stepKey}), in the order of their beginning. */
export function bodiesIn(evidence: readonly Line[]): ReadonlyMap<string, readonly Body[]> {
  const places = new Map(evidence.map((line, place) => [line, place]));
  const lines = evidence.filter((line): line is BodyLine => line.event === "begin" || line.event === "end");
  const losses = lossesIn(evidence);
  const bodies = new Map<string, Body[]>();
  for (const [key, own] of Map.groupBy(lines, stepKey)) {
    const ended = (begin: BodyLine): BodyLine | undefined =>
      own.find((line) => line.event === "end" && line.attempt === begin.attempt && line.pid === begin.pid);
    const found: Body[] = [];
    for (const line of own.filter(({ event }) => event === "begin")) {
      const { attempt, pid } = line;
      const began = places.get(line) ?? 0;
      const end = ended(line);
      // Begun by a process that stood still between the start and the body, when the run was another's already.
      const isLate = found.some((other) => other.attempt > attempt);
      const before = isLate || losses.isIgnorant(pid, began) ? losses.stallBefore(pid, began) : undefined;
      const lost = before ?? losses.after(pid, began);
      found.push({ attempt, pid, began, ended: end === undefined ? Infinity : (places.get(end) ?? 0), lost });
    }
    bodies.set(key, found);
  }
  return bodies;
}

export function stepKey({ runId, stepId }: { readonly runId: string; readonly stepId: string }): string {
  return `${stepId} of ${runId}`;
}

interface Losses {
  /** When a process lost what it was doing at a place. */
  after(pid: number, place: number): number;
  stallBefore(pid: number, place: number): number | undefined;
  /** Whether a process has stood still and need not know yet what it has lost. */
  isIgnorant(pid: number, place: number): boolean;
}

function lossesIn(evidence: readonly Line[]): Losses {
  const deaths = new Map<number, number>();
  const stalls: { readonly pid: number; readonly place: number }[] = [];
  const wakes: { readonly pid: number; readonly place: number }[] = [];
  for (const [place, line] of evidence.entries()) {
    // A killed process lives as long as it writes: its last words may come after those of its killer.
    if (line.event === "kill" || deaths.has(line.pid)) deaths.set(line.pid, place);
    if (line.event === "stall") stalls.push({ pid: line.pid, place });
    if (line.event === "wake") wakes.push({ pid: line.pid, place });
  }
  return {
    after(pid, place) {
      const stall = stalls.find((other) => other.pid === pid && other.place > place);
      return Math.min(stall?.place ?? Infinity, deaths.get(pid) ?? Infinity);
    },
    isIgnorant(pid, place) {
      const own = [...stalls, ...wakes].filter((other) => other.pid === pid).toSorted((a, b) => a.place - b.place);
      const last = own.findLast((other) => other.place < place);
      return (
        last !== undefined && stalls.includes(last) && wakes.some((other) => other.pid === pid && other.place > place)
      );
    },
    stallBefore: (pid, place) => stalls.findLast((stall) => stall.pid === pid && stall.place < place)?.place,
  };
}
