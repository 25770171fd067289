/**
 * A migration: pieces of payloads, each stored once. `refs`: in how many rows the piece is named. Triggers count, so
 * that no way of a row, from table to table or out of the file, can forget it; the last row takes the piece along.
 * Contents have a table of their own, because SQLite writes a row anew as a whole when a number in it changes.
 * Part of a released migration: never to be edited.
 */
export const BLOBS: string = `
  CREATE TABLE blobs (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, refs INTEGER NOT NULL DEFAULT 0) STRICT;
  CREATE TABLE blob_contents (id INTEGER PRIMARY KEY, content BLOB NOT NULL) STRICT;
  ${counting("events", "payload")}
  ${counting("inbox", "payload")}
  ${counting("held", "payload")}
  ${counting("answers", "answer")}
  `;

function counting(table: string, column: string): string {
  const names = (row: string): string => `substr(${row}.${column}, 1, 4) = 'blob'`;
  const pieces = (row: string): string => `(SELECT value FROM json_each(substr(${row}.${column}, 5), '$.pieces'))`;
  const drop = `
      UPDATE blobs SET refs = refs - 1 WHERE name IN ${pieces("OLD")};
      DELETE FROM blob_contents WHERE id IN (SELECT id FROM blobs WHERE refs <= 0 AND name IN ${pieces("OLD")});
      DELETE FROM blobs WHERE refs <= 0 AND name IN ${pieces("OLD")};`;
  return `
    CREATE TRIGGER ${table}_needs_pieces AFTER INSERT ON ${table} WHEN ${names("NEW")} BEGIN
      UPDATE blobs SET refs = refs + 1 WHERE name IN ${pieces("NEW")};
    END;
    CREATE TRIGGER ${table}_drops_pieces AFTER DELETE ON ${table} WHEN ${names("OLD")} BEGIN${drop}
    END;
    CREATE TRIGGER ${table}_forgets_pieces AFTER UPDATE OF ${column} ON ${table} WHEN ${names("OLD")} BEGIN${drop}
    END;
    CREATE TRIGGER ${table}_keeps_pieces BEFORE UPDATE OF ${column} ON ${table} WHEN NEW.${column} IS NOT NULL BEGIN
      SELECT raise(ABORT, 'a stored payload is not changed: its pieces would be miscounted');
    END;`;
}

/** A migration: `prepareEventStore` counts new rows of `events`. The triggers for all ways out of it stay. */
export const EVENTS_COUNTED: string = "DROP TRIGGER events_needs_pieces;";
