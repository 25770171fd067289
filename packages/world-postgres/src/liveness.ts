import { type Clock, LEASE_TTL_MS } from "workflow/world";
import type { Core } from "./core.ts";
import type { DeathWatch } from "./death-watch.ts";
import { watchForDeath } from "./death-watch.ts";
import { deadRows, type Liveness } from "./leases.ts";
import type { Membership } from "./membership.ts";
import type { Dead } from "./silence.ts";

/** Others see the session locks and the beats of this World's workers, and this World looks after theirs. */
export interface WatchedLiveness extends Liveness {
  readonly watch: DeathWatch;
  /** By another way than the connection that was lost: nobody may take this process for dead while it is made again. */
  beatAll(): void;
}

export function createWatchedLiveness(core: Core, membership: Membership): WatchedLiveness {
  const { database, sql, clock, hints } = core;
  const own = new Set<number>();
  const beat = sql(
    "beat all",
    "UPDATE {schema}.workers SET beats = beats + 1 WHERE id = ANY($1::bigint[]) AND NOT gone",
  );
  const bury = sql("bury", "SELECT {schema}.bury(0, $1::jsonb)");
  const watch = watchForDeath({
    database,
    sql,
    clock,
    own: () => [...own],
    async onDead(dead) {
      await database.query(bury, [deadRows(dead)]);
      hints.look();
    },
  });
  return {
    watch,
    beatAll() {
      // Where the server is away, others cannot look either.
      if (own.size > 0) database.query(beat, [[...own]]).catch(() => undefined);
    },
    async begin(row) {
      own.add(row);
      await membership.add(row);
      watch.start();
      return membership.lockOf(row);
    },
    async end(row) {
      own.delete(row);
      await membership.remove(row);
    },
    beat: () => {},
    dead: () => [],
  };
}

/** Where time is a test's, all workers are of this World, and each is as alive as its last beat is young. */
export function createCountedLiveness(clock: Clock): Liveness {
  const seen = new Map<number, { readonly beats: number; readonly since: number }>();
  return {
    begin: async () => null,
    end: async (row) => void seen.delete(row),
    beat: (row, beats) => void seen.set(row, { beats, since: clock.elapsed() }),
    dead(): readonly Dead[] {
      const silent = [...seen].filter(([, { since }]) => clock.elapsed() - since >= LEASE_TTL_MS);
      return silent.map(([id, { beats }]) => ({ id, beats }));
    },
  };
}
