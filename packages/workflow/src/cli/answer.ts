import type { ListOptions, Page } from "../world/reads.ts";
import type { Flags } from "./flags.ts";
import { fieldLines } from "./fields.ts";
import { payloadFields, payloadsAsJson } from "./payloads.ts";
import { type Column, table } from "./table.ts";
import type { Terminal } from "./terminal.ts";

/** What was read, for programs and for people. */
export interface Answer {
  readonly json: unknown;
  /** What `--cursor` goes on with, when there is more. */
  readonly more?: string;
  lines(terminal: Terminal): string[];
}

/** How an answer shows one kind of thing. */
export interface Kind<T> {
  readonly columns: (now: number) => readonly Column<T>[];
  /** The object whose properties are payloads. */
  readonly payloads: (item: T) => object;
  readonly json: (item: T) => unknown;
}

export function listOptions({ limit, cursor, sort, withData }: Flags): ListOptions {
  const pagination = { limit, sortOrder: sort, ...(cursor !== undefined && { cursor }) };
  return { pagination, resolveData: withData ? "all" : "none" };
}

export function pageAnswer<T>(page: Page<T>, kind: Kind<T>, now: number, none: string): Answer {
  return {
    json: { ...page, data: page.data.map(kind.json) },
    ...(page.hasMore && page.cursor !== null && { more: page.cursor }),
    lines: (terminal) => (page.data.length === 0 ? [none] : itemLines(page.data, kind, now, terminal)),
  };
}

/** A table, with the payloads of each item below it where they were read. */
export function itemLines<T>(items: readonly T[], kind: Kind<T>, now: number, terminal: Terminal): string[] {
  const below = (item: T): string[] => fieldLines(payloadFields(kind.payloads(item)), terminal.paint);
  return table(kind.columns(now), items, terminal, below);
}

/** For things whose payloads are properties of their own. */
export const ownPayloads: Pick<Kind<object>, "payloads" | "json"> = { payloads: (item) => item, json: payloadsAsJson };
