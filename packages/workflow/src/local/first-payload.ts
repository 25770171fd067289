import type { DatabaseSync } from "node:sqlite";
import type { Payload } from "../world/events.ts";
import type { HookReads } from "../world/world.ts";
import type { Core } from "./core.ts";
import { ofRunSql, RUN_KEY_SQL } from "./event-keys.ts";
import type { prepareRunReads } from "./run-reads.ts";
import { watch } from "./watch.ts";

/** Waits for what a system hook gets, whichever process gives it. */
export function createFirstPayload(
  core: Core,
  db: DatabaseSync,
  runs: Pick<ReturnType<typeof prepareRunReads>, "hasEnded">,
  poll: boolean,
): HookReads["firstPayload"] {
  const { clock, hints, closing, method } = core;
  const received = `correlation_id = :hookId AND type = 'hook_received' ORDER BY id LIMIT 1`;
  const inInbox = db.prepare(`SELECT payload FROM inbox WHERE run = ${RUN_KEY_SQL} AND ${received}`);
  const inHistory = db.prepare(`SELECT payload FROM events WHERE ${ofRunSql(RUN_KEY_SQL)} AND ${received}`);
  // The inbox first: what leaves it between the two looks is in the history then.
  const find = (hook: { readonly runId: string; readonly hookId: string }): Payload | null => {
    const row = inInbox.get(hook) ?? inHistory.get(hook);
    return (row?.["payload"] as Payload | null | undefined) ?? null;
  };

  return method(async ({ runId, hookId }, { timeoutMs, signal }) => {
    const hook = { runId, hookId };
    const isOver = (): boolean => runs.hasEnded(runId) || find(hook) !== null;
    const listen = (listener: () => void): (() => void) => {
      const stops = [hints.onPayload(hookId, listener), hints.onEnd(runId, listener)];
      return () => stops.forEach((stop) => stop());
    };
    const signals = signal === undefined ? [closing.signal] : [closing.signal, signal];
    // Listening begins before reading, so that nothing falls between the two.
    const watching = watch(clock, poll, { timeoutMs, signals, listen, isOver });
    try {
      if (!isOver()) await watching.over;
      return await method(find)(hook);
    } finally {
      watching.stop();
    }
  });
}
