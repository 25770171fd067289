/** A signature is taken for five minutes before its time and as long after it. */
const MEMORY_MS = 600_000;

/** The messages that this process has taken, oldest first, and when. */
const taken = new Map<string, number>();

/**
 * Whether a signed message was taken by this process before; from now on it was.
 * @param key The same for the same message.
 * @param elapsed Milliseconds of a clock that nobody sets.
 */
export function isRepeat(key: string, elapsed: number): boolean {
  for (const [old, at] of taken) {
    if (elapsed - at <= MEMORY_MS) break;
    taken.delete(old);
  }
  if (taken.has(key)) return true;
  taken.set(key, elapsed);
  return false;
}
