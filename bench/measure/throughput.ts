import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Measurement } from "./measurement.ts";
import { runSequence } from "./sequence.ts";
import { inFlight, timed } from "./timing.ts";

const runMany = (count: number): Promise<number> => timed(() => inFlight(50, count, () => runSequence(3)));

/** Times between two firings of a timer of 1 ms, which are part of what it reports. */
const delays = monitorEventLoopDelay({ resolution: 1 });

export const throughput: Measurement = {
  warmUp: () => runMany(150),
  async round() {
    delays.reset();
    delays.enable();
    const milliseconds = await runMany(500);
    delays.disable();
    return {
      "throughput-500x3": { samples: [(500 * 3) / (milliseconds / 1000)] },
      "event-loop-delay": { samples: [delays.percentile(99) / 1e6] },
    };
  },
};
