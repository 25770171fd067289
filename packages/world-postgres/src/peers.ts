import { randomBytes } from "node:crypto";
import type { Peers, SharedHint } from "workflow/world-parts";
import { channelOf, HELLO } from "./channel.ts";
import type { Database } from "./database/database.ts";
import type { Sql } from "./database/sql.ts";

/** The other Worlds on the same schema. Hints only: one that is lost costs a sweep. */
export interface DatabasePeers extends Peers {
  /** A notification, of this World or of another. */
  hear(payload: string): void;
  /** How many Worlds listen, this one included, as far as known; null when it is not. Nobody is told where nobody else does. */
  listeners(count: number | null): void;
}

/** Nobody is told: where time is a test's, nothing may depend on how fast messages are. */
export const NO_PEERS: DatabasePeers = {
  announce: () => {},
  tell: () => {},
  hear: () => {},
  listeners: () => {},
};

/** A notification takes less than 8,000 bytes. */
const LARGEST_BYTES = 7_900;

/** While nobody answers, hints gather; nobody would need so many. */
const MOST_GATHERED = 10_000;

/** `[who says it, [hint, the worker that it is for], ...]`. */
type Message = readonly [from: string, ...hints: (readonly [SharedHint, string | null])[]];

export interface PeersParts {
  readonly database: Database;
  readonly sql: Sql;
  readonly schema: string;
  readonly onHint: (hint: SharedHint) => void;
}

/**
 * A notification takes a lock of the whole server while it is committed. So hints gather while the one before is under
 * way, and go together.
 */
export function createPeers({ database, sql, schema, onHint }: PeersParts): DatabasePeers {
  const self = randomBytes(6).toString("base64url");
  const channel = channelOf(schema);
  // A transaction that notifies is one that writes, but a hint need not wait for the disk.
  const notify = sql(
    "notify",
    "SELECT set_config('synchronous_commit', 'off', true), pg_notify($1, said) FROM unnest($2::text[]) AS said",
  );
  const own = new Set<string>();
  const gathered = new Set<string>();
  let alone = false;
  let sending = false;

  const send = async (): Promise<void> => {
    while (gathered.size > 0) {
      const messages = messagesOf(self, gathered);
      gathered.clear();
      try {
        await database.query(notify, [channel, messages]);
      } catch {
        // Whoever should have heard sweeps.
      }
    }
    sending = false;
  };

  return {
    announce(worker, present) {
      if (present) own.add(worker);
      else own.delete(worker);
    },
    tell(hint, worker) {
      if (alone || gathered.size >= MOST_GATHERED) return;
      gathered.add(JSON.stringify([hint, worker]));
      if (sending) return;
      sending = true;
      setImmediate(() => void send());
    },
    hear(payload) {
      if (payload === HELLO) {
        alone = false;
        return;
      }
      const [from, ...hints] = parsed(payload);
      if (from === self) return;
      for (const [hint, worker] of hints) if (worker === null || own.has(worker)) onHint(hint);
    },
    listeners(count) {
      alone = count !== null && count <= 1;
    },
  };
}

/** As few messages as the hints fit into. One that fits into none is lost. */
function messagesOf(self: string, hints: Iterable<string>): readonly string[] {
  const messages: string[] = [];
  const head = `[${JSON.stringify(self)}`;
  let message = head;
  for (const hint of hints) {
    const size = Buffer.byteLength(hint);
    if (Buffer.byteLength(message) + size + 2 > LARGEST_BYTES) {
      if (message !== head) messages.push(`${message}]`);
      message = head;
    }
    if (head.length + size + 2 <= LARGEST_BYTES) message += `,${hint}`;
  }
  if (message !== head) messages.push(`${message}]`);
  return messages;
}

/** Anybody who may connect to the database may notify: what is no message of ours means nothing. */
function parsed(payload: string): Message {
  try {
    const message: unknown = JSON.parse(payload);
    if (Array.isArray(message) && message.slice(1).every((entry) => Array.isArray(entry) && isHint(entry[0]))) {
      return message as unknown as Message;
    }
  } catch {
    // As below.
  }
  return [""];
}

const KINDS: ReadonlySet<unknown> = new Set<SharedHint["kind"]>([
  "work",
  "ended",
  "answered",
  "streamed",
  "received",
  "offered",
]);

function isHint(value: unknown): boolean {
  return typeof value === "object" && value !== null && "kind" in value && KINDS.has(value.kind);
}
