import type { StoredEvent } from "workflow/world";
import { createStateCache, type EventRow, type InboxRow, type KnownState, stateOf } from "workflow/world-parts";

/** What this process knows of the runs that it works on, so that a turn is decided without asking the server first. */
export interface KnownRuns {
  /** The state after `length` events, and the facts of its inbox that were seen. */
  find(runId: string, length: number): { readonly state: KnownState; readonly inbox: readonly InboxRow[] } | undefined;
  begin(runId: string, created: StoredEvent<"run_created">): void;
  remember(runId: string, state: KnownState): void;
  /** What was read of a run just now: its events after a position, and the facts that wait. */
  noteRead(runId: string, after: number, events: readonly EventRow[], inbox: readonly InboxRow[]): void;
  took(runId: string, facts: readonly number[]): void;
  forget(runId: string): void;
}

export function createKnownRuns(): KnownRuns {
  const states = createStateCache<string>();
  const inboxes = new Map<string, readonly InboxRow[]>();
  const seen = (runId: string, inbox: readonly InboxRow[]): void => {
    if (inbox.length === 0) inboxes.delete(runId);
    else inboxes.set(runId, inbox);
  };
  return {
    find(runId, length) {
      const state = states.find(runId);
      if (state?.length !== length) return undefined;
      states.remember(runId, state);
      return { state, inbox: inboxes.get(runId) ?? [] };
    },
    begin: (runId, created) => states.begin(runId, runId, created),
    remember: states.remember,
    noteRead(runId, after, events, inbox) {
      if (after <= 0) states.remember(runId, stateOf(runId, events));
      seen(runId, inbox);
    },
    took(runId, facts) {
      const left = (inboxes.get(runId) ?? []).filter(({ id }) => !facts.includes(id));
      seen(runId, left);
    },
    forget(runId) {
      states.forget(runId);
      inboxes.delete(runId);
    },
  };
}
