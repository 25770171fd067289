import type { DatabaseSync } from "node:sqlite";
import { ANSWER_MEMORY_MS } from "../world/world.ts";
import { prepareForget } from "./forget.ts";
import type { Operation } from "./operations.ts";

/** The first answer to a request counts, for as long as answers are remembered. */
export function prepareAnswer(db: DatabaseSync): Operation<"answer"> {
  const insert = db.prepare(`
    INSERT INTO answers (request_id, answer, at) VALUES (:requestId, :answer, :now)
    ON CONFLICT (request_id) DO UPDATE SET answer = excluded.answer, at = excluded.at WHERE at <= :forgotten`);
  const forget = prepareForget(db);
  return ({ requestId, answer, now }) => {
    forget(now);
    const { changes } = insert.run({ requestId, answer, now, forgotten: now - ANSWER_MEMORY_MS });
    return { value: Number(changes) > 0 };
  };
}
