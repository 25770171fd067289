/** One measured thing. */
export interface Result {
  readonly workload: string;
  /** Median of the samples. */
  readonly value: number;
  readonly unit: string;
  /** What the disk alone costs or manages: median of the rounds. */
  readonly floor: number;
  /** Value by floor. */
  readonly ratio: number;
  readonly samples: number;
}

/** Samples that were taken together, and the floor right before and after them. */
export interface Round {
  readonly samples: readonly number[];
  readonly floor: number;
}

export function median(samples: readonly number[]): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

export function resultOf(workload: string, unit: string, rounds: readonly Round[]): Result {
  const samples = rounds.flatMap((round) => round.samples);
  const value = median(samples);
  const floor = median(rounds.map((round) => round.floor));
  return { workload, value, unit, floor, ratio: value / floor, samples: samples.length };
}

const COLUMNS = ["workload", "value", "unit", "floor", "ratio", "samples"] as const;

/** Padded columns: texts to the left, numbers to the right. */
export function formatTable(results: readonly Result[]): string {
  const rows = results.map((result) => COLUMNS.map((column) => cell(result[column])));
  const table = [[...COLUMNS], ...rows];
  const widths = COLUMNS.map((_, index) => Math.max(...table.map((row) => row[index]?.length ?? 0)));
  return table.map((row) => row.map((text, index) => pad(text, index, widths[index] ?? 0)).join("  ")).join("\n");
}

function pad(text: string, index: number, width: number): string {
  const column = COLUMNS[index];
  return column === "workload" || column === "unit" ? text.padEnd(width) : text.padStart(width);
}

function cell(value: string | number): string {
  if (typeof value === "string") return value;
  if (Number.isInteger(value)) return String(value);
  return value >= 100 ? value.toFixed(0) : value.toFixed(3);
}
