import type { EventData, StoredEvent } from "../world/events.ts";
import type { Fact, Lease, Turn, World } from "../world/world.ts";
import type { EndedRun } from "./run-end.ts";

/** What ends a run that is to be cancelled, without its code. */
export interface Cancelling {
  readonly turn: Turn;
  readonly ended: { readonly status: "cancelled"; readonly cancelReason: string | undefined };
}

/**
 * How to cancel a run whose code cannot go on; undefined when nobody has asked for that. `mayPass`: what keeps the code
 * from going on may pass, so one that cleans up keeps the time that it has for it.
 */
export function cancelTurn(
  { history, inbox }: { readonly history: readonly StoredEvent[]; readonly inbox: readonly Fact[] },
  { now, mayPass }: { readonly now: number; readonly mayPass: boolean },
): Cancelling | undefined {
  const requested = history.find((event) => event.type === "cancel_requested");
  if (requested !== undefined) {
    const { deadline, cancelReason } = requested.data as EventData["cancel_requested"];
    if (mayPass && deadline > now) return undefined;
    const data = cancelReason === undefined ? {} : { cancelReason };
    return cancelling(history, { kind: "event", event: { type: "run_cancelled", data, at: now } }, cancelReason);
  }
  const fact = inbox.find(({ event }) => event.type === "run_cancelled");
  if (fact === undefined) return undefined;
  const { cancelReason } = fact.event.data as EventData["run_cancelled"];
  return cancelling(history, { kind: "admit", factId: fact.id, undelivered: false }, cancelReason);
}

function cancelling(
  history: readonly StoredEvent[],
  entry: Turn["entries"][number],
  cancelReason: string | undefined,
): Cancelling {
  return {
    turn: { after: history.length, entries: [entry], drops: [], dueAt: null },
    ended: { status: "cancelled", cancelReason },
  };
}

/** A run that cannot go on cannot clean up either: cancels it if that is asked for. Whatever goes wrong, it is not cancelled. */
export async function cancelStuck(world: World, lease: Lease): Promise<EndedRun | undefined> {
  try {
    const found = cancelTurn(await world.read(lease.runId, 0), { now: world.clock.now(), mayPass: false });
    if (found === undefined) return undefined;
    await world.commit(lease, found.turn);
    return { runId: lease.runId, ...found.ended };
  } catch {
    return undefined;
  }
}
