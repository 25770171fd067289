/**
 * New runs, each [n, answer] in the result. Of a run: n, run (its id), name, code (hash), seed, at, d, y, attrs, worker
 * (the row of who owns it from now on), key (of its start), order, now, and claim: token, hook, at, d, y, size, key.
 */
export const CREATE: string = `
  -- Why no run can be created, or null.
  CREATE FUNCTION {schema}.creation_fault(r jsonb) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
  BEGIN
    IF NOT EXISTS (SELECT FROM {schema}.code c WHERE c.hash = r->>'code' AND NOT c.collected) THEN
      RETURN '{"status": "no code"}';
    END IF;
    IF EXISTS (SELECT FROM {schema}.runs u WHERE u.run_id = r->>'run') THEN RETURN '{"status": "id taken"}'; END IF;
    RETURN NULL;
  END $$;

  CREATE FUNCTION {schema}.insert_runs(runs jsonb) RETURNS void LANGUAGE plpgsql AS $$
  BEGIN
    WITH r AS (
      SELECT * FROM jsonb_to_recordset(runs) AS r(
        n integer, run text, name text, code text, seed text, at float8, d text, y text, worker bigint, key text, attrs jsonb)),
    created AS (
      INSERT INTO {schema}.runs (run_id, workflow_name, code, seed, status, created_at, length, turn, epoch, owner, due_at,
        start_key)
      SELECT r.run, r.name, c.id, r.seed, 'pending', r.at, 1, 1, CASE WHEN r.worker IS NULL THEN 0 ELSE 1 END, r.worker, 0,
        r.key
      FROM r JOIN {schema}.code c ON c.hash = r.code ORDER BY r.n
      RETURNING id, run_id),
    begun AS (
      INSERT INTO {schema}.events (run, position, type, turn, at, data, payload)
      SELECT created.id, 1, 'run_created', 1, r.at, r.d, r.y FROM created JOIN r ON r.run = created.run_id)
    INSERT INTO {schema}.attributes (run, key, value)
    SELECT created.id, a.key, a.value FROM created JOIN r ON r.run = created.run_id, jsonb_each_text(r.attrs) a;
  END $$;

  -- The run owns the token until it ends, and what is held for it waits for the run's hook.
  CREATE FUNCTION {schema}.own_token(r jsonb) RETURNS void LANGUAGE plpgsql AS $$
  DECLARE
    claim jsonb := r->'claim';
    wanted text := claim->>'token';
    now_at float8 := (r->>'now')::float8;
    new_run bigint;
    repeated boolean;
    given record;
  BEGIN
    SELECT u.id INTO new_run FROM {schema}.runs u WHERE u.run_id = r->>'run';
    DELETE FROM {schema}.hooks h
    WHERE hashtextextended(h.token, 0) = hashtextextended(wanted, 0) AND h.token = wanted;
    INSERT INTO {schema}.hooks (token, hook_id, run, event, is_webhook, created_at, state)
    VALUES (wanted, claim->>'hook', new_run, 1, false, (r->>'at')::float8, 0);
    repeated := EXISTS (
      SELECT FROM {schema}.held h WHERE hashtextextended(h.token, 0) = hashtextextended(wanted, 0) AND h.token = wanted
        AND h.key = claim->>'key' AND h.until > now_at);
    FOR given IN
      UPDATE {schema}.held h SET run = new_run, until = NULL
      WHERE hashtextextended(h.token, 0) = hashtextextended(wanted, 0) AND h.token = wanted AND h.until > now_at
      RETURNING h.key, h.accepted_at
    LOOP
      IF given.key IS NOT NULL THEN
        PERFORM {schema}.remember_key(wanted, given.key, new_run, claim->>'hook', 1, given.accepted_at);
      END IF;
    END LOOP;
    IF repeated THEN RETURN; END IF;
    INSERT INTO {schema}.held (id, token, key, at, accepted_at, run, size, data, payload)
    VALUES (nextval('{schema}.facts'), wanted, claim->>'key', (claim->>'at')::float8, now_at, new_run,
      (claim->>'size')::integer, claim->>'d', claim->>'y');
    IF claim->>'key' IS NOT NULL THEN
      PERFORM {schema}.remember_key(wanted, claim->>'key', new_run, claim->>'hook', 1, now_at);
    END IF;
  END $$;

  -- What is instead of a run: one that was started with the key, or whoever has the token. Null: nothing is.
  CREATE FUNCTION {schema}.instead_of(r jsonb, patient boolean) RETURNS jsonb LANGUAGE plpgsql AS $$
  DECLARE
    claim jsonb := r->'claim';
    before text;
    delivery jsonb;
  BEGIN
    IF NOT {schema}.take_locks(
      CASE WHEN r->>'key' IS NULL THEN '[]' ELSE jsonb_build_array('start ' || (r->>'name') || ' ' || (r->>'key')) END
      || CASE WHEN r->'claim' IS NULL THEN '[]' ELSE jsonb_build_array('token ' || (claim->>'token')) END, patient) THEN
      RETURN '{"status": "busy"}';
    END IF;
    IF r->>'key' IS NOT NULL THEN
      SELECT u.run_id INTO before FROM {schema}.runs u
      WHERE u.workflow_name = r->>'name' AND u.start_key = r->>'key';
      IF FOUND THEN RETURN jsonb_build_object('status', 'exists', 'runId', before); END IF;
    END IF;
    IF claim IS NULL THEN RETURN NULL; END IF;
    delivery := {schema}.resume_token(claim || jsonb_build_object('now', r->'now'), patient);
    IF delivery->>'status' = 'busy' THEN RETURN delivery; END IF;
    -- A token that is retained cannot be had; otherwise nobody has it.
    IF delivery->>'status' IN ('delivered', 'duplicate') OR EXISTS (
      SELECT FROM {schema}.holder_of(claim->>'token', (r->>'now')::float8)) THEN
      RETURN jsonb_build_object('status', 'resumed', 'delivery', delivery);
    END IF;
    RETURN NULL;
  END $$;

  CREATE FUNCTION {schema}.create_runs(runs jsonb, patient boolean) RETURNS jsonb LANGUAGE plpgsql AS $$
  DECLARE
    r jsonb;
    answers jsonb := '[]';
    answer jsonb;
    new_runs jsonb := '[]';
    busy jsonb := '{}';
    free boolean := {schema}.keep_code(patient);
  BEGIN
    FOR r IN SELECT value FROM jsonb_array_elements(runs) LOOP
      -- None overtakes one of its order that has to wait.
      answer := CASE WHEN NOT free OR busy ? (r->>'order') THEN '{"status": "busy"}'::jsonb
        WHEN r->>'worker' IS NOT NULL AND NOT EXISTS (
          SELECT FROM {schema}.workers w WHERE w.id = (r->>'worker')::bigint AND NOT w.gone)
          THEN '{"status": "not joined"}'::jsonb
        WHEN r ? 'key' OR r ? 'claim' THEN {schema}.instead_of(r, patient) END;
      IF answer IS NULL THEN answer := {schema}.creation_fault(r); END IF;
      IF answer IS NULL THEN
        IF r ? 'key' OR r ? 'claim' THEN
          PERFORM {schema}.insert_runs(jsonb_build_array(r));
          IF r ? 'claim' THEN PERFORM {schema}.own_token(r); END IF;
        ELSE
          new_runs := new_runs || jsonb_build_array(r);
        END IF;
        answer := '{"status": "created"}';
      END IF;
      IF answer->>'status' = 'busy' AND r->>'order' IS NOT NULL THEN
        busy := busy || jsonb_build_object(r->>'order', true);
      END IF;
      answers := answers || jsonb_build_array(jsonb_build_array(r->'n', answer));
    END LOOP;
    IF new_runs <> '[]' THEN PERFORM {schema}.insert_runs(new_runs); END IF;
    RETURN answers;
  END $$;
`;
