/** How long a task takes, in milliseconds. */
export async function timed(task: () => Promise<unknown>): Promise<number> {
  const before = performance.now();
  await task();
  return performance.now() - before;
}

/** One sample after the other. */
export async function repeat(count: number, sample: () => Promise<number>): Promise<readonly number[]> {
  const samples: number[] = [];
  while (samples.length < count) samples.push(await sample());
  return samples;
}

/** Does a task `count` times, `width` of them at any time. */
export async function inFlight(width: number, count: number, task: (index: number) => Promise<unknown>): Promise<void> {
  let begun = 0;
  await Promise.all(
    Array.from({ length: width }, async () => {
      while (begun < count) await task(begun++);
    }),
  );
}
