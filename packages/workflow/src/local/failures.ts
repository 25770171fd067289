import { WorkflowWorldError } from "../world/errors.ts";

/** Result codes of SQLite (the low byte of an error's `errcode`). */
const BUSY = 5;
const READONLY = 8;
const IOERR = 10;
const CORRUPT = 11;
const FULL = 13;
const CANTOPEN = 14;
const NOTADB = 26;

/** The primary SQLite result code that `error` carries or amounts to, or undefined when it is not about the data. */
export function sqliteCode(error: unknown): number | undefined {
  // Whatever was stored parses: damage within a text is all that SQLite cannot see.
  if (error instanceof SyntaxError) return CORRUPT;
  if (typeof error !== "object" || error === null || !("errcode" in error)) return undefined;
  return typeof error.errcode === "number" ? error.errcode & 0xff : undefined;
}

export function isBusy(error: unknown): boolean {
  return sqliteCode(error) === BUSY;
}

/** What went wrong with the data file at `path`, and what to do about it. */
export function explainFailure(error: unknown, path: string): string {
  const said = error instanceof Error ? error.message : String(error);
  return `The workflow data in ${path} ${advice(sqliteCode(error))}: ${said}`;
}

function advice(code: number | undefined): string {
  switch (code) {
    case BUSY:
      return "is locked by another process for too long. Look for a process that holds a transaction open on it";
    case READONLY:
      return "cannot be written. Give this process write access to the file and its directory, or set WORKFLOW_LOCAL_DATA_DIR";
    case IOERR:
      return "could not be read or written by the operating system. Check that its disk has space left, works, and is a local one";
    case CORRUPT:
      return "is damaged. Move the file aside and restore a backup";
    case FULL:
      return "could not grow: the disk is full. Free some space; nothing of this operation was written";
    case CANTOPEN:
      return "could not be opened. Check that the directory is writable, or set WORKFLOW_LOCAL_DATA_DIR";
    case NOTADB:
      return "is not a database. Move the file aside, or set WORKFLOW_LOCAL_DATA_DIR to another directory";
    default:
      return "could not be used";
  }
}

export function worldFailure(error: unknown, path: string): WorkflowWorldError {
  return new WorkflowWorldError("WORLD_FAILED", explainFailure(error, path), { cause: error });
}
