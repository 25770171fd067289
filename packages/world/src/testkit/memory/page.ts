import { WorkflowWorldError, type Page, type Pagination } from "workflow/world";

/** What a list is sorted by. Unique among the list's items, and never changed once given. */
export type Key = readonly (string | number)[];

export interface Ranked<T> {
  readonly key: Key;
  readonly value: T;
}

const DEFAULT_LIMIT = 100;
const LONGEST_PAGE = 1000;

/** The page after `pagination.cursor`. Items that appear behind the cursor meanwhile shift nothing. */
export function pageOf<T>(
  items: readonly Ranked<T>[],
  pagination: Pagination | undefined,
  defaultOrder: "asc" | "desc",
): Page<T> {
  const { limit = DEFAULT_LIMIT, cursor, sortOrder = defaultOrder } = pagination ?? {};
  if (!Number.isInteger(limit) || limit < 1 || limit > LONGEST_PAGE) {
    throw new WorkflowWorldError("INVALID_ARGUMENT", `limit is 1 to ${LONGEST_PAGE}, not ${limit}`, { field: "limit" });
  }
  const direction = sortOrder === "asc" ? 1 : -1;
  const after = cursor === undefined ? undefined : decode(cursor);
  const rest = items
    .filter((item) => after === undefined || compare(item.key, after) * direction > 0)
    .toSorted((a, b) => compare(a.key, b.key) * direction);
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  return {
    data: page.map((item) => item.value),
    // Also on the last page, so that a reader can come back for what was added since.
    cursor: last === undefined ? (cursor ?? null) : encode(last.key),
    hasMore: rest.length > limit,
  };
}

function compare(a: Key, b: Key): number {
  for (const [index, part] of a.entries()) {
    const other = b[index];
    if (other === undefined || part === other) continue;
    return part < other ? -1 : 1;
  }
  return 0;
}

function encode(key: Key): string {
  return Buffer.from(JSON.stringify(key)).toString("base64url");
}

function decode(cursor: string): Key {
  try {
    const key: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString());
    if (Array.isArray(key) && key.every((part) => typeof part === "string" || typeof part === "number")) return key;
  } catch {
    // Falls through to the error below: the text is no JSON.
  }
  throw new WorkflowWorldError("INVALID_ARGUMENT", "The cursor is not one that this list gave", {
    field: "cursor",
  });
}
