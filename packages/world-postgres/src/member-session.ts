import { Client, escapeIdentifier, type Notification } from "pg";
import { channelOf, HELLO } from "./channel.ts";
import { monotonic, sampleOf } from "./clock.ts";
import { CONNECT_TIMEOUT_MS } from "./database/client.ts";
import { leavesConnection } from "./database/failures.ts";
import { lockKey } from "./database/lock-key.ts";
import { inSchema } from "./database/sql.ts";
import type { Members } from "./members.ts";
import type { MembershipData, Report } from "./membership-messages.ts";
import { workerLock } from "./worker-lock.ts";

/** One connection of a membership, from its beginning to its end. */
export interface MemberSession {
  /** Whether locks and LISTEN outlive a statement on it: not behind a pooler in transaction mode. */
  readonly keepsState: boolean;
  /** Does what there is to do until the connection ends. Never rejects. */
  run(): Promise<void>;
  /** Members have come or gone. */
  attend(): void;
  end(): Promise<void>;
}

export interface SessionParts extends MembershipData {
  readonly members: Members;
  readonly report: (message: Report) => void;
}

/** A lock that the end of an earlier connection has not yet set free is tried again after as long. */
const LOCK_PAUSE_MS = 50;

const TIME = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS time";

/** A beat need not be on disk: after a crash of the server nobody is dead for having beaten less. */
const BEAT = `
  UPDATE {schema}.workers SET beats = beats + 1 FROM (SELECT set_config('synchronous_commit', 'off', true)) AS soon
  WHERE id = ANY($1::bigint[]) AND NOT gone`;

const LISTENERS = `
  SELECT count(*)::int AS count FROM pg_catalog.pg_locks
  WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
    AND classid = ($1::bigint >> 32)::oid AND objid = ($1::bigint & 4294967295)::oid AND objsubid = 1`;

/** @throws the driver's errors when the server cannot be reached. */
export async function connectSession(parts: SessionParts): Promise<MemberSession> {
  const client = new Client({
    ...parts.listener.connecting,
    fallback_application_name: "workflow listener",
    keepAlive: true,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    // A connection that is dead without anybody having said so is replaced before the lease is over.
    query_timeout: parts.periodMs,
  });
  let session: Session | undefined;
  let broken = false;
  const stop = (): void => {
    broken = true;
    session?.stop();
  };
  client.on("end", stop).on("error", stop);
  try {
    await client.connect();
    session = new Session(parts, client, await sessionIsKept(client, parts.listener.way));
    // First: whose lock is free for long counts as dead.
    await session.lockAndUnlock();
    if (session.keepsState) await session.listen();
    if (broken) session.stop();
    return session;
  } catch (error) {
    void client.end();
    throw error;
  }
}

/** Behind a pooler, the process that answers is not the one that the connection was made to. */
async function sessionIsKept(client: Client, way: MembershipData["listener"]["way"]): Promise<boolean> {
  if (way !== "same") return way === "direct";
  const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
  return rows[0]?.pid === (client as unknown as { processID: number }).processID;
}

class Session implements MemberSession {
  readonly keepsState: boolean;
  readonly #parts: SessionParts;
  readonly #client: Client;
  readonly #listenersKey: number;
  #over = false;
  /** Wakes up whoever waits for something to do. */
  #wake = (): void => {};
  #changed = false;

  constructor(parts: SessionParts, client: Client, keepsState: boolean) {
    this.#parts = parts;
    this.#client = client;
    this.keepsState = keepsState;
    this.#listenersKey = lockKey("listeners", parts.schema);
  }

  /** The connection is no more. */
  stop(): void {
    this.#over = true;
    this.#wake();
  }

  /** In this order: who is counted can hear, and who has said hello is counted. */
  async listen(): Promise<void> {
    const channel = channelOf(this.#parts.schema);
    this.#client.on("notification", ({ payload }: Notification) => {
      this.#parts.report({ kind: "notified", payload: payload ?? "" });
    });
    await this.#client.query(`LISTEN ${escapeIdentifier(channel)}`);
    await this.#client.query("SELECT pg_advisory_lock_shared($1)", [this.#listenersKey]);
    await this.#client.query("SELECT pg_notify($1, $2)", [channel, HELLO]);
  }

  async run(): Promise<void> {
    const { members, periodMs } = this.#parts;
    try {
      let nextBeat = monotonic();
      while (!this.#over) {
        this.#changed = false;
        await this.lockAndUnlock();
        if (monotonic() >= nextBeat) {
          nextBeat = monotonic() + periodMs;
          await this.#beat();
        }
        const idle = members.missing().length > 0 ? LOCK_PAUSE_MS : nextBeat - monotonic();
        if (!this.#changed) await this.#rest(idle);
      }
    } catch {
      // Whatever it was, a new connection does not have it.
    }
    members.unsettle();
    await this.end();
  }

  attend(): void {
    this.#changed = true;
    this.#wake();
  }

  async end(): Promise<void> {
    this.#over = true;
    await this.#client.end().catch(() => undefined);
  }

  #rest(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.max(ms, 0));
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
      if (this.#over) this.#wake();
    });
  }

  /** Takes the locks that members lack, as far as they are free, and gives up those of who has left. */
  async lockAndUnlock(): Promise<void> {
    const { members, schema } = this.#parts;
    for (const id of members.leaving()) {
      if (this.keepsState) await this.#client.query("SELECT pg_advisory_unlock($1)", [workerLock(schema, id)]);
      members.forget(id);
    }
    for (const id of members.missing()) if (!this.keepsState || (await this.#lock(id))) members.settle(id);
  }

  async #lock(id: number): Promise<boolean> {
    const key = workerLock(this.#parts.schema, id);
    const { rows } = await this.#client.query<{ held: boolean }>("SELECT pg_try_advisory_lock($1) AS held", [key]);
    return rows[0]?.held === true;
  }

  async #beat(): Promise<void> {
    const { members, schema, report } = this.#parts;
    const ids = members.all();
    if (ids.length > 0) await this.#patiently(() => this.#client.query(inSchema(BEAT, schema), [ids]));
    const sentAt = monotonic();
    const { rows } = await this.#client.query<{ time: number }>(TIME);
    report({ kind: "time", sample: sampleOf((rows[0] as { time: number }).time, sentAt, monotonic()) });
    if (!this.keepsState) return;
    const found = await this.#client.query<{ count: number }>(LISTENERS, [this.#listenersKey]);
    report({ kind: "listeners", count: found.rows[0]?.count ?? 0 });
  }

  /** A beat that the server refuses (for a lock, or a right that is missing) does not cost the connection and its locks. */
  async #patiently(task: () => Promise<unknown>): Promise<void> {
    try {
      await task();
    } catch (error) {
      if (!leavesConnection(error)) throw error;
    }
  }
}
