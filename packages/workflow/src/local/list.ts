import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import type { Page, Pagination, ReadOptions } from "../world/reads.ts";
import { pageOf, sliceOf } from "../world-parts/page.ts";

interface List<R> {
  /** Everything but order and limit, with a condition `{beyond}` in it. */
  readonly text: string;
  /** What the list is sorted by, as SQL and of a row. */
  readonly key: string;
  readonly keyOf: (row: R) => number;
  readonly defaultOrder: "asc" | "desc";
}

/** Prepares a list that is read in pages. */
export function prepareList<R, T>(
  db: DatabaseSync,
  { text, key, keyOf, defaultOrder }: List<R>,
): (
  pagination: Pagination | undefined,
  filters: Readonly<Record<string, SQLInputValue>>,
  toItem: (row: R) => T,
) => Page<T> {
  const directed = (comparison: string, order: string): StatementSync =>
    db.prepare(`${text.replace("{beyond}", `${key} ${comparison} :beyond`)} ORDER BY ${key} ${order} LIMIT :rows`);
  const statements = { asc: directed(">", "ASC"), desc: directed("<", "DESC") };

  return (pagination, filters, toItem) => {
    const slice = sliceOf(pagination, defaultOrder);
    const rows = statements[slice.order].all({
      ...filters,
      beyond: slice.beyond,
      rows: slice.limit + 1,
    });
    return pageOf(slice, rows as unknown as R[], keyOf, toItem);
  };
}

/** The value of the SQL parameter that says whether payloads are wanted. */
export function payloadsIn(options: ReadOptions): 0 | 1 {
  return options.resolveData === "none" ? 0 : 1;
}

/** What a read answers before it becomes a promise. */
export type Instantly<T> = {
  readonly [K in keyof T]: T[K] extends (...args: infer A) => Promise<infer R> ? (...args: A) => R : never;
};
