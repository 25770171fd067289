/**
 * How many of a pool's connections those may have that wait for others with them: for locks that somebody's open
 * transaction has, or for the body of a step. Two such shares leave one for everything else.
 */
export function shareOf({ most }: { readonly most: number }): number {
  return Math.max(Math.floor(most / 3), 1);
}

/** Has so many tasks at once under way; the others wait for their turn. */
export function createPlaces(most: number): <T>(task: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let free = most;
  return async (task) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await task();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}
