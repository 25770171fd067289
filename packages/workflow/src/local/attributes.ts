import type { DatabaseSync } from "node:sqlite";
import { changed } from "../world/attributes.ts";
import type { AttributeChange, EventData } from "../world/events.ts";

type Attributes = Readonly<Record<string, string>>;

/** The attributes that runs have by their histories, in rows, so that runs are found by them. */
export interface AttributeRows {
  set(run: number, attributes: Attributes): void;
  change(run: number, changes: readonly AttributeChange[]): void;
  /** Those of a run once everything that waits in its inbox is in its history. */
  ahead(run: number): Attributes;
}

export function prepareAttributeRows(db: DatabaseSync): AttributeRows {
  const put = db.prepare(`
    INSERT INTO attributes VALUES (?, ?, ?) ON CONFLICT (run, key) DO UPDATE SET value = excluded.value`);
  const remove = db.prepare("DELETE FROM attributes WHERE run = ? AND key = ?");
  const find = db.prepare("SELECT key, value FROM attributes WHERE run = ?");
  const waiting = db.prepare("SELECT data FROM inbox WHERE run = ? AND type = 'attr_set' ORDER BY id");

  return {
    set(run, attributes) {
      for (const [key, value] of Object.entries(attributes)) put.run(run, key, value);
    },
    change(run, changes) {
      for (const { key, value } of changes) {
        if (value === null) remove.run(run, key);
        else put.run(run, key, value);
      }
    },
    ahead(run) {
      const rows = find.all(run) as { key: string; value: string }[];
      const now: Attributes = Object.fromEntries(rows.map(({ key, value }) => [key, value]));
      return waiting.all(run).reduce<Attributes>((all, row) => changed(all, changesOf(row["data"] as string)), now);
    },
  };
}

function changesOf(data: string): readonly AttributeChange[] {
  return (JSON.parse(data) as EventData["attr_set"]).changes;
}
