import type { DatabaseSync } from "node:sqlite";
import type { Store } from "./blobs.ts";
import { prepareNextFact } from "./facts.ts";
import { prepareForget } from "./forget.ts";
import { type Held, prepareHeld } from "./held.ts";
import { type Keys, prepareKeys } from "./keys.ts";
import { type Holder } from "../world-parts/tokens.ts";
import { prepareHolders } from "./tokens.ts";

/** What is known about tokens, and what is kept for them; prepared once for a connection. */
export interface TokenTables {
  holderOf(token: string, now: number): Holder | undefined;
  readonly keys: Keys;
  readonly held: Held;
  newFactId(): number;
  /** To be called with writes that add what is kept for a time. */
  forget(now: number): void;
}

export function prepareTokenTables(db: DatabaseSync, store: Store): TokenTables {
  const newFactId = prepareNextFact(db);
  return {
    holderOf: prepareHolders(db),
    keys: prepareKeys(db),
    held: prepareHeld(db, store, newFactId),
    newFactId,
    forget: prepareForget(db),
  };
}
