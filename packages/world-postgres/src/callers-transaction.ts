import { WorkflowWorldError } from "workflow/world";
import { createHints, type Hints } from "workflow/world-parts";
import type { Batches, Write } from "./batches.ts";
import { channelOf } from "./channel.ts";
import type { Core } from "./core.ts";
import { SCHEMA_IS_MISSING, STATE, codeOf, worldFailure } from "./database/failures.ts";
import { NO_PEERS } from "./peers.ts";

/** Writes that belong to transactions of callers. */
export interface CallersTransactions {
  /**
   * Writes through the caller's own connection. Waits for whoever holds what it needs; what fails there fails the caller's
   * transaction.
   * @throws `WorkflowWorldError` `INVALID_ARGUMENT` for a `tx` that this World's data cannot be written through.
   */
  write(tx: unknown, write: Write): Promise<readonly unknown[]>;
  /** Nobody hears of what is not committed. */
  readonly unheard: Hints;
}

/** All that is needed of a client, which may be of another copy of the driver, or none of it. */
interface Client {
  query(text: string, values: readonly unknown[]): Promise<{ readonly rows: readonly { readonly said: string }[] }>;
}

type Said = { readonly answers: unknown } | { readonly refused: "database" | "isolation" };

export function createCallersTransactions(
  { database, sql, schema }: Pick<Core, "database" | "sql" | "schema">,
  batches: Batches,
): CallersTransactions {
  const readIdentity = sql("identity", "SELECT value FROM {schema}.meta WHERE key = 'identity'");
  // As text: the client may have a parser of its own for everything else.
  const apply = sql("apply_within", "SELECT {schema}.apply_within($1::jsonb, $2::bigint, $3::text)::text AS said");
  const channel = channelOf(schema);
  let identity: number | undefined;
  const ownIdentity = async (): Promise<number> => {
    identity ??= (await database.query<{ readonly value: number }>(readIdentity, []))[0]?.value ?? 0;
    return identity;
  };

  const ask = async (client: Client, batch: unknown): Promise<Said> => {
    const values = [batch, await ownIdentity(), channel];
    try {
      // Without a name: behind a pooler, the next statement may meet another session.
      const { rows } = await client.query(apply.text, values);
      return JSON.parse(rows[0]?.said ?? "null") as Said;
    } catch (error) {
      throw failureOf(error, schema);
    }
  };

  return {
    unheard: createHints(() => NO_PEERS),
    write(tx, write) {
      const client = clientIn(tx);
      return batches.writeAlone(write, {
        async query<R>(_: unknown, [batch]: readonly unknown[]): Promise<readonly R[]> {
          const said = await ask(client, batch);
          if ("refused" in said) throw refusal(said.refused, schema);
          return [said as R];
        },
      });
    },
  };
}

function clientIn(tx: unknown): Client {
  if (typeof tx === "object" && tx !== null && "query" in tx && typeof tx.query === "function") return tx as Client;
  throw invalid(
    "`tx` is not a client of PostgreSQL: it has no query(text, values). Pass the one that began the transaction",
  );
}

function refusal(why: "database" | "isolation", schema: string): WorkflowWorldError {
  return why === "database"
    ? invalid(`\`tx\` is connected to another database than this World, where a schema ${schema} is somebody else's`)
    : invalid(
        "The transaction of `tx` does not see what others commit. Begin it with ISOLATION LEVEL READ COMMITTED; nothing was written",
      );
}

function failureOf(error: unknown, schema: string): WorkflowWorldError {
  const code = codeOf(error);
  if (code === STATE.failedTransaction) {
    return invalid("The transaction of `tx` has failed before. Roll it back, and do all of it again", error);
  }
  if (code !== undefined && SCHEMA_IS_MISSING.has(code)) {
    const message = `\`tx\` is connected to a database that has no schema ${schema} of this version. Connect it to the World's`;
    return invalid(message, error);
  }
  return worldFailure(error, "PostgreSQL, within the transaction of `tx`,");
}

function invalid(message: string, cause?: unknown): WorkflowWorldError {
  return new WorkflowWorldError("INVALID_ARGUMENT", message, { field: "tx", cause });
}
