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
  /** `run`: a batch has one write of a kind for each; the next must see what came of the one before. */
  readonly body: { readonly run: string | null; readonly [field: string]: unknown };
  readonly rows?: Rows;
}

/** Somebody else's transaction holds what the write needs; nothing was written. */
export const BUSY = "busy";

/**
 * Writes of one process. Whatever has gathered while one batch is under way goes as the next: one round trip and one
 * commit for all of it. What is busy is answered as that, and can be waited for alone.
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
  let sending = false;

  const send = async (writes: readonly Write[], patient: boolean, to: Queries): Promise<readonly unknown[][]> =>
    await applyTo(to, apply, writes, patient, clock.now());

  const sendAll = async (batch: readonly Waiting[]): Promise<void> => {
    try {
      const answers = await send(
        batch.map(({ write }) => write),
        false,
        database,
      );
      for (const [index, { resolve }] of batch.entries()) resolve(answers[index] ?? []);
    } catch (error) {
      // One that the server refuses takes the others along: each gets a transaction of its own.
      if (batch.length > 1 && wasRefused(error)) {
        for (const one of batch) await sendAll([one]);
      } else for (const { reject } of batch) reject(error);
    }
  };

  const flush = async (): Promise<void> => {
    while (queue.length > 0) await sendAll(takeBatch(queue));
    sending = false;
  };

  return {
    write(write) {
      const { promise, resolve, reject } = Promise.withResolvers<readonly unknown[]>();
      queue.push({ write, resolve, reject });
      if (!sending) {
        sending = true;
        // What is asked for in the same breath goes along.
        queueMicrotask(() => void flush());
      }
      return promise;
    },
    writeTogether: (writes) => enterAlone(() => send(writes, true, database)),
    async writeAlone(write, connection) {
      const [answer = []] = await (connection === undefined
        ? enterAlone(() => send([write], true, database))
        : send([write], true, connection));
      return answer;
    },
  };
}

/** Takes the next batch from the queue, in its order. */
function takeBatch(queue: Waiting[]): readonly Waiting[] {
  const batch: Waiting[] = [];
  const later: Waiting[] = [];
  const runs = new Set<string>();
  let characters = 0;
  for (const waiting of queue.splice(0, MOST_WRITES)) {
    const { kind, body } = waiting.write;
    const subject = `${kind === "plain" || kind === "ends" ? "turns" : kind} ${body.run}`;
    characters += charactersIn(waiting.write);
    const isFull = characters > MOST_CHARACTERS && batch.length > 0;
    // Facts are given one after the other.
    if (isFull || (kind !== "facts" && runs.has(subject))) later.push(waiting);
    else batch.push(waiting);
    runs.add(subject);
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
