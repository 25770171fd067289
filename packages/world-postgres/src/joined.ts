import { EntityConflictError, LeaseLostError, WorkflowWorldError } from "workflow/world";
import { type Refusal, refuse } from "workflow/world-parts";

/** The workers that joined through this World. */
export interface Joined {
  /** The row of a worker that has joined and has not left. */
  rowOf(worker: string): number | undefined;
  set(worker: string, row: number): void;
  delete(worker: string): void;
  rows(): readonly number[];
}

export function createJoined(): Joined {
  const rows = new Map<string, number>();
  return {
    rowOf: (worker) => rows.get(worker),
    set: (worker, row) => void rows.set(worker, row),
    delete: (worker) => void rows.delete(worker),
    rows: () => [...rows.values()],
  };
}

export function notJoined(worker: string): { readonly refusal: Refusal } {
  return refuse(
    "LEASE_LOST",
    `The worker ${worker} has not joined, has left, or was given up for not renewing its leases`,
  );
}

/** Throws what a refusal says. */
export function raise({ code, message, field }: Refusal): never {
  if (code === "LEASE_LOST") throw new LeaseLostError(message);
  if (code === "ENTITY_CONFLICT") throw new EntityConflictError(message);
  throw new WorkflowWorldError(code, message, field === undefined ? {} : { field });
}
