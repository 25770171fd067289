import type { CodeStore } from "workflow/world";
import type { Core } from "./core.ts";
import { requireStorableText } from "./storable.ts";

export function createCodeWrites({ database, sql, clock, method }: Core): Pick<CodeStore, "put" | "collect"> {
  const put = sql(
    "put_code",
    `INSERT INTO {schema}.code AS c (hash, source, map, stored_at) VALUES ($1, $2, $3, $4)
    ON CONFLICT (hash) DO UPDATE SET source = CASE WHEN c.collected THEN excluded.source ELSE c.source END,
      map = CASE WHEN c.collected THEN excluded.map ELSE c.map END, collected = false, stored_at = excluded.stored_at`,
  );
  const collect = sql("collect_code", "SELECT {schema}.collect_code($1) AS removed");
  return {
    put: method(async ({ hash, source, map }) => {
      for (const [field, text] of Object.entries({ hash, source, map })) requireStorableText(text, field);
      await database.query(put, [hash, source, map, clock.now()]);
    }),
    collect: method(async (storedBefore) => {
      const [row] = await database.query<{ readonly removed: number }>(collect, [storedBefore]);
      return row?.removed ?? 0;
    }),
  };
}
