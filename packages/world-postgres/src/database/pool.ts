import { setTimeout as pause } from "node:timers/promises";
import {
  type ClientBase,
  type CustomTypesConfig,
  Pool,
  type PoolClient,
  type QueryConfig,
  type QueryResult,
  types,
} from "pg";
import { WorkflowWorldError } from "workflow/world";
import type { Connecting, PoolSettings } from "../settings.ts";
import { type Limits, limitsOf } from "./client.ts";
import type { Database, Lent, Queries, Session, Statement, Value } from "./database.ts";
import { leavesConnection, passes, reactionTo, refusesSettings, worldFailure } from "./failures.ts";
import { placeOf } from "./place.ts";

const MAX_CONNECTIONS = 10;

/** How long a server that is not there is waited for, in milliseconds: a restart costs a delay and no failure. */
const PATIENCE_MS = 5_000;

const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 500;

/** How often a statement is said that was given up in favour of others. */
const MOST_ATTEMPTS = 5;

const REPEAT_PAUSE_MS = 5;

/** Beyond the server's own limit: only a connection that is dead without anybody having said so takes longer. */
const ANSWER_MARGIN_MS = 5_000;

/** @throws `WorkflowWorldError` `INVALID_ARGUMENT` when the connection string is none. Connects later, when asked. */
export function openPool(settings: PoolSettings): Database {
  return new PooledDatabase(settings);
}

class PooledDatabase implements Database {
  readonly most: number;
  readonly #pool: Pool;
  readonly #isOwn: boolean;
  readonly #place: string;
  readonly #limits: Limits;
  /** Until a pooler turns out to lose them. */
  #named = true;
  #closed = false;
  readonly #underWay = new Set<Promise<unknown>>();

  constructor(settings: PoolSettings) {
    this.#isOwn = settings.pool === undefined;
    this.#place = placeOf((settings.pool?.options as Connecting | undefined) ?? settings);
    this.#limits = limitsOf(settings);
    this.#pool =
      settings.pool ??
      new Pool({
        connectionString: settings.connectionString,
        // The driver hides the key within the object that it is given.
        ssl: typeof settings.ssl === "object" ? { ...settings.ssl } : settings.ssl,
        max: settings.maxConnections ?? MAX_CONNECTIONS,
        keepAlive: true,
        allowExitOnIdle: true,
        Client: this.#limits.Client as unknown as new () => ClientBase,
      });
    this.most = this.#pool.options.max ?? MAX_CONNECTIONS;
    this.#pool.on("error", ignore);
  }

  query<R>(statement: Statement, values: readonly Value[]): Promise<readonly R[]> {
    return this.#repeating(() => this.#using((client) => this.#send<R>(client, statement, values)));
  }

  transaction<T>(task: (connection: Queries) => Promise<T>): Promise<T> {
    return this.#repeating(() =>
      this.#using(async (client) => {
        await this.#control(client, "BEGIN");
        let result: T;
        try {
          result = await task({ query: (statement, values) => this.#send(client, statement, values) });
        } catch (error) {
          await this.#control(client, "ROLLBACK").catch(() => undefined);
          throw error;
        }
        await this.#control(client, "COMMIT");
        return result;
      }),
    );
  }

  lend<T>(task: (connection: Lent) => Promise<T>): Promise<T> {
    return this.#using((connection) =>
      task({
        client: connection.client,
        query: (statement, values) => this.#send(connection, statement, values),
        begin: () => this.#control(connection, "BEGIN", "BEGIN ISOLATION LEVEL READ COMMITTED"),
        commit: () => this.#control(connection, "COMMIT"),
        rollback: () => this.#control(connection, "ROLLBACK").catch((error: Error) => void (connection.lost ??= error)),
      }),
    );
  }

  session<T>(task: (client: Session) => Promise<T>): Promise<T> {
    return this.#using(async (connection) => {
      try {
        return await task(connection.client);
      } catch (error) {
        if (!leavesConnection(error)) connection.lost = error as Error;
        throw worldFailure(error, this.#place);
      }
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    // The pool would forget those who wait for a connection.
    await Promise.allSettled(this.#underWay);
    if (this.#isOwn) await this.#pool.end();
    else this.#pool.off("error", ignore);
  }

  async #repeating<T>(task: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await task();
      } catch (error) {
        const reaction = reactionTo(error);
        if (reaction === "unnamed") this.#named = false;
        if (reaction === "fail" || attempt === MOST_ATTEMPTS) throw error;
        // Those who were preferred need a moment, or they are met again.
        if (reaction === "repeat") await pause(attempt * REPEAT_PAUSE_MS * (1 + Math.random()));
      }
    }
  }

  /** A connection that fails while someone has it would end the process if nobody listened. */
  async #using<T>(task: (client: Connection) => Promise<T>): Promise<T> {
    const using = this.#use(task);
    this.#underWay.add(using);
    try {
      return await using;
    } finally {
      this.#underWay.delete(using);
    }
  }

  async #use<T>(task: (client: Connection) => Promise<T>): Promise<T> {
    const client = await this.#acquire();
    const connection: Connection = { client, lost: undefined };
    client.on("error", ignore);
    try {
      return await task(connection);
    } finally {
      client.off("error", ignore);
      client.release(connection.lost);
    }
  }

  /** Nothing has been sent yet, so a server that is not there can be waited for. */
  async #acquire(): Promise<PoolClient> {
    const until = performance.now() + PATIENCE_MS;
    let refused = false;
    for (let ms = FIRST_PAUSE_MS; ; ms = Math.min(2 * ms, LONGEST_PAUSE_MS)) {
      if (this.#closed) throw new WorkflowWorldError("WORLD_CLOSED", "The World is closed");
      try {
        return await this.#pool.connect();
      } catch (error) {
        if (!refused && refusesSettings(error)) {
          refused = true;
          this.#limits.drop();
          continue;
        }
        if (!passes(error) || performance.now() + ms > until) throw worldFailure(error, this.#place);
      }
      await pause(ms);
    }
  }

  async #send<R>(connection: Connection, statement: Statement, values: readonly Value[]): Promise<readonly R[]> {
    const { rows } = await this.#ask(connection, {
      ...(this.#named ? statement : { text: statement.text }),
      values: [...values],
    });
    return rows as R[];
  }

  async #control(connection: Connection, asked: "BEGIN" | "COMMIT" | "ROLLBACK", text: string = asked): Promise<void> {
    const { command } = await this.#ask(connection, { text });
    if (command === asked) return;
    const why = "a statement within had failed";
    throw new WorkflowWorldError("WORLD_FAILED", `${this.#place} rolled a transaction back: ${why}`);
  }

  async #ask(connection: Connection, query: QueryConfig): Promise<QueryResult> {
    const limited: QueryConfig & { query_timeout: number } = {
      ...query,
      types: TYPES,
      query_timeout: this.#limits.statementTimeoutMs + ANSWER_MARGIN_MS,
    };
    try {
      return await connection.client.query(limited);
    } catch (error) {
      if (!leavesConnection(error)) connection.lost = error as Error;
      throw worldFailure(error, this.#place);
    }
  }
}

interface Connection {
  readonly client: PoolClient;
  /** Why it is not given to the next one. */
  lost: Error | undefined;
}

/** Whoever uses the connection hears of it; one that nobody uses is replaced. */
function ignore(): void {}

const BIGINT = 20;

/** Numbers of rows and sizes stay below 2 ** 53. */
const TYPES: CustomTypesConfig = {
  getTypeParser: ((oid: number, format: "text") =>
    oid === BIGINT ? Number : types.getTypeParser(oid, format)) as CustomTypesConfig["getTypeParser"],
};
