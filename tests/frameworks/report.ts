/**
 * In this order. `answers` and `crash` are of the production build, `edits` of the development server; `special` is what
 * only some have.
 */
export const PARTS = ["install", "build", "answers", "crash", "edits", "special"] as const;
export type Part = (typeof PARTS)[number];

export interface Result {
  readonly name: string;
  /** What the parts took that went well. */
  readonly seconds: Readonly<Partial<Record<Part, number>>>;
  readonly failure?: unknown;
}

/** A line for each framework: how many seconds each part took, and which one failed. */
export function printReport(results: readonly Result[]): void {
  const width = Math.max(...results.map(({ name }) => name.length), "framework".length);
  const row = (first: string, cells: readonly string[]): string =>
    `${first.padEnd(width)}  ${cells.map((cell) => cell.padStart(8)).join("")}`;
  console.log(row("framework", [...PARTS, "all"]));
  for (const { name, seconds, failure } of results) {
    const failed = failure === undefined ? undefined : PARTS.find((part) => seconds[part] === undefined);
    const cells = PARTS.map((part) => (part === failed ? "FAILED" : (seconds[part]?.toFixed(1) ?? "-")));
    const sum = Object.values(seconds).reduce((total, one) => total + one, 0);
    console.log(row(name, [...cells, sum.toFixed(1)]));
  }
}
