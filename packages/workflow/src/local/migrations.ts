import type { DatabaseSync } from "node:sqlite";
import { WorkflowWorldError } from "../world/errors.ts";
import { BLOBS, EVENTS_COUNTED } from "./blob-tables.ts";
import { transaction } from "./transaction.ts";

const STREAMS = `
  -- length: chunks so far. fed_at: when it was appended to last, or said to be fed still, by the clock that nobody sets.
  CREATE TABLE streams (
    id INTEGER PRIMARY KEY, run INTEGER NOT NULL, name TEXT NOT NULL, length INTEGER NOT NULL, closed INTEGER NOT NULL,
    fed_at REAL NOT NULL, UNIQUE (run, name)) STRICT;

  -- id: stream << 32 | index of the first chunk. Chunks that were appended together are one row.
  CREATE TABLE chunks (id INTEGER PRIMARY KEY, packed BLOB NOT NULL, sealed INTEGER NOT NULL) STRICT;
`;

const GENERATIONS = `
  -- How often the run has continued as new, each time with a history of its own.
  ALTER TABLE runs ADD COLUMN generation INTEGER NOT NULL DEFAULT 0;

  -- That its code may clean up, and until when; of a run that has ended it means nothing.
  ALTER TABLE runs ADD COLUMN cancelling TEXT;

  -- Steps whose outcome is the end of another run (its id).
  CREATE TABLE awaited (
    id INTEGER PRIMARY KEY, target TEXT NOT NULL, run INTEGER NOT NULL, step_id TEXT NOT NULL) STRICT;
  CREATE INDEX awaited_by_target ON awaited (target);
  CREATE INDEX awaited_by_run ON awaited (run);
  `;

const ATTRIBUTES = `
  -- What histories say, for finding runs.
  CREATE TABLE attributes (
    run INTEGER NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (run, key)) STRICT, WITHOUT ROWID;
  CREATE INDEX attributes_by_value ON attributes (key, value, run);
  INSERT INTO attributes SELECT r.id, a.key, a.value FROM runs r
    JOIN events e ON e.id = (r.id << 24) + 1 JOIN json_each(e.data, '$.attributes') a;

  -- Of the last event that changed the run itself; null: not since its creation, or by a version that did not note it.
  ALTER TABLE runs ADD COLUMN updated_at REAL;
`;

/**
 * Each entry takes a file from the version of its index to the next. Forward only: an entry that was released
 * is never edited. Times are milliseconds since the epoch, REAL because callers may have fractions; whole numbers
 * take no more room for it.
 */
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  INSERT INTO meta VALUES ('last_fact', 0);

  CREATE TABLE code (
    id INTEGER PRIMARY KEY, hash TEXT NOT NULL UNIQUE, source TEXT NOT NULL, map TEXT NOT NULL) STRICT;

  -- One row per join; a worker that was given up and joins again gets another. A row stays as long as a run
  -- names it, so that giving up a worker is one write however many runs it had.
  CREATE TABLE workers (
    id INTEGER PRIMARY KEY AUTOINCREMENT, worker TEXT NOT NULL, renewed_at REAL NOT NULL,
    gone INTEGER NOT NULL DEFAULT 0) STRICT;
  CREATE UNIQUE INDEX workers_present ON workers (worker) WHERE gone = 0;

  -- Payloads are in events only. due_at: null when only facts can move the run, -1 when facts are unread.
  CREATE TABLE runs (
    id INTEGER PRIMARY KEY, run_id TEXT NOT NULL UNIQUE, workflow_name TEXT NOT NULL, code INTEGER NOT NULL,
    seed TEXT NOT NULL, status TEXT NOT NULL, created_at REAL NOT NULL, started_at REAL, ended_at REAL,
    length INTEGER NOT NULL, turn INTEGER NOT NULL, epoch INTEGER NOT NULL, owner INTEGER, due_at REAL,
    problem TEXT) STRICT;
  CREATE INDEX runs_due ON runs (due_at) WHERE owner IS NULL AND due_at IS NOT NULL;
  CREATE INDEX runs_owned ON runs (owner, due_at) WHERE owner IS NOT NULL;

  -- id: run << 24 | position.
  CREATE TABLE events (
    id INTEGER PRIMARY KEY, type TEXT NOT NULL, correlation_id TEXT, turn INTEGER NOT NULL, at REAL NOT NULL,
    data TEXT, payload TEXT) STRICT;

  CREATE TABLE inbox (
    run INTEGER NOT NULL, id INTEGER NOT NULL, type TEXT NOT NULL, correlation_id TEXT,
    at REAL NOT NULL, data TEXT, payload TEXT,
    PRIMARY KEY (run, id)) STRICT, WITHOUT ROWID;

  -- Active hooks. The metadata is the payload of the event.
  CREATE TABLE hooks (
    id INTEGER PRIMARY KEY, token TEXT NOT NULL UNIQUE, hook_id TEXT NOT NULL, run INTEGER NOT NULL,
    event INTEGER NOT NULL, is_webhook INTEGER NOT NULL, created_at REAL NOT NULL) STRICT;
  CREATE INDEX hooks_by_id ON hooks (hook_id);
  CREATE INDEX hooks_by_run ON hooks (run);
  `,
  `
  -- Of code that was collected the row stays, for its hash, with nothing in it.
  ALTER TABLE code ADD COLUMN collected INTEGER NOT NULL DEFAULT 0;

  -- No run before this one needs the code: where to go on looking, so that no index has to know.
  ALTER TABLE code ADD COLUMN needed_from INTEGER NOT NULL DEFAULT 0;

  -- Renewals go by a clock that nobody sets; what was noted by the time of day means nothing to it.
  UPDATE workers SET gone = 1;
  `,
  `
  -- state: 0 the run owns the token and has not created the hook (hook_id is the id it will have, event the run's
  -- creation), 1 active, 2 its run has ended and nobody else gets the token before retained_until.
  ALTER TABLE hooks ADD COLUMN state INTEGER NOT NULL DEFAULT 1;
  ALTER TABLE hooks ADD COLUMN expires_at REAL;
  ALTER TABLE hooks ADD COLUMN retained_until REAL;
  CREATE INDEX hooks_retained ON hooks (retained_until) WHERE state = 2;

  -- Idempotency keys of payloads. event: what created the hook, or the run that owned the token.
  CREATE TABLE keys (
    token TEXT NOT NULL, key TEXT NOT NULL, run INTEGER NOT NULL, hook_id TEXT NOT NULL, event INTEGER NOT NULL,
    accepted_at REAL NOT NULL, looked_at REAL NOT NULL, PRIMARY KEY (token, key)) STRICT, WITHOUT ROWID;
  CREATE INDEX keys_by_age ON keys (looked_at);

  -- Payloads that came before the hook: until someone claims the token, or for the run that owns it.
  CREATE TABLE held (
    id INTEGER PRIMARY KEY, token TEXT NOT NULL, key TEXT, at REAL NOT NULL, accepted_at REAL NOT NULL, until REAL,
    run INTEGER, size INTEGER NOT NULL, data TEXT, payload TEXT) STRICT;
  CREATE INDEX held_by_token ON held (token, until);
  CREATE INDEX held_until ON held (until) WHERE until IS NOT NULL;
  CREATE INDEX held_of_run ON held (run) WHERE run IS NOT NULL;

  CREATE TABLE answers (request_id TEXT PRIMARY KEY, answer TEXT NOT NULL, at REAL NOT NULL) STRICT, WITHOUT ROWID;
  CREATE INDEX answers_by_age ON answers (at);

  ALTER TABLE runs ADD COLUMN start_key TEXT;
  CREATE UNIQUE INDEX runs_by_key ON runs (workflow_name, start_key) WHERE start_key IS NOT NULL;
  `,
  STREAMS + GENERATIONS + ATTRIBUTES + BLOBS,
  EVENTS_COUNTED,
  `
  -- When somebody stored it last: its first run may be about to come.
  ALTER TABLE code ADD COLUMN stored_at REAL NOT NULL DEFAULT 0;
  `,
];

/** Brings the file up to date. Of several processes that start at once, one does the work. */
export function migrate(db: DatabaseSync, path: string): void {
  if (versionOf(db) === MIGRATIONS.length) return;
  transaction(db, () => {
    const version = versionOf(db);
    if (version > MIGRATIONS.length) {
      throw new WorkflowWorldError(
        "WORLD_FAILED",
        `The workflow data in ${path} was written by a newer version of the package (data version ${version}, ` +
          `this one knows ${MIGRATIONS.length}). Update the package, or set WORKFLOW_LOCAL_DATA_DIR to another directory`,
      );
    }
    for (const step of MIGRATIONS.slice(version)) db.exec(step);
    db.exec(`PRAGMA user_version = ${MIGRATIONS.length}`);
  });
}

/**
 * Says why nothing may be written any more, where that is so: a newer version of the package may have changed the file
 * under a process that has it open, and what the file means with it. To be asked within each transaction.
 */
export function prepareVersionCheck(db: DatabaseSync, path: string): () => string | undefined {
  const find = db.prepare("PRAGMA user_version");
  return () => {
    const version = Number(find.get()?.["user_version"]);
    if (version === MIGRATIONS.length) return undefined;
    return (
      `The workflow data in ${path} was changed by another version of the package while this process runs (data ` +
      `version ${version}, this one knows ${MIGRATIONS.length}). Nothing was written. Restart this process with that version`
    );
  };
}

function versionOf(db: DatabaseSync): number {
  const row = db.prepare("PRAGMA user_version").get();
  return Number(row?.["user_version"]);
}
