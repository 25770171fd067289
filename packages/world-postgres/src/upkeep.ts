import type { Core } from "./core.ts";
import type { Liveness } from "./leases.ts";
import { createRemoval, FIRST_PLACE } from "./removal.ts";
import { removeOld } from "./remove-old.ts";

/** Removes what is over, from time to time. */
export interface Upkeep {
  start(): void;
  /** Nothing is sent from then on. */
  stop(): void;
}

/** How often what is over is looked for, in milliseconds. */
const EVERY_MS = 60_000;

/** Runs that were passed over because something is promised of them are looked at again after as long. */
const AGAIN_MS = 3_600_000;

/** After a transaction there is a pause as long as it took, so that upkeep takes half of one connection at most. */
const SHORTEST_PAUSE_MS = 10;

export function createUpkeep(core: Core, retentionMs: number | undefined): Upkeep {
  const { clock, database, sql } = core;
  const removal = createRemoval(database, sql);
  let cancel: (() => void) | undefined;
  let place = FIRST_PLACE;
  let firstAt = -Infinity;

  const look = async (stopped: () => boolean): Promise<void> => {
    if (clock.elapsed() - firstAt >= AGAIN_MS) {
      firstAt = clock.elapsed();
      place = FIRST_PLACE;
    }
    let lastAt = clock.elapsed();
    const pause = async (elsewhere: boolean): Promise<boolean> => {
      // The other process does it.
      if (elsewhere || stopped()) return false;
      const took = clock.elapsed() - lastAt;
      await new Promise<void>((resolve) => void clock.delay(Math.max(took, SHORTEST_PAUSE_MS), resolve));
      lastAt = clock.elapsed();
      return !stopped();
    };
    ({ place } = await removeOld({ removal, now: clock.now(), retentionMs, from: place, pause }));
  };

  return {
    start() {
      if (cancel !== undefined) return;
      let over = false;
      let cancelNext = (): void => {};
      cancel = () => {
        over = true;
        cancelNext();
      };
      const next = (): void => {
        if (over) return;
        cancelNext = clock.delay(EVERY_MS, () => {
          look(() => over)
            .catch((error: unknown) => {
              if (!over) process.emitWarning(`Removing what is over failed; it will be tried again: ${String(error)}`);
            })
            .finally(next);
        });
      };
      next();
    },
    stop() {
      cancel?.();
      cancel = undefined;
    },
  };
}

/** Upkeep is a matter of processes that have workers: others are there for short, or have better things to do. */
export function whileAnyWorks<L extends Liveness>(liveness: L, upkeep: Upkeep): Liveness {
  const rows = new Set<number>();
  return {
    ...liveness,
    begin(row) {
      rows.add(row);
      upkeep.start();
      return liveness.begin(row);
    },
    end(row) {
      rows.delete(row);
      if (rows.size === 0) upkeep.stop();
      return liveness.end(row);
    },
  };
}
