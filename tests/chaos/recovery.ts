import { setTimeout as delay } from "node:timers/promises";
import { type Pace, PACES, readPaces } from "./pacers.ts";
import { openPlace, type Place } from "./place.ts";
import { Victim } from "./victim.ts";

export interface Recovery {
  readonly kills: number;
  /** For each run of a killed worker: from the kill to the next beginning of a step's body elsewhere, in milliseconds. */
  readonly times: readonly number[];
}

const WORKERS = 3;
const KILLS = 10;
const RUNS_AT_ONCE = 24;
const MOVED = 100;
/** How many of its steps a run has begun before its worker is killed. */
const PACES_BEFORE = 3;
/** Not often: looking takes time from those who are looked at. Their own clocks say when. */
const LOOK_MS = 250;
const PATIENCE_MS = 30_000;

/** How long the runs of a worker stand still that is killed. */
export async function measureRecovery(): Promise<Recovery> {
  await using place = await openPlace();
  await (await place.openWorld()).close();
  const victims = Array.from({ length: WORKERS }, () => new Victim(place));
  const times: number[] = [];
  let kills = 0;
  try {
    while (kills < KILLS || times.length < MOVED) {
      await Promise.all(victims.map((victim) => victim.ready()));
      times.push(...(await killOne(place, victims)));
      kills += 1;
    }
  } finally {
    for (const victim of victims) victim.abandon();
  }
  return { kills, times: times.sort((a, b) => a - b) };
}

/** Kills the worker with the most of some new runs. Over when all of them are. */
async function killOne(place: Place, victims: readonly Victim[]): Promise<readonly number[]> {
  await using starter = place.start(["tests/chaos/pacemaker.ts", String(RUNS_AT_ONCE)]);
  const [, ids = ""] = await starter.line(/^started (.+)$/);
  const runs = ids.split(" ");
  const before = await until(place, (byRun) => runs.every((run) => (byRun.get(run)?.length ?? 0) >= PACES_BEFORE));
  const byOwner = Map.groupBy(runs, (run) => before.get(run)?.at(-1)?.pid);
  const [pid, own = []] = [...byOwner].reduce((most, other) => (other[1].length > most[1].length ? other : most));
  const killedAt = Date.now();
  const victim = victims.find((other) => other.pid === pid);
  await victim?.die();
  const elsewhere = (paces: readonly Pace[] = []): Pace | undefined =>
    paces.find((pace) => pace.at >= killedAt && pace.pid !== pid);
  const after = await until(place, (byRun) => own.every((run) => elsewhere(byRun.get(run)) !== undefined));
  victim?.begin();
  await until(place, (byRun) => runs.every((run) => new Set(byRun.get(run)?.map(({ n }) => n)).size === PACES));
  return own.map((run) => (elsewhere(after.get(run))?.at ?? Number.NaN) - killedAt);
}

type ByRun = ReadonlyMap<string, readonly Pace[]>;

/** @throws when it is not so in time. */
async function until({ evidence }: Place, isSo: (byRun: ByRun) => boolean): Promise<ByRun> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const byRun = Map.groupBy(readPaces(evidence), ({ runId }) => runId);
    if (isSo(byRun)) return byRun;
    if (performance.now() > deadline) throw new Error(`Runs have stood still for ${PATIENCE_MS} ms`);
    await delay(LOOK_MS);
  }
}
