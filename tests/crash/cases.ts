import { type CrashCase, runCase } from "./crash-case.ts";

/** Processes that work at the same time. */
const AT_ONCE = 2;

/** Of the cases of a scenario. More of them would mean that the crashes do not happen. */
const MOST_UNHARMED = 0.3;

export interface Summary {
  readonly deaths: number;
  /** Cases that passed without a death: two writes that met can be one write less. */
  readonly unharmed: number;
  /** One for each case that failed. */
  readonly reports: readonly string[];
}

/** Runs cases, two at a time. */
export async function runAll(cases: readonly CrashCase[]): Promise<Summary> {
  const waiting = [...cases];
  const reports: string[] = [];
  let deaths = 0;
  let unharmed = 0;
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const result = await runCase(next);
      if (result.status === "failed") {
        reports.push(result.report);
        continue;
      }
      deaths += result.deaths;
      if (result.deaths === 0) unharmed += 1;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  if (unharmed > cases.length * MOST_UNHARMED) reports.push(`${unharmed} of ${cases.length} cases saw no crash at all`);
  return { deaths, unharmed, reports };
}
