import type { Clock } from "../world/clock.ts";
import { WorkflowWorldError } from "../world/errors.ts";
import type { Hint } from "../world/world.ts";
import { sqliteCode, worldFailure } from "./failures.ts";
import { createHints, type Hints } from "../world-parts/hints.ts";
import type { Peers } from "./peers.ts";
import type { Writer } from "./writer.ts";

/** What all methods of one local World share. */
export interface Core {
  readonly clock: Clock;
  readonly writer: Writer;
  readonly hints: Hints;
  readonly peers: Peers;
  /** Aborts when the World closes. */
  readonly closing: AbortController;
  /** Makes a method of a task: refused after `close`, with failures of SQLite explained. */
  method<A extends readonly unknown[], R>(task: (...args: A) => R): (...args: A) => Promise<Awaited<R>>;
}

export function createCore(parts: {
  readonly path: string;
  readonly clock: Clock;
  readonly writer: Writer;
  connect(onHint: (hint: Hint) => void): Peers;
}): Core {
  const closing = new AbortController();
  const hints: Hints = createHints(() => peers);
  const peers = parts.connect(hints.hear);
  return {
    clock: parts.clock,
    writer: parts.writer,
    hints,
    peers,
    closing,
    method:
      (task) =>
      async (...args): Promise<Awaited<ReturnType<typeof task>>> => {
        if (closing.signal.aborted) throw new WorkflowWorldError("WORLD_CLOSED", "The World is closed");
        try {
          return await task(...args);
        } catch (error) {
          throw sqliteCode(error) === undefined ? error : worldFailure(error, parts.path);
        }
      },
  };
}
