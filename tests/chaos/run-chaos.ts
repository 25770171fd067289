import { setTimeout as delay } from "node:timers/promises";
import { createRandom } from "../../packages/world/src/testkit/model/random.ts";
import { bodyViolations } from "../crash/checks/bodies.ts";
import { historyViolations, remainders } from "../crash/checks/histories.ts";
import { cancellationViolations } from "../crash/checks/judge.ts";
import { payloadViolations } from "../crash/checks/payloads.ts";
import { dumpWorld } from "../crash/dump.ts";
import { type Line, readEvidence } from "../crash/evidence.ts";
import { disturb, type Kind } from "./disturbances.ts";
import { openPlace, type Place } from "./place.ts";
import { streamViolations } from "./streams.ts";
import { Victim } from "./victim.ts";

export interface ChaosOptions {
  /** Decides what happens when, as far as the machine lets it. */
  readonly seed: number;
  /** Of all shapes in turn. */
  readonly runs: number;
  /** The time over which they are started, if the machine is fast enough. The chaos lasts until all have been. */
  readonly seconds: number;
  readonly kinds: readonly Kind[];
}

export interface ChaosResult {
  /** Those that were started by others included. */
  readonly runs: number;
  readonly bodies: number;
  readonly disturbances: ReadonlyMap<Kind, number>;
  /** From the last disturbance to the end of the last run, in milliseconds. */
  readonly settledMs: number;
  readonly violations: readonly string[];
}

const WORKERS = 4;
const CALLERS = 2;
/** How long the runs have to end after the last disturbance. */
const PATIENCE_MS = 60_000;
/** How long the chaos may last. */
const LONGEST_MS = 1_800_000;

/** Workers on one PostgreSQL are killed, stalled and cut off from it, and it is restarted, while other processes use them. */
export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  await using place = await openPlace();
  const world = await place.openWorld();
  try {
    const victims = Array.from({ length: WORKERS }, () => new Victim(place));
    const rage = await suffer(place, victims, options);
    const evidence = readEvidence(place.evidence);
    const end = await dumpWorld(world);
    const violations = [
      ...rage.complaints,
      ...victims.flatMap(({ complaints }) => complaints),
      ...historyViolations(end),
      ...remainders(end),
      ...payloadViolations(evidence, end),
      ...bodyViolations(evidence, end),
      ...cancellationViolations(evidence, end),
      ...streamViolations(evidence, end),
    ];
    if (violations.length > 0) {
      place.keep();
      violations.push(`with --seed ${options.seed}`, `kept: ${place.directory}`);
    }
    const { disturbances, settledMs } = rage;
    return { runs: end.runs.length, bodies: countBodies(evidence), disturbances, settledMs, violations };
  } finally {
    await world.close();
  }
}

function countBodies(evidence: readonly Line[]): number {
  return evidence.filter(({ event }) => event === "begin").length;
}

interface Suffered {
  readonly disturbances: ReadonlyMap<Kind, number>;
  readonly settledMs: number;
  readonly complaints: readonly string[];
}

/** Resolves when every run has ended, or takes too long, and nobody works any more. */
async function suffer(place: Place, victims: readonly Victim[], options: ChaosOptions): Promise<Suffered> {
  const { seed, runs, seconds, kinds } = options;
  try {
    await Promise.all(victims.map((victim) => victim.ready()));
    const args = [CALLERS, runs, seconds].map(String);
    const callers = Array.from({ length: CALLERS }, (_, n) =>
      place.start(["tests/chaos/caller.ts", String(n), ...args]),
    );
    let starting = true;
    const started = Promise.all(callers.map((caller) => caller.line(/^all started$/, LONGEST_MS)));
    void started.catch(() => undefined).then(() => (starting = false));
    const disturbances = await disturb({ place, victims, random: createRandom(seed), kinds }, () => starting);
    const calm = performance.now();
    const late = new AbortController();
    const patience = delay(PATIENCE_MS, undefined, { signal: late.signal }).catch(() => undefined);
    const ends = await Promise.race([Promise.all(callers.map((caller) => caller.exit)), patience]);
    late.abort();
    const settledMs = performance.now() - calm;
    await Promise.all(victims.map((victim) => victim.end()));
    const failed = callers.flatMap(({ stderr }) => (stderr === "" ? [] : [`a caller complained: ${stderr}`]));
    const waiting = ends === undefined ? ["the callers still wait for runs"] : [];
    for (const caller of callers) await caller[Symbol.asyncDispose]();
    return { disturbances, settledMs, complaints: [...failed, ...waiting] };
  } finally {
    for (const victim of victims) victim.abandon();
  }
}
