import { type Clock, LEASE_TTL_MS } from "workflow/world";
import type { Database } from "./database/database.ts";
import type { Sql } from "./database/sql.ts";
import { createSilence, type Dead, type Sight, type Silence } from "./silence.ts";

/** Looks after the workers of other processes. */
export interface DeathWatch {
  /** Looks from now on, as long as `own` says that this World has workers. Nothing happens when it looks already. */
  start(): void;
  /** This World was cut off from the server, as others may have been. */
  cutOff(): void;
  stop(): void;
}

export interface DeathWatchParts {
  readonly database: Database;
  readonly sql: Sql;
  readonly clock: Clock;
  /** The ids of the rows of this World's workers. */
  readonly own: () => readonly number[];
  /** These are dead, unless they have beaten since. Called again as long as they are found. */
  readonly onDead: (dead: readonly Dead[]) => Promise<void>;
}

/** A few looks tell that a worker is dead: what a killed process had is taken over well within a second. */
const PERIOD_MS = 150;

/** Where there are no others, it is looked for whether there are, in milliseconds. */
const ALONE_MS = 1_000;

/** The more workers there are to look at, and to look at them, the less often each does, in milliseconds for each. */
const PERIOD_PER_WORKER_MS = 10;

/** Four looks. Whoever is cut off connects again at once, which takes a handful of round trips, and longer where all are busy. */
const LOCK_MS = 440;

/** Where everybody was cut off, they come back within a second, and a bit. */
const RETURN_MS = 3_000;

/** A look that took longer says nothing about others: they may have been kept waiting as well. */
const LONG_LOOK_MS = 1_000;

/** How long others have been silent, with the limits of this World. */
function silenceOfWorkers(): Silence {
  return createSilence({ ttlMs: LEASE_TTL_MS, lockMs: LOCK_MS, returnMs: RETURN_MS });
}

/**
 * Other workers, and whether their locks are free. The lock is tried in the mode that others may have as well, so that
 * those who look do not see each other, and given back as the statement ends. Soon after the server has started nothing
 * is said about locks.
 */
const LOOK = `
  SELECT id, beats, CASE WHEN lock IS NOT NULL AND clock_timestamp() > pg_postmaster_start_time() + interval '3 s'
    THEN pg_try_advisory_xact_lock_shared(lock) END AS "lockFree"
  FROM {schema}.workers WHERE NOT gone AND id <> ALL($1::bigint[])`;

function pauseAfter(others: number): number {
  return others === 0 ? ALONE_MS : Math.max(PERIOD_MS, others * PERIOD_PER_WORKER_MS);
}

export function watchForDeath({ database, sql, clock, own, onDead }: DeathWatchParts): DeathWatch {
  const look = sql("look at workers", LOOK);
  const silence = silenceOfWorkers();
  let cancel: (() => void) | undefined;
  let stopped = false;

  const lookOnce = async (): Promise<number> => {
    const begun = clock.elapsed();
    try {
      const rows = await database.query<Sight>(look, [own()]);
      const elapsed = clock.elapsed();
      if (elapsed - begun > LONG_LOOK_MS) silence.reset(elapsed);
      silence.observe(rows, elapsed);
      const dead = silence.dead(elapsed);
      if (dead.length > 0) await onDead(dead);
      return rows.length;
    } catch {
      // Nothing is known of others as long as the server does not answer.
      silence.reset(clock.elapsed());
      return 1;
    }
  };

  const round = async (): Promise<void> => {
    if (own().length === 0) {
      cancel = undefined;
      return;
    }
    const others = await lookOnce();
    if (!stopped) cancel = clock.delay(pauseAfter(others), () => void round());
  };

  return {
    start() {
      if (cancel !== undefined || stopped) return;
      cancel = (): void => {};
      void round();
    },
    cutOff: () => silence.reset(clock.elapsed()),
    stop() {
      stopped = true;
      cancel?.();
    },
  };
}
