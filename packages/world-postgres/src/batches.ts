import { WorkflowWorldError } from "workflow/world";
import type { Core } from "./core.ts";
import type { Queries, Statement } from "./database/database.ts";
import { createPlaces, shareOf } from "./places.ts";

/**
 * What can be written in one batch, in the order in which the server applies it. `plain`: turns that change nothing but
 * their runs and histories, and rely on nothing else; `ends`: such turns that end their runs.
 */
export type Kind = "creates" | "plain" | "ends" | "turns" | "facts" | "releases";

/** Rows that belong to a turn, by the table that they are for. */
export type Rows = Readonly<Record<string, readonly object[]>>;

/** One thing to write. */
export interface Write {
  readonly kind: Kind;
  readonly body: {
    /** A batch has one write of a kind for each run; the next must see what came of the one before. */
    readonly run: string | null;
    /** Creations and facts that have the same one are applied in the order in which they were asked for. */
    readonly order?: string | null;
    readonly [field: string]: unknown;
  };
  readonly rows?: Rows;
}

/** Somebody else's transaction holds what the write needs; nothing was written. */
export const BUSY = "busy";

/**
 * Writes of one process. Whatever has gathered while one batch is under way goes as the next: one round trip and one
 * commit for all of it. Turns that meet somebody else's lock are answered as busy, since what they rely on will be
 * different; everything else waits, and in its order.
 */
export interface Batches {
  write(write: Write): Promise<readonly unknown[]>;
  /** Waits for whoever holds what it needs, on a connection of its own or the given one. */
  writeAlone(write: Write, connection?: Queries): Promise<readonly unknown[]>;
  /** The same for several, of one run, in one transaction. */
  writeTogether(writes: readonly Write[]): Promise<readonly (readonly unknown[])[]>;
}

/**
 * A batch has at most so many writes, and characters, or one write: their locks and rows have to fit a transaction that
 * stays short, and its text the memory.
 */
const MOST_WRITES = 256;
const MOST_CHARACTERS = 4_000_000;

interface Waiting {
  readonly write: Write;
  readonly resolve: (answer: readonly unknown[]) => void;
  readonly reject: (error: unknown) => void;
}

export function createBatches({ database, clock, sql }: Pick<Core, "database" | "clock" | "sql">): Batches {
  const apply = sql("apply", "SELECT {schema}.apply($1::jsonb, $2) AS answers");
  const enterAlone = createPlaces(shareOf(database));
  const queue: Waiting[] = [];
  /** By their order: writes behind one that waits alone. */
  const behind = new Map<string, Waiting[]>();
  let sending = false;

  const send = async (writes: readonly Write[], patient: boolean, to: Queries): Promise<readonly unknown[][]> =>
    await applyTo(to, apply, writes, patient, clock.now());

  const writeAlone: Batches["writeAlone"] = async (write, connection) => {
    const [answer = []] = await (connection === undefined
      ? enterAlone(() => send([write], true, database))
      : send([write], true, connection));
    return answer;
  };

  const flush = (): void => {
    if (sending) return;
    sending = true;
    // What is asked for in the same breath goes along.
    queueMicrotask(() => void sendQueue());
  };

  const stepBehind = (waiting: Waiting): boolean => {
    const others = behind.get(waiting.write.body.order ?? "");
    others?.push(waiting);
    return others !== undefined;
  };

  const waitAlone = (waiting: Waiting): void => {
    const { order = null } = waiting.write.body;
    if (order !== null) behind.set(order, []);
    void writeAlone(waiting.write)
      .then(waiting.resolve, waiting.reject)
      .finally(() => {
        if (order === null) return;
        queue.unshift(...(behind.get(order) ?? []));
        behind.delete(order);
        flush();
      });
  };

  const sendAll = async (batch: readonly Waiting[]): Promise<void> => {
    const writes = batch.map(({ write }) => write);
    try {
      const answers = await send(writes, false, database);
      for (const [index, waiting] of batch.entries()) {
        const answer = answers[index] ?? [];
        if (!isToWait(waiting.write, answer)) waiting.resolve(answer);
        else if (!stepBehind(waiting)) waitAlone(waiting);
      }
    } catch (error) {
      // One that the server refuses takes the others along: each gets a transaction of its own.
      if (batch.length > 1 && wasRefused(error)) {
        for (const one of batch) if (!stepBehind(one)) await sendAll([one]);
      } else for (const { reject } of batch) reject(error);
    }
  };

  const sendQueue = async (): Promise<void> => {
    while (queue.length > 0) {
      const batch = takeBatch(queue).filter((waiting) => !stepBehind(waiting));
      if (batch.length > 0) await sendAll(batch);
    }
    sending = false;
  };

  return {
    write(write) {
      const { promise, resolve, reject } = Promise.withResolvers<readonly unknown[]>();
      queue.push({ write, resolve, reject });
      flush();
      return promise;
    },
    writeTogether: (writes) => enterAlone(() => send(writes, true, database)),
    writeAlone,
  };
}

/** Turns are decided anew instead. */
function isToWait({ kind }: Write, [answer]: readonly unknown[]): boolean {
  if (kind === "releases") return answer === BUSY;
  return (kind === "creates" || kind === "facts") && (answer as { readonly status: string }).status === BUSY;
}

/** Takes the next batch from the queue, in its order. */
function takeBatch(queue: Waiting[]): readonly Waiting[] {
  const batch: Waiting[] = [];
  const later: Waiting[] = [];
  const runs = new Set<string>();
  /** The server applies kind by kind. */
  const kinds = new Map<string, Kind | null>();
  let characters = 0;
  for (const waiting of queue.splice(0, MOST_WRITES)) {
    const { kind, body } = waiting.write;
    const { run, order = null } = body;
    const subject = `${kind === "plain" || kind === "ends" ? "turns" : kind} ${run}`;
    characters += charactersIn(waiting.write);
    const isFull = characters > MOST_CHARACTERS && batch.length > 0;
    const isOutOfOrder = order !== null && kinds.has(order) && kinds.get(order) !== kind;
    // Facts are given one after the other.
    const isLater = isFull || isOutOfOrder || (kind !== "facts" && runs.has(subject));
    (isLater ? later : batch).push(waiting);
    runs.add(subject);
    if (order !== null) kinds.set(order, isLater ? null : kind);
  }
  queue.unshift(...later);
  return batch;
}

/** About how much text a write has: all but its payloads is short. */
function charactersIn({ body, rows = {} }: Write): number {
  let characters = lengthIn(body);
  if (Array.isArray(body["events"])) for (const event of body["events"]) characters += lengthIn(event as object);
  for (const row of rows["events"] ?? []) characters += lengthIn(row);
  return characters;
}

function lengthIn(row: object): number {
  return "y" in row && typeof row.y === "string" ? row.y.length : 0;
}

/** Whether the server answered with an error: then nothing was written. */
function wasRefused(error: unknown): boolean {
  if (!WorkflowWorldError.is(error)) return false;
  const { cause } = error;
  return typeof cause === "object" && cause !== null && "severity" in cause && "code" in cause;
}

interface Applied {
  readonly answers: Readonly<Record<Kind, readonly (readonly [n: number, ...answer: unknown[]])[]>>;
}

async function applyTo(
  to: Queries,
  apply: Statement,
  writes: readonly Write[],
  patient: boolean,
  now: number,
): Promise<readonly unknown[][]> {
  const batch: Record<string, unknown> = { now };
  const rows: Record<string, object[]> = {};
  for (const [n, write] of writes.entries()) {
    ((batch[write.kind] ??= []) as object[]).push(Object.assign(write.body, { n }));
    for (const [table, own] of Object.entries(write.rows ?? {})) {
      if (own.length > 0) (rows[table] ??= []).push(...own.map((row) => Object.assign(row, { n })));
    }
  }
  if ("turns" in batch) batch["rows"] = rows;
  const [row] = await to.query<Applied>(apply, [JSON.stringify(batch), patient]);
  const answers: unknown[][] = writes.map(() => []);
  for (const [n, ...answer] of Object.values(row?.answers ?? {}).flat()) answers[n] = answer;
  return answers;
}
