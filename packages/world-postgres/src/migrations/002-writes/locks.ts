/**
 * Locks beside rows: of tokens (who has one is decided under its lock), of the ends of runs, of keys of starts, and of
 * code. `patient` waits for them, in the order of their names; otherwise one that somebody else has makes it false.
 */
export const LOCKS: string = `
  CREATE FUNCTION {schema}.take_locks(names jsonb, patient boolean) RETURNS boolean LANGUAGE plpgsql AS $$
  DECLARE
    name text;
  BEGIN
    FOR name IN SELECT DISTINCT value FROM jsonb_array_elements_text(names) ORDER BY value LOOP
      IF patient THEN
        PERFORM pg_advisory_xact_lock(hashtextextended('{schema} ' || name, 0));
      ELSIF NOT pg_try_advisory_xact_lock(hashtextextended('{schema} ' || name, 0)) THEN
        RETURN false;
      END IF;
    END LOOP;
    RETURN true;
  END $$;

  -- Code is not collected while a run is created with it.
  CREATE FUNCTION {schema}.keep_code(patient boolean) RETURNS boolean LANGUAGE plpgsql AS $$
  BEGIN
    IF NOT patient THEN RETURN pg_try_advisory_xact_lock_shared(hashtextextended('{schema} code', 0)); END IF;
    PERFORM pg_advisory_xact_lock_shared(hashtextextended('{schema} code', 0));
    RETURN true;
  END $$;

  -- The rows of the runs that await a run: what ends it adds to their inboxes.
  CREATE FUNCTION {schema}.lock_awaiters(ended text, patient boolean) RETURNS boolean LANGUAGE plpgsql AS $$
  DECLARE
    waiting integer;
    locked integer;
  BEGIN
    SELECT count(DISTINCT a.run) INTO waiting FROM {schema}.awaited a WHERE a.target = ended;
    IF waiting = 0 THEN RETURN true; END IF;
    IF patient THEN
      PERFORM 1 FROM {schema}.runs r WHERE r.id IN (SELECT a.run FROM {schema}.awaited a WHERE a.target = ended)
        ORDER BY r.id FOR NO KEY UPDATE;
      RETURN true;
    END IF;
    SELECT count(*) INTO locked FROM (
      SELECT 1 FROM {schema}.runs r WHERE r.id IN (SELECT a.run FROM {schema}.awaited a WHERE a.target = ended)
        FOR NO KEY UPDATE SKIP LOCKED) found;
    RETURN locked = waiting;
  END $$;
`;
