import type { RequestListener, ServerResponse } from "node:http";
import { DatabaseSync } from "node:sqlite";
import { text } from "node:stream/consumers";

interface Waiting {
  readonly body: string;
  readonly response: ServerResponse;
}

/**
 * What a webhook's endpoint does at the least: stores the body of each request as a row of an SQLite file (WAL,
 * `synchronous = FULL`) and answers 202 once it is durable. Requests that have come by then share one commit.
 */
export function bareHandler(path: string): RequestListener {
  const db = new DatabaseSync(path);
  db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE IF NOT EXISTS requests (body TEXT)");
  const insert = db.prepare("INSERT INTO requests VALUES (?)");
  let gathered: Waiting[] = [];

  const commit = (): void => {
    const group = gathered;
    gathered = [];
    db.exec("BEGIN IMMEDIATE");
    for (const { body } of group) insert.run(body);
    db.exec("COMMIT");
    for (const { response } of group) {
      response.statusCode = 202;
      response.end();
    }
  };

  return async (request, response) => {
    const body = await text(request);
    if (gathered.length === 0) setImmediate(commit);
    gathered.push({ body, response });
  };
}
