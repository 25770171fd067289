import { setTimeout as delay } from "node:timers/promises";
import { createRandom } from "../../../packages/world/src/testkit/model/random.ts";
import { bodyViolations } from "../checks/bodies.ts";
import { historyViolations, remainders } from "../checks/histories.ts";
import { payloadViolations } from "../checks/payloads.ts";
import { readEvidence } from "../evidence.ts";
import { startProgram } from "../life.ts";
import { evidenceIn, newDirectory, removeDirectory, storageOf } from "../storage.ts";
import { Victim } from "./victim.ts";

export interface ChaosOptions {
  /** Decides when each worker is stopped or killed. What happens then is decided by the machine too. */
  readonly seed: number;
  /** How long new runs are started, and workers killed. From {@link STALL_SECONDS} on, one worker loses its lease too. */
  readonly seconds: number;
}

export interface ChaosResult {
  readonly runs: number;
  readonly deaths: number;
  readonly violations: readonly string[];
}

/** How long the runs have to end once nobody is killed any more. */
const PATIENCE_MS = 30_000;
const STALL_SECONDS = 30;

/** Two workers on one file are killed again and again, while a third process starts runs and resumes their hooks. */
export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const { seed } = options;
  const directory = newDirectory("chaos");
  const victims = [0, 1].map((index) => new Victim(directory, createRandom(2 * seed + index)));
  const violations = [...(await rage(directory, victims, options)), ...victims.flatMap(({ complaints }) => complaints)];
  const evidence = readEvidence(evidenceIn(directory));
  const end = await storageOf(directory).dump();
  violations.push(
    ...historyViolations(end),
    ...remainders(end),
    ...payloadViolations(evidence, end),
    ...bodyViolations(evidence, end),
  );
  if (violations.length > 0) violations.push(`again: npm run crash -- chaos --seed ${seed}`, `kept:  ${directory}`);
  else await removeDirectory(directory);
  return { runs: end.runs.length, deaths: victims.reduce((sum, { deaths }) => sum + deaths, 0), violations };
}

/** Resolves when every run has ended, or takes too long, and nobody works any more. Says what the client complains of. */
async function rage(
  directory: string,
  [first, ...others]: readonly Victim[],
  { seconds }: ChaosOptions,
): Promise<readonly string[]> {
  await using client = startProgram(directory, ["tests/crash/chaos/client.ts", String(seconds)]);
  const now = performance.now();
  const stopAt = now + seconds * 1000;
  const sufferAndStall = async (): Promise<void> => {
    if (seconds >= STALL_SECONDS) {
      await first?.suffer(now + seconds * 300);
      await first?.stall();
    }
    await first?.suffer(stopAt);
  };
  await Promise.all([sufferAndStall(), ...others.map((victim) => victim.suffer(stopAt))]);
  const late = new AbortController();
  const patience = delay(PATIENCE_MS, undefined, { signal: late.signal }).catch(() => undefined);
  const exit = await Promise.race([client.exit, patience]);
  late.abort();
  await Promise.all([first, ...others].map((victim) => victim?.end()));
  if (exit?.code === 0) return [];
  return [`the client ${exit === undefined ? "still waits for runs" : `failed: ${client.stderr}`}`];
}
