import { WorkflowWorldError } from "../world/errors.ts";
import type { Page, Pagination } from "../world/reads.ts";

const DEFAULT_LIMIT = 100;
const LARGEST_LIMIT = 1000;

/** A page that was asked for, of a list that is sorted by a positive whole number. */
export interface Slice {
  readonly order: "asc" | "desc";
  /** Items lie beyond this key, in the list's order. */
  readonly beyond: number;
  readonly limit: number;
  /** As it was given. */
  readonly cursor: string | null;
}

/** @throws `WorkflowWorldError` `INVALID_ARGUMENT` */
export function sliceOf(pagination: Pagination | undefined, defaultOrder: "asc" | "desc"): Slice {
  const { limit = DEFAULT_LIMIT, cursor = null, sortOrder: order = defaultOrder } = pagination ?? {};
  if (!Number.isInteger(limit) || limit < 1 || limit > LARGEST_LIMIT) {
    throw invalid("limit", `limit is a whole number from 1 to ${LARGEST_LIMIT}, not ${limit}`);
  }
  const start = order === "asc" ? 0 : Number.MAX_SAFE_INTEGER;
  return { order, limit, cursor, beyond: cursor === null ? start : decode(cursor) };
}

/** The page from rows of which there is one more than the limit when the list goes on. */
export function pageOf<R, T>(
  slice: Slice,
  rows: readonly R[],
  keyOf: (row: R) => number,
  toItem: (row: R) => T,
): Page<T> {
  const shown = rows.slice(0, slice.limit);
  const last = shown.at(-1);
  return {
    data: shown.map(toItem),
    // Also at the end of the list, so that a reader can come back for what was added since.
    cursor: last === undefined ? slice.cursor : encode(keyOf(last)),
    hasMore: rows.length > slice.limit,
  };
}

function encode(key: number): string {
  return Buffer.from(`after ${key}`).toString("base64url");
}

function decode(cursor: string): number {
  const digits = /^after (\d{1,16})$/.exec(Buffer.from(cursor, "base64url").toString())?.[1];
  if (digits === undefined) throw invalid("cursor", "The cursor is not one that a page of this list gave");
  return Number(digits);
}

function invalid(field: string, message: string): WorkflowWorldError {
  return new WorkflowWorldError("INVALID_ARGUMENT", message, { field });
}
