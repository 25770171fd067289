import { stepHistories } from "./checks/attempts.ts";
import { judge } from "./checks/judge.ts";
import { outcomesOf } from "./checks/outcome.ts";
import { type Life, live } from "./life.ts";
import { newDirectory, removeDirectory } from "./storage.ts";

/** Of a step with three retries. */
const POISON_ATTEMPTS = 4;
/** More than the poison can cause. */
const MOST_DEATHS = 8;

/** Restarts a process that a step kills each time, until that step is given up. Says what is not as promised. */
export async function runPoison(server?: string): Promise<readonly string[]> {
  const directory = newDirectory("poison", server);
  const lived = await live(directory, "poison", [], MOST_DEATHS);
  const violations = lived.status === "broken" ? [lived.why] : [...judge(lived.life), ...damage(lived.life)];
  if (violations.length > 0) return [...violations, "again: npm run crash -- poison", `kept:  ${directory}`];
  await removeDirectory(directory);
  return [];
}

/** What else than the poison step was harmed, or how its own end is not the right one. */
function damage({ evidence, crashes, end }: Life): readonly string[] {
  const found: string[] = [];
  for (const { workflowName, status, steps } of outcomesOf(end)) {
    if (status !== "completed") found.push(`${workflowName} is ${status}`);
    for (const { name, status: outcome } of steps) {
      const expected = name.endsWith("//swallow") ? "failed" : "completed";
      if (outcome !== expected) found.push(`${name} is ${outcome}, not ${expected}`);
    }
  }
  const poison = stepHistories(end).filter((step) => step.name.endsWith("//swallow"));
  const started = poison.map((step) => step.started.length).join();
  const begun = evidence.filter((line) => line.event === "begin" && line.name.endsWith("//swallow")).length;
  if (started !== String(POISON_ATTEMPTS)) found.push(`the poison was started ${started} times`);
  if (begun !== POISON_ATTEMPTS) found.push(`the poison ran ${begun} times`);
  if (crashes.length !== POISON_ATTEMPTS) found.push(`${crashes.length} processes died`);
  return found;
}
