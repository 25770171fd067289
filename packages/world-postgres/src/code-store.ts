import type { CodeStore } from "workflow/world";
import type { Core } from "./core.ts";
import { requireStorableText } from "./storable.ts";

export function createCodeWrites({ database, sql, method }: Core): Pick<CodeStore, "put" | "collect"> {
  const put = sql(
    "put_code",
    `INSERT INTO {schema}.code AS c (hash, source, map) VALUES ($1, $2, $3)
    ON CONFLICT (hash) DO UPDATE SET source = excluded.source, map = excluded.map, collected = false WHERE c.collected`,
  );
  const collect = sql("collect_code", "SELECT {schema}.collect_code() AS removed");
  return {
    put: method(async ({ hash, source, map }) => {
      for (const [field, text] of Object.entries({ hash, source, map })) requireStorableText(text, field);
      await database.query(put, [hash, source, map]);
    }),
    collect: method(async () => {
      const [row] = await database.query<{ readonly removed: number }>(collect, []);
      return row?.removed ?? 0;
    }),
  };
}
