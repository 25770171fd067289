import { randomUUID } from "node:crypto";
import { Client } from "pg";
import { serverUrl } from "./server-url.ts";

/** A place in the database that nobody else uses. Disposing of it drops what was made there. */
export interface FreshSchema extends AsyncDisposable {
  readonly url: string;
  /** A name. There is no such schema yet. */
  readonly schema: string;
}

/** How long a transaction that a test left open may hold up the end of its schema. */
const PATIENCE_MS = 5_000;

/**
 * Tests have schemas and not databases of their own: one database needs one pool of connections, and that its schemas
 * never touch each other is promised, and so is tried all the time.
 */
export async function freshSchema(): Promise<FreshSchema> {
  const url = await serverUrl();
  const schema = `test_${randomUUID().replaceAll("-", "")}`;
  return {
    url,
    schema,
    async [Symbol.asyncDispose]() {
      const client = new Client({ connectionString: url, lock_timeout: PATIENCE_MS });
      await client.connect();
      try {
        await client.query(`drop schema if exists ${schema} cascade`);
      } finally {
        await client.end();
      }
    },
  };
}
