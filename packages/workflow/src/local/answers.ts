import type { DatabaseSync } from "node:sqlite";
import { ANSWER_MEMORY_MS } from "../world/world.ts";
import type { Operation } from "./operations.ts";
import type { TokenTables } from "./token-tables.ts";

/** The first answer to a request counts, for as long as answers are remembered. */
export function prepareAnswer(db: DatabaseSync, { forget }: TokenTables): Operation<"answer"> {
  const insert = db.prepare(`
    INSERT INTO answers (request_id, answer, at) VALUES (:requestId, :answer, :now)
    ON CONFLICT (request_id) DO UPDATE SET answer = excluded.answer, at = excluded.at WHERE at <= :forgotten`);
  return ({ requestId, answer, now }) => {
    forget(now);
    const { changes } = insert.run({ requestId, answer, now, forgotten: now - ANSWER_MEMORY_MS });
    return { value: Number(changes) > 0 };
  };
}
