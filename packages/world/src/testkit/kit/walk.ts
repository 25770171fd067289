import { expect } from "vitest";
import type { Page, Pagination } from "workflow/world";

/** Every item of a list, page by page; `between` runs after each page. */
export async function walk<T>(
  list: (pagination: Pagination) => Promise<Page<T>>,
  pagination: Pagination,
  between: () => Promise<unknown> = async () => undefined,
): Promise<readonly T[]> {
  const items: T[] = [];
  let cursor: string | null = null;
  for (;;) {
    const page: Page<T> = await list({ ...pagination, ...(cursor !== null && { cursor }) });
    items.push(...page.data);
    if (!page.hasMore) return items;
    expect(page.data).toHaveLength(pagination.limit ?? 100);
    expect(page.cursor).toEqual(expect.any(String));
    cursor = page.cursor;
    await between();
  }
}
