import { rmSync } from "node:fs";
import { judge } from "./checks/judge.ts";
import { type Outcome, outcomesOf, outcomeViolations } from "./checks/outcome.ts";
import { live, newDirectory, tell } from "./life.ts";

/** What a scenario is like when nothing happens to it. */
export interface Reference {
  readonly scenario: string;
  /** Where its process can be killed, in order. */
  readonly points: readonly string[];
  /** On the memory World. */
  readonly outcomes: readonly Outcome[];
}

export interface CrashCase {
  readonly reference: Reference;
  /** Where the first process is killed, the second, and so on. */
  readonly points: readonly string[];
}

export type CaseResult =
  /** `deaths`: how many of its points were reached. */
  { readonly status: "passed"; readonly deaths: number } | { readonly status: "failed"; readonly report: string };

/** Tells the scenario twice without a crash: on the memory World, and on the embedded one. */
export async function takeReference(scenario: string): Promise<Reference> {
  const directories = [newDirectory(scenario), newDirectory(scenario)] as const;
  const [memory, embedded] = await Promise.all([
    tell(directories[0], scenario, ["--world", "memory"]),
    tell(directories[1], scenario),
  ]);
  const outcomes = outcomesOf(memory.end);
  const violations = outcomeViolations(outcomes, outcomesOf(embedded.end));
  if (violations.length > 0) throw new Error(`${scenario}, without a crash: ${violations.join("\n")}`);
  for (const directory of directories) rmSync(directory, { recursive: true });
  return { scenario, points: embedded.points, outcomes };
}

/** Tells the scenario through crashes, and holds what it came to against the reference. A failed case keeps its data. */
export async function runCase({ reference, points }: CrashCase): Promise<CaseResult> {
  const { scenario, outcomes } = reference;
  const directory = newDirectory(scenario);
  const lived = await live(directory, scenario, points, points.length);
  const violations =
    lived.status === "broken"
      ? [lived.why]
      : [...outcomeViolations(outcomes, outcomesOf(lived.life.end)), ...judge(lived.life)];
  if (violations.length > 0) return { status: "failed", report: reportOf(scenario, points, violations, directory) };
  rmSync(directory, { recursive: true });
  return { status: "passed", deaths: lived.status === "ended" ? lived.life.crashes.length : 0 };
}

function reportOf(
  scenario: string,
  points: readonly string[],
  violations: readonly string[],
  directory: string,
): string {
  const at = points.map((point) => ` --at ${point}`).join("");
  return [
    `${scenario}, killed at ${points.join(", then at ")}:`,
    ...violations.map((violation) => `  ${violation}`),
    `  again: npm run crash -- ${scenario}${at}`,
    `  kept:  ${directory}`,
  ].join("\n");
}
