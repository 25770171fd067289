import { Client, type ClientConfig } from "pg";
import { WorkflowWorldError } from "workflow/world";
import type { Connecting } from "../settings.ts";

/** What the driver knows: a URL, or the folder of a socket. Of anything else it would make a host that nobody has named. */
const LIKELY = /^(postgres(ql)?:\/\/|socket:|\/)/i;

/** Which server and database, for messages: never with a password. @throws `INVALID_ARGUMENT` for what is no URL. */
export function placeOf(connecting: Connecting): string {
  try {
    if (!LIKELY.test(connecting.connectionString ?? "/")) throw new TypeError("It is a word, or another kind of URL");
    const { host, port, database } = new Client(connecting as ClientConfig);
    return `PostgreSQL at ${host.startsWith("/") ? host : `${host}:${port}`}, database ${database ?? "(none)"},`;
  } catch {
    // What the driver says about it would repeat the password.
    throw new WorkflowWorldError(
      "INVALID_ARGUMENT",
      "The connection string is malformed. It has the form postgres://user:password@host:5432/database, with special " +
        "characters in it percent-encoded",
      { field: "connectionString" },
    );
  }
}
