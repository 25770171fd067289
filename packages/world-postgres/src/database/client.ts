import { Client, type ClientConfig } from "pg";
import type { PoolSettings } from "../settings.ts";

const STATEMENT_TIMEOUT_MS = 30_000;
const LOCK_TIMEOUT_MS = 10_000;

/** A host that does not answer at all is given up after as long. */
export const CONNECT_TIMEOUT_MS = 10_000;

/** What `pg_stat_activity` shows, unless the connection string says something else. */
const APPLICATION_NAME = "workflow";

/** How the connections of a pool are made: with the time limits of their statements. */
export interface Limits {
  readonly Client: new (config: ClientConfig) => Client;
  readonly statementTimeoutMs: number;
  /** Connections from now on leave the limits to the server. */
  drop(): void;
}

/**
 * The limits are set while connecting, which costs nothing. A pooler may refuse that; then they are the server's matter
 * (`ALTER ROLE ... SET`), because a `SET` would stay with a connection that the pooler gives to others next.
 */
export function limitsOf(settings: Pick<PoolSettings, "statementTimeoutMs" | "lockTimeoutMs">): Limits {
  const statementTimeoutMs = settings.statementTimeoutMs ?? STATEMENT_TIMEOUT_MS;
  const limits = {
    statement_timeout: statementTimeoutMs,
    lock_timeout: settings.lockTimeoutMs ?? LOCK_TIMEOUT_MS,
    idle_in_transaction_session_timeout: statementTimeoutMs,
  };
  let accepted = true;

  class Limited extends Client {
    constructor(config: ClientConfig) {
      super({
        ...config,
        ...(accepted ? limits : {}),
        fallback_application_name: APPLICATION_NAME,
        // The pool's own limit of this name would also end the wait for a connection that others use.
        connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      });
      // Whoever uses the connection hears of its end. It may end as soon as it is made, when nobody has it in hand yet.
      this.on("error", () => {});
    }
  }

  return {
    Client: Limited,
    statementTimeoutMs,
    drop: () => void (accepted = false),
  };
}
