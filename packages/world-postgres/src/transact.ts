import { setTimeout as pause } from "node:timers/promises";
import { LeaseLostError, WorkflowWorldError, type World } from "workflow/world";
import type { Batches, Write } from "./batches.ts";
import { borrowed } from "./borrowed-client.ts";
import type { Core } from "./core.ts";
import type { Database, Lent } from "./database/database.ts";
import { leavesConnection } from "./database/failures.ts";
import { deliveryOf, deliveryWrite, type ServerDelivery } from "./deliver.ts";
import { type Joined, notJoined, raise } from "./joined.ts";
import { createPlaces, shareOf } from "./places.ts";

/** How often a server is asked whether it has committed, in milliseconds. */
const DOUBT_PAUSE_MS = 50;

export function createTransact({
  core,
  batches,
  joined,
}: {
  readonly core: Core;
  readonly batches: Batches;
  readonly joined: Joined;
}): World["transact"] {
  const { database, sql } = core;
  const readTransaction = sql("transaction", "SELECT txid_current()::text AS transaction");
  const wasCommitted = createDoubt(core);
  const enter = createPlaces(shareOf(database));

  return (lease, task) => {
    requireConnections(database);
    const worker = joined.rowOf(lease.worker) ?? raise(notJoined(lease.worker).refusal);
    const { runId, epoch } = lease;

    const inTransaction = async (connection: Lent): Promise<ServerDelivery> => {
      const [begun] = await connection.query<{ readonly transaction: string }>(readTransaction, []);
      const { transaction = "" } = begun ?? {};
      const { client, takeBack } = borrowed(connection.client);
      let write: Write;
      try {
        const fact = deliveryWrite(core, { token: null, runId }, await task(client), {});
        write = { ...fact, body: { ...fact.body, worker, epoch, transaction } };
      } finally {
        takeBack();
      }
      const [answer] = (await batches.writeAlone(write, connection)) as readonly ServerDelivery[];
      requireDelivered(runId, answer as ServerDelivery);
      await connection.commit().catch(async (error: unknown) => {
        if (!(await wasCommitted(transaction, error))) throw causeOf(error);
      });
      return answer as ServerDelivery;
    };

    return enter(() =>
      database.lend(async (connection) => {
        await connection.begin();
        try {
          return deliveryOf(core, "", runId, await inTransaction(connection));
        } catch (error) {
          await connection.rollback();
          throw error;
        }
      }),
    );
  };
}

function requireConnections({ most }: Database): void {
  if (most >= 3) return;
  throw new WorkflowWorldError(
    "INVALID_ARGUMENT",
    "A transactional step has a connection of its own while it runs. Set maxConnections to 3 or more, so that others have theirs",
    { field: "tx" },
  );
}

function requireDelivered(runId: string, { status }: ServerDelivery): void {
  if (status === "delivered") return;
  if (status === "left") {
    throw new WorkflowWorldError(
      "INVALID_ARGUMENT",
      `A transactional step of run ${runId} ended the transaction that it was given, so its result cannot be part of it. ` +
        "Leave BEGIN, COMMIT and ROLLBACK out; SAVEPOINT may be used",
      { field: "tx" },
    );
  }
  throw new LeaseLostError(
    `The run ${runId} is not this worker's any more, or has ended. What its step wrote is rolled back`,
  );
}

/** Whether a transaction was committed whose `COMMIT` has failed. Where the connection was lost, the server is asked. */
function createDoubt({ database, sql, closing }: Core): (transaction: string, error: unknown) => Promise<boolean> {
  const ask = sql("transaction status", "SELECT txid_status($1::bigint) AS status");
  return async (transaction, error) => {
    if (isRefusal(error)) return false;
    while (!closing.signal.aborted) {
      try {
        const [found] = await database.query<{ readonly status: string | null }>(ask, [transaction]);
        if (found?.status !== "in progress") return found?.status === "committed";
      } catch (failure) {
        // It did not come as far as the server's log.
        if (isRefusal(failure)) return false;
      }
      await pause(DOUBT_PAUSE_MS);
    }
    throw error;
  };
}

/** Whether the server itself said no, and so has rolled back. */
function isRefusal(error: unknown): boolean {
  const { cause } = error as Error;
  return cause === undefined ? WorkflowWorldError.is(error) : leavesConnection(cause);
}

/** What the server refuses at the end is about the task's statements, like what it refuses before. */
function causeOf(error: unknown): unknown {
  const { cause } = error as Error;
  return leavesConnection(cause) ? cause : error;
}
