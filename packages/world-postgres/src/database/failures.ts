import { DatabaseError } from "pg";
import { WorkflowWorldError } from "workflow/world";

/** What is to be done about a statement that failed. */
export type Reaction =
  /** Nothing was written, and the same may work now. */
  | "repeat"
  /** A pooler gave the statement a connection that does not know it by its name. It did not run. */
  | "unnamed"
  | "fail";

/** SQLSTATEs, as the server names them (PostgreSQL's appendix A). */
export const STATE = {
  serializationFailure: "40001",
  deadlock: "40P01",
  failedTransaction: "25P02",
  unknownStatement: "26000",
  duplicateStatement: "42P05",
  protocolViolation: "08P01",
  wrongPassword: "28P01",
  wrongAuthorization: "28000",
  noDatabase: "3D000",
  noSchema: "3F000",
  noTable: "42P01",
  noColumn: "42703",
  noFunction: "42883",
  noPermission: "42501",
  readOnly: "25006",
  diskFull: "53100",
  outOfMemory: "53200",
  tooManyConnections: "53300",
  cancelled: "57014",
  lockTimeout: "55P03",
  shutdown: "57P01",
  crash: "57P02",
  notYet: "57P03",
} as const;

/** What a server says that does not have all of the schema. */
export const SCHEMA_IS_MISSING: ReadonlySet<string> = new Set([
  STATE.noSchema,
  STATE.noTable,
  STATE.noColumn,
  STATE.noFunction,
]);

/** What a server says, and what a machine says about a server, that is about to be back. */
const SOON_BACK: ReadonlySet<string> = new Set([
  STATE.shutdown,
  STATE.crash,
  STATE.notYet,
  STATE.tooManyConnections,
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ENOENT",
  "EAI_AGAIN",
]);

/** The SQLSTATE or the system's code of a failure of the driver, also where it has been explained already. */
export function codeOf(error: unknown): string | undefined {
  if (error instanceof WorkflowWorldError) return error.cause === undefined ? undefined : codeOf(error.cause);
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** Whether connecting failed for a reason that passes: a server that starts, say. Nothing was sent to it. */
export function passes(error: unknown): boolean {
  const code = codeOf(error);
  if (code !== undefined) return SOON_BACK.has(code);
  return error instanceof Error && error.message.startsWith("Connection terminated");
}

/** Whether a pooler refused to take settings along when connecting: it does not know the ones it is asked for. */
export function refusesSettings(error: unknown): boolean {
  return codeOf(error) === STATE.protocolViolation && /startup/i.test(saidBy(error));
}

/** Whether the connection is as good as before: the server refused one statement, and said so. */
export function leavesConnection(error: unknown): boolean {
  return error instanceof DatabaseError && error.severity === "ERROR";
}

export function reactionTo(error: unknown): Reaction {
  switch (codeOf(error)) {
    case STATE.serializationFailure:
    case STATE.deadlock:
      return "repeat";
    case STATE.unknownStatement:
    case STATE.duplicateStatement:
      return "unnamed";
    default:
      return "fail";
  }
}

/** What went wrong at `place`, and what to do about it. Errors that explain themselves stay as they are. */
export function worldFailure(error: unknown, place: string): WorkflowWorldError {
  if (error instanceof WorkflowWorldError) return error;
  return new WorkflowWorldError("WORLD_FAILED", `${place} ${advice(error)}: ${saidBy(error)}`, { cause: error });
}

/** Connecting to several addresses of a name fails with an error that has no message but those of its parts. */
function saidBy(error: unknown): string {
  if (error instanceof AggregateError && error.message === "") return error.errors.map(saidBy).join(", ");
  return error instanceof Error ? error.message : String(error);
}

function advice(error: unknown): string {
  const code = codeOf(error);
  switch (code) {
    case STATE.serializationFailure:
    case STATE.deadlock:
      return "gave this up again and again in favour of others; nothing was written";
    case STATE.wrongPassword:
    case STATE.wrongAuthorization:
      return "does not let this user in. Check user, password and sslmode of the connection string";
    case STATE.noDatabase:
      return "does not have this database. Create it, or correct the connection string";
    case STATE.noSchema:
    case STATE.noTable:
    case STATE.noColumn:
    case STATE.noFunction:
      return "lacks something of this version's schema. Run npx workflow migrate, as a role that may";
    case STATE.noPermission:
      return "does not allow this role to do so. Run npx workflow migrate as the owner, and grant what docs/postgres.md lists";
    case STATE.readOnly:
      return "only reads: it is a standby, or set so. Connect to the primary; nothing was written";
    case STATE.diskFull:
      return "could not grow: its disk is full. Free some space; nothing of this operation was written";
    case STATE.outOfMemory:
      return "has run out of memory; nothing of this operation was written";
    case STATE.tooManyConnections:
      return "has no connection left. Lower maxConnections, raise the server's max_connections, or put a pooler between";
    case STATE.failedTransaction:
      return "has given the transaction up: a statement within had failed. Nothing of it was written";
    case STATE.cancelled:
      return "took too long for a statement, which was given up; nothing of it was written. Look for what keeps the server busy";
    case STATE.lockTimeout:
      return "has been locked by others for too long; nothing was written. Look for a session that holds a transaction open";
    case STATE.shutdown:
    case STATE.crash:
      return "went away while a statement was under way, which may or may not have been applied";
    case STATE.notYet:
      return "is starting or stopping. Try again when it is there";
    case "ECONNREFUSED":
    case "ENOENT":
      return "cannot be reached: nobody listens there. Check that the server runs, and host and port of the connection string";
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return "cannot be reached: the name of the host is not known. Check the connection string";
    default:
      return error instanceof DatabaseError ? "refused a statement" : connectionAdvice(error);
  }
}

/** Failures of the connection itself have no codes to go by. */
function connectionAdvice(error: unknown): string {
  const said = saidBy(error);
  if (said.includes("read timeout")) return "did not answer in time; the statement may or may not have been applied";
  if (said.includes("timeout")) return "could not be connected to in time. Check host, port and firewalls";
  if (said.includes("SSL")) return "does not agree about TLS. Check sslmode of the connection string";
  return "could not be used, or the connection was lost; a statement under way may or may not have been applied";
}
