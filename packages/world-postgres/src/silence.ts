/** What a look at another worker's row shows. */
export interface Sight {
  readonly id: number;
  /** Grows with every sign of life. */
  readonly beats: number;
  /** Whether nobody holds its session lock; null where that says nothing. */
  readonly lockFree: boolean | null;
}

/** A worker that is not alive, as long as its beats are still these. */
export interface Dead {
  readonly id: number;
  readonly beats: number;
}

/** How long other workers have been silent, as one observer measures it by its own clock: no clock of theirs is believed. */
export interface Silence {
  /** What a look showed, by `Clock.elapsed`. Workers that are not among it are forgotten. */
  observe(rows: readonly Sight[], elapsed: number): void;
  /** A sign of life that came another way than by a look. */
  noteBeat(id: number, elapsed: number): void;
  /** Those who have been silent for the whole time, or whose locks are free. */
  dead(elapsed: number): readonly Dead[];
  /**
   * The observer could not look, or was cut off itself, as others may have been: what it knows means nothing any more, and
   * a free lock means nothing until those who were cut off have had the time to come back.
   */
  reset(elapsed: number): void;
}

export interface SilenceLimits {
  /** How long a worker may show no sign of life, in milliseconds. */
  readonly ttlMs: number;
  /** How long its lock may be free, from one look to another: whoever was cut off takes it again within that time. */
  readonly lockMs: number;
  /** The same after the observer was cut off itself. */
  readonly returnMs: number;
}

interface Known {
  /** Undefined when a sign of life has come and its number is not known. */
  beats: number | undefined;
  since: number;
  freeSince: number | undefined;
  freeUntil: number;
}

export function createSilence({ ttlMs, lockMs, returnMs }: SilenceLimits): Silence {
  const known = new Map<number, Known>();
  let locksFrom = -Infinity;

  const see = (id: number, elapsed: number): Known => {
    const entry = { beats: undefined, since: elapsed, freeSince: undefined, freeUntil: elapsed };
    known.set(id, entry);
    return entry;
  };

  return {
    observe(rows, elapsed) {
      const seen = new Set(rows.map(({ id }) => id));
      for (const id of known.keys()) if (!seen.has(id)) known.delete(id);
      for (const { id, beats, lockFree } of rows) {
        const entry = known.get(id) ?? see(id, elapsed);
        const beaten = entry.beats !== undefined && entry.beats !== beats;
        entry.beats = beats;
        if (beaten) entry.since = elapsed;
        if (beaten || lockFree !== true || elapsed < locksFrom) entry.freeSince = undefined;
        if (lockFree === true && elapsed >= locksFrom) {
          entry.freeSince ??= elapsed;
          entry.freeUntil = elapsed;
        }
      }
    },
    noteBeat: (id, elapsed) => void see(id, elapsed),
    dead: (elapsed) =>
      [...known].flatMap(([id, { beats, since, freeSince, freeUntil }]) => {
        const free = freeSince !== undefined && freeUntil - freeSince >= lockMs;
        return beats !== undefined && (free || elapsed - since >= ttlMs) ? [{ id, beats }] : [];
      }),
    reset(elapsed) {
      known.clear();
      locksFrom = elapsed + returnMs;
    },
  };
}
