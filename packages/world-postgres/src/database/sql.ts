import { createHash } from "node:crypto";
import { escapeIdentifier } from "pg";
import type { Statement } from "./database.ts";

/** Makes statements: `{schema}` in a text becomes the name of the World's schema, quoted. Nothing else ever varies. */
export type Sql = (name: string, text: string) => Statement;

/**
 * Worlds of several schemas and versions may share connections, and with them the names of prepared statements: behind a
 * pooler, a name must never mean another text.
 */
export function sqlFor(schema: string): Sql {
  return (name, template) => {
    const text = inSchema(template, schema);
    return { name: `workflow ${name} ${createHash("sha256").update(text).digest("base64url").slice(0, 12)}`, text };
  };
}

/** `text` with the schema's name, quoted, wherever it says `{schema}`. */
export function inSchema(text: string, schema: string): string {
  return text.replaceAll("{schema}", escapeIdentifier(schema));
}
