import type { Page, Pagination, ReadOptions } from "workflow/world";
import { pageOf, type Slice, sliceOf } from "workflow/world-parts";
import type { Core } from "./core.ts";
import type { Statement, Value } from "./database/database.ts";
import type { Sql } from "./database/sql.ts";

/** A list in both directions. */
export type BothWays = Readonly<Record<Slice["order"], Statement>>;

/**
 * `$1` is the key that the items of the page lie beyond, `$2` how many are wanted. In the text, `{order}` is the
 * direction, `{beyond}` compares a key with `$1`, and `{until}` with `{end}`, which lies behind every key.
 */
export function bothWays(sql: Sql, name: string, text: string): BothWays {
  const directed = (words: Readonly<Record<string, string | number>>): Statement =>
    sql(
      `${name} ${words["order"]}`,
      text.replaceAll(/\{(order|beyond|until|end)\}/g, (_, word: string) => String(words[word])),
    );
  return {
    asc: directed({ order: "ASC", beyond: ">", until: "<", end: Number.MAX_SAFE_INTEGER }),
    desc: directed({ order: "DESC", beyond: "<", until: ">", end: 0 }),
  };
}

/** The values of `$1` and `$2`. One more is wanted than the page has, to see whether the list goes on. */
export function boundsOf({ beyond, limit }: Slice): readonly [beyond: number, rows: number] {
  return [beyond, limit + 1];
}

interface List<R> {
  readonly statements: BothWays;
  /** What the list is sorted by. */
  readonly keyOf: (row: R) => number;
  readonly defaultOrder: Slice["order"];
}

/** A list that is read in pages, one row for each item. `filters` are `$3` and so on; null: they cannot match. */
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
