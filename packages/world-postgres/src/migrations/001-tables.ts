/**
 * The tables. Times are milliseconds since the epoch. `{schema}` is replaced by the name of the namespace's schema.
 * Released with the package: never to be edited afterwards.
 */
export const TABLES: string = `
  CREATE SEQUENCE {schema}.facts;

  CREATE TABLE {schema}.code (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, hash text COLLATE "C" NOT NULL UNIQUE, source text NOT NULL,
    map text NOT NULL, stored_at float8 NOT NULL DEFAULT 0,
    collected boolean NOT NULL DEFAULT false, needed_from bigint NOT NULL DEFAULT 0);

  -- One row per join; a worker that was given up and joins again gets another. beats: grows with every renewal.
  -- hungry: it has places for steps of others. lock: the key of the session lock that its process holds while it lives; null where it could not take one.
  CREATE TABLE {schema}.workers (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, worker text COLLATE "C" NOT NULL, beats bigint NOT NULL DEFAULT 0,
    gone boolean NOT NULL DEFAULT false, lock bigint, hungry boolean NOT NULL DEFAULT true) WITH (fillfactor = 50);
  CREATE UNIQUE INDEX workers_present ON {schema}.workers (worker) WHERE NOT gone;

  -- Payloads are in events only. due_at: null when only facts can move the run, -1 when facts are unread.
  -- commit_key: of the last turn, so that a turn whose answer was lost can be said again. outcome: of a run that has
  -- ended, the data of the step_failed that those get who await it; null where they get a step_completed.
  CREATE TABLE {schema}.runs (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, run_id text COLLATE "C" NOT NULL UNIQUE,
    workflow_name text COLLATE "C" NOT NULL, code bigint NOT NULL, seed text NOT NULL, status text COLLATE "C" NOT NULL,
    created_at float8 NOT NULL, started_at float8, ended_at float8, updated_at float8,
    length integer NOT NULL, turn integer NOT NULL, generation integer NOT NULL DEFAULT 0, epoch integer NOT NULL,
    owner bigint, due_at float8, problem text, cancelling text, start_key text COLLATE "C", commit_key bigint,
    outcome text)
    WITH (fillfactor = 70);
  CREATE INDEX runs_due ON {schema}.runs (due_at) WHERE owner IS NULL AND due_at IS NOT NULL;
  CREATE INDEX runs_owned ON {schema}.runs (owner, due_at) WHERE owner IS NOT NULL;
  CREATE UNIQUE INDEX runs_by_key ON {schema}.runs (workflow_name, start_key) WHERE start_key IS NOT NULL;
  CREATE INDEX runs_by_name ON {schema}.runs (workflow_name, id);
  CREATE INDEX runs_by_status ON {schema}.runs (status, id);
  CREATE INDEX runs_ended ON {schema}.runs (ended_at, id) WHERE ended_at IS NOT NULL;

  CREATE TABLE {schema}.events (
    run bigint NOT NULL, position integer NOT NULL, type text COLLATE "C" NOT NULL, correlation_id text COLLATE "C",
    turn integer NOT NULL, at float8 NOT NULL, data text, payload text, PRIMARY KEY (run, position));

  CREATE TABLE {schema}.inbox (
    run bigint NOT NULL, id bigint NOT NULL, type text COLLATE "C" NOT NULL, correlation_id text COLLATE "C",
    at float8 NOT NULL, data text, payload text, PRIMARY KEY (run, id));

  -- Who has a token. state: 0 the run owns it and has not created the hook (hook_id is the id it will have, event the
  -- run's creation), 1 active, 2 its run has ended and nobody else gets it before retained_until. event: the position
  -- of the event that made the row; its payload is the metadata. settings: its data, where the hook is not a plain one.
  -- Tokens may be longer than an index takes; both hashes together are unique, and lookups compare the token as well.
  CREATE TABLE {schema}.hooks (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, token text COLLATE "C" NOT NULL, hook_id text COLLATE "C" NOT NULL,
    run bigint NOT NULL, event integer NOT NULL, state smallint NOT NULL DEFAULT 1, is_webhook boolean NOT NULL,
    is_system boolean NOT NULL DEFAULT false, created_at float8 NOT NULL, expires_at float8, retained_until float8,
    settings text);
  CREATE UNIQUE INDEX hooks_by_token ON {schema}.hooks (hashtextextended(token, 0), hashtextextended(token, 1));
  CREATE INDEX hooks_by_id ON {schema}.hooks (hook_id);
  CREATE INDEX hooks_by_run ON {schema}.hooks (run);
  CREATE INDEX hooks_retained ON {schema}.hooks (retained_until) WHERE state = 2;

  -- Idempotency keys of payloads. event: the position of what created the hook, or of the creation of the run that
  -- owned the token.
  CREATE TABLE {schema}.keys (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, token text COLLATE "C" NOT NULL, key text COLLATE "C" NOT NULL,
    run bigint NOT NULL, hook_id text COLLATE "C" NOT NULL, event integer NOT NULL, accepted_at float8 NOT NULL,
    looked_at float8 NOT NULL);
  CREATE INDEX keys_by_token ON {schema}.keys (hashtextextended(token, 0), key);
  CREATE INDEX keys_by_age ON {schema}.keys (looked_at);
  CREATE INDEX keys_by_run ON {schema}.keys (run);

  -- Payloads that came before the hook: until someone claims the token, or for the run that owns it (run is set, until
  -- is not). id: of the sequence facts.
  CREATE TABLE {schema}.held (
    id bigint PRIMARY KEY, token text COLLATE "C" NOT NULL, key text COLLATE "C", at float8 NOT NULL,
    accepted_at float8 NOT NULL, until float8, run bigint, size integer NOT NULL, data text, payload text);
  CREATE INDEX held_by_token ON {schema}.held (hashtextextended(token, 0), until);
  CREATE INDEX held_until ON {schema}.held (until) WHERE until IS NOT NULL;
  CREATE INDEX held_of_run ON {schema}.held (run) WHERE run IS NOT NULL;

  CREATE TABLE {schema}.answers (
    request_id text COLLATE "C" PRIMARY KEY, answer text NOT NULL, at float8 NOT NULL);
  CREATE INDEX answers_by_age ON {schema}.answers (at);

  -- Steps whose outcome is the end of another run (its id).
  CREATE TABLE {schema}.awaited (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, target text COLLATE "C" NOT NULL, run bigint NOT NULL,
    step_id text COLLATE "C" NOT NULL);
  CREATE INDEX awaited_by_target ON {schema}.awaited (target);
  CREATE INDEX awaited_by_run ON {schema}.awaited (run);

  -- Steps that any worker may run. data: what is offered, as JSON, without the input. taken_by: the row of the worker that
  -- has the step.
  CREATE TABLE {schema}.offers (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, run bigint NOT NULL, step_id text COLLATE "C" NOT NULL,
    step_name text COLLATE "C" NOT NULL, data text NOT NULL, input text, taken_by bigint) WITH (fillfactor = 70);
  CREATE INDEX offers_open ON {schema}.offers (id) WHERE taken_by IS NULL;
  CREATE INDEX offers_taken ON {schema}.offers (taken_by) WHERE taken_by IS NOT NULL;
  CREATE INDEX offers_by_run ON {schema}.offers (run);

  -- What histories say, for finding runs. Keys and values are JSON texts: a value may hold what no text of PostgreSQL can.
  CREATE TABLE {schema}.attributes (
    run bigint NOT NULL, key text COLLATE "C" NOT NULL, value text COLLATE "C" NOT NULL, PRIMARY KEY (run, key));
  CREATE INDEX attributes_by_value ON {schema}.attributes (key, value, run);

  -- length: chunks so far. fed_at: when it was appended to last, or said to be fed still, by the World's elapsed time.
  CREATE TABLE {schema}.streams (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, run bigint NOT NULL, name text COLLATE "C" NOT NULL,
    length bigint NOT NULL, closed boolean NOT NULL, fed_at float8 NOT NULL, UNIQUE (run, name)) WITH (fillfactor = 70);

  -- first: the index of the first chunk of the row. Chunks that were appended together are one row.
  CREATE TABLE {schema}.chunks (
    stream bigint NOT NULL, first bigint NOT NULL, packed bytea NOT NULL, sealed boolean NOT NULL,
    PRIMARY KEY (stream, first));
`;
