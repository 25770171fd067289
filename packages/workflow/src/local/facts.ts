import type { DatabaseSync } from "node:sqlite";
import type { Store } from "./blobs.ts";
import { type FlatEvent, UNREAD } from "../world-parts/flat.ts";

/** The next number in the order in which facts are accepted, whatever becomes of them. */
export function prepareNextFact(db: DatabaseSync): () => number {
  const next = db.prepare("UPDATE meta SET value = value + 1 WHERE key = 'last_fact' RETURNING value");
  return () => next.get()?.["value"] as number;
}

/** Puts a fact into the inbox of a run, which is due then (invariant I2). */
export function preparePost(
  db: DatabaseSync,
  store: Store,
): (
  to: { readonly run: number; readonly dueAt: number | null },
  fact: FlatEvent,
  correlationId: string | null,
) => void {
  const nextId = prepareNextFact(db);
  const insert = db.prepare("INSERT INTO inbox VALUES (?, ?, ?, ?, ?, ?, ?)");
  const wake = db.prepare(`UPDATE runs SET due_at = ${UNREAD} WHERE id = ?`);
  return (to, [type, , at, data, payload], correlationId) => {
    insert.run(to.run, nextId(), type, correlationId, at, data, store(payload));
    if (to.dueAt !== UNREAD) wake.run(to.run);
  };
}
