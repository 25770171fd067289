/** The first of some times; null, which is never, when all are. */
export function earliest(times: readonly (number | null)[]): number | null {
  return times.reduce((first, time) => (first === null ? time : time === null ? first : Math.min(first, time)), null);
}
