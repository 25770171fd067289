import type { DatabaseSync } from "node:sqlite";
import type { Open } from "../world-parts/stored.ts";
import type { Store } from "./blobs.ts";
import { preparePost } from "./facts.ts";
import type { FlatDelivery, FlatEvent, FlatHook } from "../world-parts/flat.ts";
import type { TokenTables } from "./token-tables.ts";
import { STATE } from "../world-parts/tokens.ts";

/** A payload for whoever has a token. */
export interface Resume {
  readonly token: string;
  readonly fact: FlatEvent;
  readonly key: string | null;
  readonly holdUntil: number | null;
  readonly now: number;
}

/** Gives a payload to the hook that has the token, once for each key, or says why nobody gets it (invariants I5, I6). */
export function prepareResume(
  db: DatabaseSync,
  { store, open, tables }: { readonly store: Store; readonly open: Open; readonly tables: TokenTables },
): (resume: Resume) => FlatDelivery {
  const { holderOf, keys, held, forget } = tables;
  const post = preparePost(db, store);
  const opened = ([hookId, isWebhook, createdAt, metadata, settings]: FlatHook): FlatHook => [
    hookId,
    isWebhook,
    createdAt,
    metadata === null ? null : open(metadata),
    settings,
  ];

  const hold = ({ token, key, holdUntil, now }: Resume, fact: FlatEvent): FlatDelivery => {
    const before = key === null ? undefined : held.untilOf(token, key, now);
    if (before !== undefined) return { status: "held", until: before, repeated: true };
    if (holdUntil === null || holdUntil <= now) return { status: "nobody" };
    forget(now);
    return held.hold(token, fact, key, holdUntil, now)
      ? { status: "held", until: holdUntil, repeated: false }
      : { status: "full" };
  };

  return (resume) => {
    const { token, key, now } = resume;
    const before = key === null ? undefined : keys.find(token, key, now);
    if (before !== undefined) return { status: "duplicate", runId: before.runId, hook: opened(before.hook) };
    const fact = key === null ? resume.fact : withKey(resume.fact, key);
    const holder = holderOf(token, now);
    if (holder === undefined) return hold(resume, fact);
    if (holder.state === STATE.retained) return { status: "nobody" };
    if (holder.state === STATE.owned) held.await(token, holder.run, fact, key, now);
    else post(holder, fact, holder.hookId);
    if (key !== null) {
      forget(now);
      keys.remember(token, key, holder, now);
    }
    return { status: "delivered", runId: holder.runId, owner: holder.owner, hook: opened(holder.hook) };
  };
}

export function withKey([type, correlationId, at, data, payload]: FlatEvent, idempotencyKey: string): FlatEvent {
  return [type, correlationId, at, JSON.stringify({ ...JSON.parse(data ?? "{}"), idempotencyKey }), payload];
}
