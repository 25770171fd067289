import { type Goal, type WorkloadName, workloadNamed, type WorldName } from "./workloads.ts";

/** One measured thing. */
export interface Result {
  readonly workload: string;
  /** Median of the samples. */
  readonly value: number;
  readonly unit: string;
  /** What it cannot be better than, or would be in the best case: median of the rounds. Null where there is none. */
  readonly floor: number | null;
  /** Value by floor. */
  readonly ratio: number | null;
  /** Null for what is no workload. */
  readonly goal: Goal | null;
  readonly reached: boolean | null;
  readonly samples: number;
  /** What has to be known to read it, by rounds. */
  readonly notes?: readonly string[];
}

/** Samples that were taken together, and the floor of that moment. */
export interface Round {
  readonly samples: readonly number[];
  readonly floor: number | null;
  readonly notes?: readonly string[];
}

export function median(samples: readonly number[]): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

export function workloadResult(world: WorldName, workload: WorkloadName, rounds: readonly Round[]): Result {
  const { unit, goals } = workloadNamed(workload);
  const notes = rounds.flatMap((round) => round.notes ?? []);
  const result = resultOf(workload, unit, summarize(rounds), goals[world] ?? null);
  return notes.length > 0 ? { ...result, notes } : result;
}

export function floorResult(workload: string, rounds: readonly Round[]): Result {
  return resultOf(workload, "ms", summarize(rounds), null);
}

type Summary = Pick<Result, "value" | "floor" | "ratio" | "samples">;

/** In the order in which JSON lines show it. */
function resultOf(workload: string, unit: string, summary: Summary, goal: Goal | null): Result {
  const { value, floor, ratio, samples } = summary;
  return { workload, value, unit, floor, ratio, goal, reached: goal && isReached(goal, summary), samples };
}

function summarize(rounds: readonly Round[]): Summary {
  const samples = rounds.flatMap((round) => round.samples);
  const floors = rounds.flatMap((round) => round.floor ?? []);
  const value = median(samples);
  const floor = floors.length > 0 ? median(floors) : null;
  return { value, floor, ratio: floor === null ? null : value / floor, samples: samples.length };
}

function isReached(goal: Goal, { value, ratio }: Summary): boolean {
  const judged = goal.of === "value" ? value : (ratio ?? Number.NaN);
  return "atMost" in goal ? judged <= goal.atMost : judged >= goal.atLeast;
}

/** Padded columns: texts to the left, numbers to the right. */
export function formatTable(results: readonly Result[]): string {
  const rows = [COLUMNS.map(([title]) => title), ...results.map((result) => COLUMNS.map(([, text]) => text(result)))];
  const widths = COLUMNS.map((_, index) => Math.max(...rows.map((row) => row[index]?.length ?? 0)));
  return rows.map((row) => row.map((text, index) => pad(text, index, widths[index] ?? 0)).join("  ")).join("\n");
}

/** A line for each. */
export function formatNotes(results: readonly Result[]): readonly string[] {
  return results.flatMap(({ workload, notes = [] }) => notes.map((note) => `${workload}: ${note}`));
}

const COLUMNS: readonly (readonly [title: string, text: (result: Result) => string, side?: "left"])[] = [
  ["workload", (result) => result.workload, "left"],
  ["value", (result) => numeral(result.value)],
  ["unit", (result) => result.unit, "left"],
  ["floor", (result) => numeral(result.floor)],
  ["ratio", (result) => numeral(result.ratio)],
  ["goal", (result) => goalText(result.goal), "left"],
  ["reached", (result) => (result.reached === null ? "" : result.reached ? "yes" : "no"), "left"],
  ["samples", (result) => numeral(result.samples)],
];

function pad(text: string, index: number, width: number): string {
  return COLUMNS[index]?.[2] === "left" ? text.padEnd(width) : text.padStart(width);
}

function goalText(goal: Goal | null): string {
  if (goal === null) return "";
  const bound = "atMost" in goal ? `at most ${goal.atMost}` : `at least ${goal.atLeast}`;
  return goal.of === "ratio" ? `${bound} x floor` : bound;
}

function numeral(value: number | null): string {
  if (value === null) return "";
  if (Number.isInteger(value)) return String(value);
  return value >= 100 ? value.toFixed(0) : value.toFixed(3);
}
