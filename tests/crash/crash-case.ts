import { judge } from "./checks/judge.ts";
import { type Outcome, outcomesOf, outcomeViolations } from "./checks/outcome.ts";
import { live, tell } from "./life.ts";
import { newDirectory, removeDirectory } from "./storage.ts";

/** What a scenario is like when nothing happens to it. */
export interface Reference {
  readonly scenario: string;
  /** Of PostgreSQL, where that has the data. Otherwise the embedded World has. */
  readonly server: string | undefined;
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

/** Tells the scenario twice without a crash: on the memory World, and on the one under test. */
export async function takeReference(scenario: string, server?: string): Promise<Reference> {
  const directories = [newDirectory(scenario), newDirectory(scenario, server)] as const;
  const [memory, tested] = await Promise.all([
    tell(directories[0], scenario, ["--world", "memory"]),
    tell(directories[1], scenario),
  ]);
  const outcomes = outcomesOf(memory.end);
  const violations = outcomeViolations(outcomes, outcomesOf(tested.end));
  if (violations.length > 0) throw new Error(`${scenario}, without a crash: ${violations.join("\n")}`);
  await Promise.all(directories.map(removeDirectory));
  return { scenario, server, points: tested.points, outcomes };
}

/** Tells the scenario through crashes, and holds what it came to against the reference. A failed case keeps its data. */
export async function runCase({ reference, points }: CrashCase): Promise<CaseResult> {
  const { scenario, server, outcomes } = reference;
  const directory = newDirectory(scenario, server);
  const lived = await live(directory, scenario, points, points.length);
  const violations =
    lived.status === "broken"
      ? [lived.why]
      : [...outcomeViolations(outcomes, outcomesOf(lived.life.end)), ...judge(lived.life)];
  if (violations.length > 0) return { status: "failed", report: reportOf(reference, points, violations, directory) };
  await removeDirectory(directory);
  return { status: "passed", deaths: lived.status === "ended" ? lived.life.crashes.length : 0 };
}

function reportOf(
  { scenario, server }: Reference,
  points: readonly string[],
  violations: readonly string[],
  directory: string,
): string {
  const on = server === undefined ? "" : " --world postgres";
  const at = points.map((point) => ` --at ${point}`).join("");
  return [
    `${scenario}, killed at ${points.join(", then at ")}:`,
    ...violations.map((violation) => `  ${violation}`),
    `  again: npm run crash -- ${scenario}${on}${at}`,
    `  kept:  ${directory}`,
  ].join("\n");
}
