import type { DatabaseSync } from "node:sqlite";
import { damaged } from "../payloads/content.ts";
import type { Keys } from "../payloads/keys.ts";
import { namesPieces, pack, unpack } from "../payloads/pack.ts";
import { RuntimeDecryptionError, sealedPayload } from "../world/decryption.ts";
import type { Open } from "../world-parts/stored.ts";
import { WorkflowWorldError } from "../world/errors.ts";
import type { Payload } from "../world/events.ts";

/** From a payload to what its row says. To be called only where the row is written then: who needs a piece is counted. */
export type Store = (payload: Payload | null) => string | null;

/** Stores each large piece of a payload once, whatever rows need it. */
export function prepareStore(db: DatabaseSync, keys: Keys): Store {
  const find = db.prepare("SELECT 1 FROM blobs WHERE name = ?");
  const insert = db.prepare("INSERT INTO blobs (name) VALUES (?)");
  const insertContent = db.prepare("INSERT INTO blob_contents VALUES (?, ?)");
  return (payload) => {
    if (payload === null) return null;
    const { text, pieces } = pack(payload, keys);
    for (const { name, encode } of pieces) {
      if (find.get(name) === undefined) insertContent.run(insert.run(name).lastInsertRowid, encode());
    }
    return text;
  };
}

/** A piece is not there, which is damage unless its row went meanwhile. */
class MissingPiece extends WorkflowWorldError {}

/** The same for rows of `events`, which are counted here. */
export interface EventStore {
  readonly store: Store;
  /** Counts a row that was copied from another table, where it must still be. */
  copied(event: number): void;
}

/** Events have no trigger for new rows: it costs each of them a microsecond, and few name a piece. */
export function prepareEventStore(db: DatabaseSync, store: Store): EventStore {
  const need = (text: string): string => `
    UPDATE blobs SET refs = refs + 1 WHERE name IN (SELECT value FROM json_each(substr(${text}, 5), '$.pieces'))`;
  const count = db.prepare(need("?"));
  const countCopy = db.prepare(need("(SELECT payload FROM events WHERE id = ? AND substr(payload, 1, 4) = 'blob')"));
  return {
    store(payload) {
      const text = store(payload);
      if (text !== null && namesPieces(text)) count.run(text);
      return text;
    },
    copied: (event) => void countCopy.run(event),
  };
}

export function prepareOpen(db: DatabaseSync, keys: Keys): Open {
  const find = db.prepare(`
    SELECT c.content FROM blobs b JOIN blob_contents c ON c.id = b.id WHERE b.name = ?`);
  const read = (name: string): Uint8Array => {
    const content = find.get(name)?.["content"] as Uint8Array | undefined;
    if (content === undefined) throw new MissingPiece("WORLD_FAILED", damaged(`its piece ${name} is missing`).message);
    return content;
  };
  return (stored) => {
    try {
      return unpack(stored, keys, read);
    } catch (error) {
      if (RuntimeDecryptionError.is(error)) return sealedPayload(withoutCode(error), error.context);
      throw error;
    }
  };
}

/** The error that is made of it again adds the code. */
function withoutCode({ message, code }: RuntimeDecryptionError): string {
  return message.slice(0, message.lastIndexOf(` (${code})`));
}

/** For reads without a snapshot: when a row went between reading it and reading its pieces, reading again tells. */
export function again<A extends readonly unknown[], R>(read: (...args: A) => R): (...args: A) => R {
  return (...args) => {
    try {
      return read(...args);
    } catch (error) {
      if (!(error instanceof MissingPiece)) throw error;
      return read(...args);
    }
  };
}
