import type { DatabaseSync } from "node:sqlite";
import { ANSWER_MEMORY_MS } from "../world/world.ts";
import type { Store } from "./blobs.ts";
import type { Operation } from "./operations.ts";
import type { TokenTables } from "./token-tables.ts";

/** The first answer to a request counts, for as long as answers are remembered. */
export function prepareAnswer(db: DatabaseSync, store: Store, { forget }: TokenTables): Operation<"answer"> {
  const find = db.prepare("SELECT 1 FROM answers WHERE request_id = ? AND at > ?");
  const remove = db.prepare("DELETE FROM answers WHERE request_id = ?");
  const insert = db.prepare("INSERT INTO answers (request_id, answer, at) VALUES (?, ?, ?)");
  return ({ requestId, answer, now }) => {
    forget(now);
    if (find.get(requestId, now - ANSWER_MEMORY_MS) !== undefined) return { value: false };
    remove.run(requestId);
    insert.run(requestId, store(answer), now);
    return { value: true };
  };
}
