import type { DatabaseSync } from "node:sqlite";
import { prepareForget } from "./forget.ts";
import type { Operation } from "./operations.ts";

/** The first answer to a request counts. */
export function prepareAnswer(db: DatabaseSync): Operation<"answer"> {
  const insert = db.prepare("INSERT INTO answers VALUES (?, ?, ?) ON CONFLICT DO NOTHING");
  const forget = prepareForget(db);
  return ({ requestId, answer, now }) => {
    forget(now);
    return { value: Number(insert.run(requestId, answer, now).changes) > 0 };
  };
}
