import { earliest } from "../worker/earliest.ts";
import { workerFor } from "../worker/registry.ts";
import type { Worker } from "../worker/worker.ts";
import type { World } from "../world/world.ts";
import { startWorker } from "./start-worker.ts";

/** How it stands when a drive is over. */
export interface DriveReport {
  /** Whether something is due, so that it is worth while to drive again at once. */
  readonly isMoreDue: boolean;
  /** When something is due, in milliseconds since the epoch, not before now; null when only facts move the runs. */
  readonly nextDueAt: number | null;
  /** What this drive did. */
  readonly turns: number;
  readonly steps: number;
}

/** What is due that soon is waited for: a retry would otherwise take as long as the next call. */
const SOON_MS = 1_000;

/** How long it takes to see that others who work for the World are dead, so that what they had can be taken over. */
const COMPANY_MS = 2_000;

const LOOK_MS = 20;

const driving = new WeakMap<World, Promise<DriveReport>>();

/**
 * Has this process work until nothing is due, but no longer than `maxMs` milliseconds. New steps begin in the first
 * half of the time only; those that run have the rest of it to end. Then every run is given back. Where the process has
 * a worker already this only reports; where it drives already this waits for what comes of that.
 */
export function drive(world: World, maxMs: number): Promise<DriveReport> {
  const underWay = driving.get(world);
  if (underWay !== undefined) return joinIn(world, underWay, maxMs);
  if (workerFor(world) !== undefined) return lookAround(world);
  const done = driveAlone(world, maxMs).finally(() => driving.delete(world));
  driving.set(world, done);
  return done;
}

/** How it stands, without doing anything. */
export function lookAround(world: World): Promise<DriveReport> {
  return report(world, workerFor(world));
}

/** The other drive may have been given more time. */
async function joinIn(world: World, underWay: Promise<DriveReport>, maxMs: number): Promise<DriveReport> {
  const late = Promise.withResolvers<undefined>();
  const cancel = world.clock.delay(maxMs, () => late.resolve(undefined));
  try {
    return (await Promise.race([underWay, late.promise])) ?? (await lookAround(world));
  } finally {
    cancel();
  }
}

async function driveAlone(world: World, maxMs: number): Promise<DriveReport> {
  const begun = world.clock.elapsed();
  const graceMs = maxMs / 2;
  const handle = await startWorker({ world, graceMs });
  try {
    const worker = workerFor(world);
    if (worker !== undefined) await workUntilQuiet(world, worker, begun, maxMs - graceMs);
  } finally {
    await handle.stop();
  }
  return report(world, undefined, handle.counts);
}

async function workUntilQuiet(world: World, worker: Worker, begun: number, mostMs: number): Promise<void> {
  const { clock } = world;
  for (;;) {
    const spent = clock.elapsed() - begun;
    const wait = await waitBeforeLook(world, worker, spent);
    if (wait === null || spent >= mostMs) return;
    await new Promise<void>((resolve) => clock.delay(Math.min(wait, mostMs - spent), resolve));
  }
}

/** Null: there is nothing to stay for. */
async function waitBeforeLook(world: World, worker: Worker, spent: number): Promise<number | null> {
  if (!worker.isQuiet) return LOOK_MS;
  const due = await nextDue(world, worker);
  const wait = due === null ? Infinity : due - world.clock.now();
  // Something may have come in while the World was asked.
  if (!worker.isQuiet) return LOOK_MS;
  if (wait <= SOON_MS) return Math.max(wait, LOOK_MS);
  return worker.hasCompany && spent < COMPANY_MS ? LOOK_MS : null;
}

async function nextDue(world: World, worker: Worker | undefined): Promise<number | null> {
  return earliest([await world.nextDueAt(), worker?.nextAlarm ?? null]);
}

async function report(
  world: World,
  worker: Worker | undefined,
  { turns, stepsExecuted }: Pick<Worker["counts"], "turns" | "stepsExecuted"> = { turns: 0, stepsExecuted: 0 },
): Promise<DriveReport> {
  const due = await nextDue(world, worker);
  const now = world.clock.now();
  const isMoreDue = worker?.isQuiet === false || (due !== null && due <= now);
  return { isMoreDue, nextDueAt: isMoreDue ? now : due, turns, steps: stepsExecuted };
}
