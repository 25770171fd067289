import { type Lease, LeaseLostError, type World } from "workflow/world";
import type { Batches } from "./batches.ts";
import type { Core } from "./core.ts";
import type { HeldLeases } from "./held-leases.ts";
import type { KnownRuns } from "./known-runs.ts";
import { type Joined, notJoined, raise } from "./joined.ts";
import { requireStorableText } from "./storable.ts";
import type { Dead } from "./silence.ts";
import { isStorable } from "./texts.ts";

/** Which workers are alive, as this World sees it. */
export interface Liveness {
  /** Has others see that the worker's process lives, before its first lease. Resolves with what `workers.lock` says. */
  begin(row: number): Promise<number | null>;
  end(row: number): Promise<void>;
  /** A worker of this World has renewed. */
  beat(row: number, beats: number): void;
  /** Others that are dead. They are buried if they have not beaten since. */
  dead(): readonly Dead[];
}

export function createLeases(parts: {
  readonly core: Core;
  readonly batches: Batches;
  readonly runs: KnownRuns;
  readonly joined: Joined;
  readonly liveness: Liveness;
  readonly held: HeldLeases;
}): Pick<World, "join" | "renew" | "leave" | "lease" | "leaseRun" | "release"> {
  const { core, runs, joined, liveness, held } = parts;
  const { database, clock, sql } = core;
  const renewed = sql(
    "renew",
    "UPDATE {schema}.workers SET beats = beats + 1 WHERE id = $1 AND NOT gone RETURNING beats",
  );
  const left = sql("leave", "UPDATE {schema}.workers SET gone = true WHERE id = $1");
  const leaseRuns = sql("lease_runs", "SELECT {schema}.lease_runs($1, $2, $3, $4::jsonb) AS leases");
  const releaseUnknown = sql("release_unknown", "SELECT {schema}.release_unknown($1, $2::jsonb) AS released");
  const leaseOne = sql("lease_run", "SELECT {schema}.lease_run($1, $2, $3::jsonb) AS epoch");
  const dead = (): string => deadRows(liveness.dead());
  /** When the answer is lost, nobody knows what the worker has. */
  const sure = async <T>(worker: string, asked: Promise<T>): Promise<T> => {
    try {
      return await asked;
    } catch (error) {
      held.doubt(worker);
      throw error;
    }
  };
  const rowOf = (worker: string): number => joined.rowOf(worker) ?? raise(notJoined(worker).refusal);

  const renew = async (worker: string): Promise<void> => {
    const row = rowOf(worker);
    const [answer] = await database.query<{ readonly beats: number }>(renewed, [row]);
    if (answer === undefined) return raise(notJoined(worker).refusal);
    liveness.beat(row, answer.beats);
  };

  return {
    join: core.method(createJoin(parts, renew)),
    renew: core.method(renew),
    leave: core.method(async (worker) => {
      const row = joined.rowOf(worker);
      if (row === undefined) return;
      joined.delete(worker);
      held.clear(worker);
      await database.query(left, [row]);
      await liveness.end(row);
      core.hints.member(worker, false);
    }),
    lease: core.method(async (worker, want) => {
      const row = rowOf(worker);
      const known = held.inDoubt(worker);
      if (known !== undefined) {
        await sure(worker, database.query(releaseUnknown, [row, JSON.stringify(known)]));
      }
      const most = Math.max(Math.min(Math.floor(want), LARGEST_LEASE), 0);
      const values = [row, most, clock.now(), dead()];
      const asked = database.query<{ readonly leases: (readonly [string, number])[] | null }>(leaseRuns, values);
      const [answer] = await sure(worker, asked);
      const leases = answer?.leases ?? raise(notJoined(worker).refusal);
      for (const [runId] of leases) held.take(worker, runId);
      return leases.map(([runId, epoch]): Lease => ({ runId, worker, epoch }));
    }),
    leaseRun: core.method(async (worker, runId) => {
      const row = rowOf(worker);
      if (!isStorable(runId)) return null;
      const isOwn = held.has(worker, runId);
      held.take(worker, runId);
      const asked = database.query<{ readonly epoch: number | null }>(leaseOne, [row, runId, dead()]);
      const [answer] = await sure(worker, asked).finally(() => {
        if (!isOwn) held.drop(worker, runId);
      });
      const epoch = answer?.epoch ?? raise(notJoined(worker).refusal);
      if (epoch === 0) return null;
      held.take(worker, runId);
      return { runId, worker, epoch };
    }),
    release: core.method(async ({ runId, worker, epoch }, { dueAt, problem }) => {
      const row = joined.rowOf(worker);
      if (row === undefined) return;
      const said = problem === undefined ? null : JSON.stringify(problem);
      const body = { run: runId, worker: row, epoch, due: dueAt, problem: said, now: clock.now() };
      const [due] = await parts.batches.write({ kind: "releases", body });
      // Runs that nobody works on cost rows and no memory (invariant I10).
      runs.forget(runId);
      held.drop(worker, runId);
      if (due === true) core.hints.work(runId, null);
    }),
  };
}

/** Dead workers as the server takes them. */
export function deadRows(dead: readonly Dead[]): string {
  return JSON.stringify(dead.map(({ id, beats }) => [id, beats]));
}

/** More are not leased in one go, whatever is wanted. */
const LARGEST_LEASE = 10_000;

/** A worker that is a member already renews; one that others gave up gets another row. */
function createJoin(
  {
    core,
    joined,
    liveness,
    held,
  }: {
    readonly core: Core;
    readonly joined: Joined;
    readonly liveness: Liveness;
    readonly held: HeldLeases;
  },
  renew: (worker: string) => Promise<void>,
): World["join"] {
  const { database, sql } = core;
  const insert = sql("join", "INSERT INTO {schema}.workers (worker) VALUES ($1) RETURNING id, beats");
  const buryName = sql("bury_name", "UPDATE {schema}.workers SET gone = true WHERE worker = $1 AND NOT gone");
  const bury = sql("bury for", "SELECT {schema}.bury($1, $2::jsonb)");
  const setLock = sql("set_lock", "UPDATE {schema}.workers SET lock = $2 WHERE id = $1");

  const buryDead = async (self: number): Promise<void> => {
    const dead = liveness.dead();
    if (dead.length > 0) await database.query(bury, [self, deadRows(dead)]);
  };

  const join: World["join"] = async (worker) => {
    const known = joined.rowOf(worker);
    if (known !== undefined) {
      try {
        await renew(worker);
        return await buryDead(known);
      } catch (error) {
        if (!LeaseLostError.is(error)) throw error;
      }
    }
    const old = joined.rowOf(worker);
    if (old !== undefined) await liveness.end(old);
    held.clear(worker);
    await database.query(buryName, [worker]);
    const [row] = await database.query<{ readonly id: number; readonly beats: number }>(insert, [worker]);
    if (row === undefined) return;
    const lock = await liveness.begin(row.id);
    if (lock !== null) await database.query(setLock, [row.id, lock]);
    liveness.beat(row.id, row.beats);
    joined.set(worker, row.id);
    core.hints.member(worker, true);
    await buryDead(row.id);
  };

  /** Who joins while it joins waits, and has joined then. */
  const joining = new Map<string, Promise<void>>();
  return async (worker) => {
    requireStorableText(worker, "worker");
    const before = joining.get(worker) ?? Promise.resolve();
    const now = before.catch(() => {}).then(() => join(worker));
    joining.set(worker, now);
    try {
      await now;
    } finally {
      if (joining.get(worker) === now) joining.delete(worker);
    }
  };
}
