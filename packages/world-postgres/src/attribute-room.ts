import { type AttributeChange, changed, type EventData, requireRoom } from "workflow/world";
import type { Core } from "./core.ts";
import type { Queries } from "./database/database.ts";

type Attributes = Readonly<Record<string, string>>;

/**
 * To be called within the transaction that adds the changes to the inbox of the run.
 * @throws `WorkflowWorldError` `INVALID_ARGUMENT` when the run would have too many attributes once everything that
 *   waits in its inbox is in its history.
 */
export async function requireRoomFor(
  { sql }: Pick<Core, "sql">,
  connection: Queries,
  runId: string,
  changes: readonly AttributeChange[],
): Promise<void> {
  await connection.query(sql("lock_run", "SELECT 1 FROM {schema}.runs WHERE run_id = $1 FOR NO KEY UPDATE"), [runId]);
  const rows = await connection.query<{ readonly key: string | null; readonly value: string }>(
    sql(
      "attributes_ahead",
      `SELECT a.key, a.value FROM {schema}.runs u JOIN {schema}.attributes a ON a.run = u.id WHERE u.run_id = $1
      UNION ALL (SELECT NULL, i.data FROM {schema}.runs u JOIN {schema}.inbox i ON i.run = u.id AND i.type = 'attr_set'
        WHERE u.run_id = $1 ORDER BY i.id)`,
    ),
    [runId],
  );
  const now = Object.fromEntries(
    rows.flatMap(({ key, value }) => (key === null ? [] : [[JSON.parse(key), JSON.parse(value)]])),
  ) as Attributes;
  const ahead = rows.reduce<Attributes>((all, { key, value }) => {
    return key === null ? changed(all, (JSON.parse(value) as EventData["attr_set"]).changes) : all;
  }, now);
  requireRoom(ahead, changes);
}
