import type { DatabaseSync } from "node:sqlite";
import { KEY_MEMORY_MS } from "../world/world.ts";
import type { FlatHook } from "../world-parts/flat.ts";
import { takingSql } from "./tokens.ts";

/** The idempotency keys of payloads that were accepted, and the hooks that the payloads went to (invariant I5). */
export interface Keys {
  find(token: string, key: string, now: number): { readonly runId: string; readonly hook: FlatHook } | undefined;
  /** Of a key that is known already, says anew where its payload went. */
  remember(token: string, key: string, to: { run: number; hookId: string; event: number }, acceptedAt: number): void;
}

interface Row {
  readonly run_id: string;
  readonly hook_id: string;
  readonly type: string;
  readonly created_at: number;
  readonly at: number;
  readonly data: string;
  readonly metadata: string | null;
}

export function prepareKeys(db: DatabaseSync): Keys {
  const find = db.prepare(`
    SELECT r.run_id, r.created_at, k.hook_id, e.type, e.at, e.data, e.payload AS metadata
    FROM keys k JOIN runs r ON r.id = k.run JOIN events e ON e.id = k.event
    WHERE k.token = :token AND k.key = :key AND (k.accepted_at > :since OR EXISTS (
      SELECT 1 FROM hooks h INDEXED BY hooks_by_id WHERE h.hook_id = k.hook_id AND h.run = k.run AND ${takingSql(":now")}))`);
  const insert = db.prepare("INSERT OR REPLACE INTO keys VALUES (?, ?, ?, ?, ?, ?, ?)");

  return {
    find(token, key, now) {
      const row = find.get({ token, key, now, since: now - KEY_MEMORY_MS }) as Row | undefined;
      if (row === undefined) return undefined;
      // A run that owned the token and has not created the hook says nothing about it.
      if (row.type !== "hook_created")
        return { runId: row.run_id, hook: [row.hook_id, false, row.created_at, null, null] };
      const { isWebhook } = JSON.parse(row.data) as { isWebhook: boolean };
      return { runId: row.run_id, hook: [row.hook_id, isWebhook, row.at, row.metadata, row.data] };
    },
    remember: (token, key, to, acceptedAt) =>
      void insert.run(token, key, to.run, to.hookId, to.event, acceptedAt, acceptedAt),
  };
}
