import type { DatabaseSync } from "node:sqlite";
import type { Payload } from "../world/events.ts";
import type { HookReads } from "../world/reads.ts";
import type { Open } from "../world-parts/stored.ts";
import type { Core } from "./core.ts";
import { eventKey } from "./event-keys.ts";
import type { prepareRunReads } from "./run-reads.ts";
import { watch } from "../world-parts/watch.ts";

type Row = Readonly<Record<string, unknown>>;

interface SystemHook {
  readonly runId: string;
  readonly hookId: string;
}

/** Waits for what a system hook gets, whichever process gives it. */
export function createFirstPayload(
  core: Core,
  db: DatabaseSync,
  open: Open,
  runs: Pick<ReturnType<typeof prepareRunReads>, "hasEnded">,
  poll: boolean,
): HookReads["firstPayload"] {
  const { clock, hints, closing, method } = core;
  const find = prepareFind(db, open);

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

/** Of so many hooks it is remembered up to where their histories have nothing for them. */
const MOST_REMEMBERED = 10_000;

/** Steps that have the same signal ask again and again: each event of a history is looked at once for each hook. */
function prepareFind(db: DatabaseSync, open: Open): (hook: SystemHook) => Payload | null {
  const findRun = db.prepare("SELECT id, length, generation FROM runs WHERE run_id = ?");
  const received = "correlation_id = :hookId AND type = 'hook_received' ORDER BY id LIMIT 1";
  const inInbox = db.prepare(`SELECT payload FROM inbox WHERE run = :run AND ${received}`);
  const inHistory = db.prepare(`SELECT payload FROM events WHERE id > :from AND id <= :to AND ${received}`);
  const empty = new Map<string, number>();

  const inHistoryOf = (run: number, runId: string, hookId: string): Row | undefined => {
    const { length, generation } = findRun.get(runId) as { readonly length: number; readonly generation: number };
    const key = `${runId} ${generation} ${hookId}`;
    const to = eventKey(run, length);
    const found = inHistory.get({ hookId, from: empty.get(key) ?? eventKey(run, 0), to });
    empty.delete(key);
    if (found === undefined) empty.set(key, to);
    if (empty.size > MOST_REMEMBERED) empty.delete(empty.keys().next().value ?? "");
    return found;
  };

  return ({ runId, hookId }) => {
    const { id: run } = findRun.get(runId) as { readonly id: number };
    // The inbox is looked at first: what leaves it before the second look is in the history then.
    const waiting = inInbox.get({ run, hookId });
    const row = inHistoryOf(run, runId, hookId) ?? waiting;
    const stored = (row?.["payload"] as string | null | undefined) ?? null;
    return stored === null ? null : open(stored);
  };
}
