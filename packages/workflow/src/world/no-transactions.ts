import { WorkflowWorldError } from "./errors.ts";
import type { WithinTransaction } from "./world.ts";

/**
 * For Worlds whose database no caller has a connection of.
 * @throws `WorkflowWorldError` `INVALID_ARGUMENT`
 */
export function refuseTransaction({ tx }: WithinTransaction = {}): void {
  if (tx !== undefined) throw noTransactions("No transaction of yours can include what is written here");
}

/** What a World without transactions for others says to who wants one; `what` cannot be. */
export function noTransactions(what: string): WorkflowWorldError {
  return new WorkflowWorldError(
    "INVALID_ARGUMENT",
    `${what}: this World keeps its data elsewhere. Use the PostgreSQL World on the database of your own tables, or do without`,
    { field: "tx" },
  );
}
