import type { Page, Pagination, ReadOptions } from "workflow/world";
import { pageOf, type Slice, sliceOf } from "workflow/world-parts";
import type { Core } from "./core.ts";
import type { Statement, Value } from "./database/database.ts";
import type { Sql } from "./database/sql.ts";

/** A list in both directions. */
export type BothWays = Readonly<Record<Slice["order"], Statement>>;

/** The items of a page have a key between `$1` and `$2`; `$3` is how many are wanted; `{order}` is the direction. */
export function bothWays(sql: Sql, name: string, text: string): BothWays {
  const directed = (order: string): Statement => sql(`${name} ${order}`, text.replaceAll("{order}", order));
  return { asc: directed("ASC"), desc: directed("DESC") };
}

/** The values of `$1` to `$3`. One more is wanted than the page has, to see whether the list goes on. */
export function boundsOf({ order, beyond, limit }: Slice): readonly [above: number, below: number, rows: number] {
  return order === "asc" ? [beyond, Number.MAX_SAFE_INTEGER, limit + 1] : [0, beyond, limit + 1];
}

interface List<R> {
  readonly statements: BothWays;
  /** What the list is sorted by. */
  readonly keyOf: (row: R) => number;
  readonly defaultOrder: Slice["order"];
}

/** A list that is read in pages, one row for each item. `filters` are `$4` and so on; null: they cannot match. */
export type ReadPage<R> = <T>(
  pagination: Pagination | undefined,
  filters: readonly Value[] | null,
  toItem: (row: R) => T,
) => Promise<Page<T>>;

export function prepareList<R>(core: Core, { statements, keyOf, defaultOrder }: List<R>): ReadPage<R> {
  return async (pagination, filters, toItem) => {
    const slice = sliceOf(pagination, defaultOrder);
    const values = filters === null ? null : [...boundsOf(slice), ...filters];
    const rows = values === null ? [] : await core.database.query<R>(statements[slice.order], values);
    return pageOf(slice, rows, keyOf, toItem);
  };
}

/** The value of the parameter that says whether payloads are wanted. */
export function payloadsIn(options: ReadOptions): boolean {
  return options.resolveData !== "none";
}
