import { FIRST_PLACE, type Part, type Place, type Removal, type Removed } from "./removal.ts";

const NOTHING: Removed = { runs: 0, keys: 0, held: 0, answers: 0, hooks: 0 };

export interface RemoveOld {
  readonly removal: Removal;
  /** The time by which it is old, and how long runs stay after their end; undefined: for ever. */
  readonly now: number;
  readonly retentionMs: number | undefined;
  /** Runs before it were looked at. Default: none. */
  readonly from?: Place;
  /** Between two transactions. `elsewhere`: another process is removing. Resolves with whether to go on. */
  pause(elsewhere: boolean): Promise<boolean>;
}

/** Removes all that is over, step by step. Resolves with how much that was, and where it has come to among the runs. */
export async function removeOld(given: RemoveOld): Promise<{ readonly removed: Removed; readonly place: Place }> {
  const { removal, now, retentionMs, from = FIRST_PLACE } = given;
  let removed = NOTHING;
  let place = from;

  /** Says whether to go on with what comes after it. */
  const all = async (step: () => Promise<Part | undefined>): Promise<boolean> => {
    for (;;) {
      const part = await step();
      if (part !== undefined) {
        removed = sum(removed, part.removed);
        place = part.place ?? place;
        if (!part.more) return true;
      }
      if (!(await given.pause(part === undefined))) return false;
    }
  };

  const steps = [
    () => removal.forget(now),
    ...(retentionMs === undefined ? [] : [() => removal.deleteRuns(now, now - retentionMs, place)]),
    () => removal.clearRemains(),
  ];
  for (const step of steps) if (!(await all(step))) break;
  return { removed, place };
}

function sum(one: Removed, other: Partial<Removed>): Removed {
  const keys = Object.keys(one) as (keyof Removed)[];
  return Object.fromEntries(keys.map((key) => [key, one[key] + (other[key] ?? 0)])) as unknown as Removed;
}
