import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { createRandom, type Random } from "../../../packages/world/src/testkit/model/random.ts";
import { acceptanceViolations } from "../../support/acceptance.ts";
import type { Child } from "../../support/child.ts";
import { historyViolations, remainders } from "../checks/histories.ts";
import { note, readEvidence } from "../evidence.ts";
import { startProgram } from "../life.ts";
import { evidenceIn, newDirectory, removeDirectory, storageOf } from "../storage.ts";
import { collectionViolations, receivedIn, sentIn } from "./account.ts";
import { HOOKS, PAYLOADS_PER_CALLER } from "./plan.ts";

export interface ResumesResult {
  /** Of the payloads with keys, and of those without. */
  readonly answered: number;
  readonly deaths: number;
  readonly violations: readonly string[];
}

const DEATHS = 10;
/** In which lives of the worker the callers are killed too. */
const CALLERS_DIE_IN: readonly number[] = [3, 7];
const LONGEST_LIFE_MS = 400;

/**
 * Many callers send their payloads to many hooks, while the worker that has the runs is killed and started again, and
 * the callers too. The callers get on only as the lives of the worker do, so that there is something to do in each.
 */
export async function runResumes(seed: number): Promise<ResumesResult> {
  const directory = newDirectory("resumes");
  const complaints = await rage(directory, createRandom(seed), seed);
  const evidence = readEvidence(evidenceIn(directory));
  const end = await storageOf(directory).dump();
  const sent = sentIn(evidence, end);
  const answered = sent.filter(({ answeredAt }) => answeredAt !== undefined).length;
  const violations = [
    ...complaints,
    ...historyViolations(end),
    ...remainders(end),
    ...acceptanceViolations(sent, receivedIn(end)),
    ...collectionViolations(end),
  ];
  if (end.runs.length !== HOOKS) violations.push(`there are ${end.runs.length} runs, for ${HOOKS} keys`);
  if (violations.length > 0) violations.push(`again: npm run crash -- resumes --seed ${seed}`, `kept:  ${directory}`);
  else await removeDirectory(directory);
  return { answered, deaths: DEATHS + CALLERS_DIE_IN.length, violations };
}

/** Resolves when every run has ended, and nobody works any more. Says what went wrong on the way. */
async function rage(directory: string, random: Random, seed: number): Promise<readonly string[]> {
  const { allow, startWorker, startCallers, end, complaints } = processesIn(directory, seed);
  // The callers come first, and find no hooks.
  allow(1);
  let callers = startCallers(0);
  let worker = startWorker();
  try {
    for (let life = 1; life <= DEATHS; life += 1) {
      await worker.line(/^ready$/);
      allow(life + 1);
      await delay(random.below(LONGEST_LIFE_MS));
      await end(worker, "SIGKILL");
      worker = startWorker();
      if (!CALLERS_DIE_IN.includes(life)) continue;
      await end(callers, "SIGKILL");
      callers = startCallers(life);
    }
    allow(DEATHS + 2);
    const { code, signal } = await callers.exit;
    if (code !== 0) complaints.push(`the callers ended with ${code ?? signal}: ${callers.stderr}`);
  } finally {
    await end(worker, "SIGTERM");
    await callers.kill("SIGKILL");
  }
  return complaints;
}

interface Processes {
  /** Lets the callers go on to their share of so many lives. */
  allow(lives: number): void;
  startWorker(): Child;
  startCallers(life: number): Child;
  end(child: Child, by: "SIGKILL" | "SIGTERM"): Promise<void>;
  readonly complaints: string[];
}

function processesIn(directory: string, seed: number): Processes {
  const quota = join(directory, "quota");
  const complaints: string[] = [];
  return {
    allow: (lives) => writeFileSync(quota, String(Math.ceil((PAYLOADS_PER_CALLER * lives) / (DEATHS + 2)))),
    startWorker: () => startProgram(directory, ["tests/crash/resumes/worker.ts"]),
    startCallers: (life) => startProgram(directory, ["tests/crash/resumes/callers.ts", String(seed + life), quota]),
    async end(child, by) {
      if (by === "SIGKILL") note({ event: "kill", pid: child.pid, why: "resumes" }, evidenceIn(directory));
      const { code, signal } = await child.kill(by);
      if (signal === by && child.stderr === "") return;
      complaints.push(`a process ended with ${code ?? signal}: ${child.stderr}`);
    },
    complaints,
  };
}
