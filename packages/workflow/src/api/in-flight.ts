import type { World } from "../world/world.ts";

/**
 * How many calls a process has under way in a World at once. Enough to fill the largest group that is made durable
 * together; what is beyond it waits here, before it costs the memory of a live run or a place in the writer's queue.
 */
const MOST_IN_FLIGHT = 1_000;

interface Line {
  inFlight: number;
  /** Callers in the order of their calls; those before `head` have had their turn. */
  waiting: (() => void)[];
  head: number;
}

const lines = new WeakMap<World, Line>();

/** Calls `task` when its turn has come: callers are slowed down when the World falls behind, and never refused. */
export async function inFlight<T>(world: World, task: () => Promise<T>): Promise<T> {
  const line = lines.get(world) ?? { inFlight: 0, waiting: [], head: 0 };
  lines.set(world, line);
  if (line.inFlight >= MOST_IN_FLIGHT) await new Promise<void>((resolve) => line.waiting.push(resolve));
  else line.inFlight += 1;
  try {
    return await task();
  } finally {
    const next = nextOf(line);
    if (next === undefined) line.inFlight -= 1;
    else next();
  }
}

function nextOf(line: Line): (() => void) | undefined {
  const next = line.waiting[line.head];
  if (next === undefined) return undefined;
  line.head += 1;
  if (line.head >= MOST_IN_FLIGHT) {
    line.waiting = line.waiting.slice(line.head);
    line.head = 0;
  }
  return next;
}
