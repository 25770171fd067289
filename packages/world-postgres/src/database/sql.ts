import { createHash } from "node:crypto";
import { escapeIdentifier } from "pg";
import type { Statement } from "./database.ts";

/** Makes statements: `{schema}` in a text becomes the name of the World's schema, quoted. Nothing else ever varies. */
export type Sql = (name: string, text: string) => Statement;

/** Worlds of several schemas may share connections, and with them the names of prepared statements. */
export function sqlFor(schema: string): Sql {
  const mark = createHash("sha256").update(schema).digest("base64url").slice(0, 8);
  return (name, text) => ({ name: `workflow ${mark} ${name}`, text: inSchema(text, schema) });
}

/** `text` with the schema's name, quoted, wherever it says `{schema}`. */
export function inSchema(text: string, schema: string): string {
  return text.replaceAll("{schema}", escapeIdentifier(schema));
}
