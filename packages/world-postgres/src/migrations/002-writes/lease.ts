/** Who works on what. `bury`: workers that the caller found dead, each [row, beats]; one that has beaten since is not. */
export const LEASE: string = `
  CREATE FUNCTION {schema}.bury(self bigint, dead jsonb) RETURNS void LANGUAGE plpgsql AS $$
  BEGIN
    IF dead = '[]' THEN RETURN; END IF;
    UPDATE {schema}.workers w SET gone = true FROM jsonb_array_elements(dead) d
    WHERE w.id = (d.value->>0)::bigint AND w.beats = (d.value->>1)::bigint AND NOT w.gone AND w.id <> self;
  END $$;

  -- Gives back what the server says that a worker owns and the worker does not know of.
  CREATE FUNCTION {schema}.release_unknown(self bigint, known jsonb) RETURNS integer LANGUAGE plpgsql AS $$
  DECLARE
    released integer;
  BEGIN
    UPDATE {schema}.runs u SET owner = NULL
    WHERE u.owner = self AND u.run_id NOT IN (SELECT value FROM jsonb_array_elements_text(known));
    GET DIAGNOSTICS released = ROW_COUNT;
    RETURN released;
  END $$;

  -- [id of the run, epoch] of each lease; null when the worker has not joined.
  CREATE FUNCTION {schema}.lease_runs(self bigint, want integer, now_at float8, dead jsonb) RETURNS jsonb
  LANGUAGE plpgsql
  SET plan_cache_mode = force_generic_plan AS $$
  DECLARE
    own jsonb;
    taken jsonb;
    rest integer;
  BEGIN
    IF NOT EXISTS (SELECT FROM {schema}.workers w WHERE w.id = self AND NOT w.gone) THEN RETURN NULL; END IF;
    PERFORM {schema}.bury(self, dead);
    PERFORM {schema}.interrupt_taken(now_at);
    SELECT coalesce(jsonb_agg(jsonb_build_array(f.run_id, f.epoch)), '[]') INTO own FROM (
      SELECT u.run_id, u.epoch FROM {schema}.runs u WHERE u.owner = self AND u.due_at <= -1 LIMIT want) f;
    rest := want - jsonb_array_length(own);
    IF rest <= 0 THEN RETURN own; END IF;
    WITH of_nobody AS (
      SELECT u.id, u.due_at FROM {schema}.runs u WHERE u.owner IS NULL AND u.due_at <= now_at
      ORDER BY u.due_at LIMIT rest FOR NO KEY UPDATE SKIP LOCKED),
    of_dead AS (
      SELECT r.id, r.due_at FROM {schema}.workers w CROSS JOIN LATERAL (
        SELECT u.id, u.due_at FROM {schema}.runs u WHERE u.owner = w.id AND u.due_at <= now_at
        ORDER BY u.due_at LIMIT rest FOR NO KEY UPDATE SKIP LOCKED) r
      WHERE w.gone),
    chosen AS (
      SELECT * FROM (SELECT * FROM of_nobody UNION ALL SELECT * FROM of_dead) c ORDER BY c.due_at LIMIT rest),
    updated AS (
      UPDATE {schema}.runs u SET owner = self, epoch = u.epoch + 1 FROM chosen WHERE u.id = chosen.id
      RETURNING u.run_id, u.epoch, chosen.due_at)
    SELECT coalesce(jsonb_agg(jsonb_build_array(run_id, epoch) ORDER BY due_at), '[]') INTO taken FROM updated;
    IF EXISTS (SELECT FROM {schema}.workers w WHERE w.gone) THEN
      DELETE FROM {schema}.workers w WHERE w.gone AND NOT EXISTS (SELECT FROM {schema}.runs u WHERE u.owner = w.id)
        AND NOT EXISTS (SELECT FROM {schema}.offers o WHERE o.taken_by = w.id);
    END IF;
    RETURN own || taken;
  END $$;

  -- The epoch of the lease; 0 when the run is not to be had; null when the worker has not joined.
  CREATE FUNCTION {schema}.lease_run(self bigint, wanted text, dead jsonb) RETURNS integer LANGUAGE plpgsql AS $$
  DECLARE
    run record;
  BEGIN
    IF NOT EXISTS (SELECT FROM {schema}.workers w WHERE w.id = self AND NOT w.gone) THEN RETURN NULL; END IF;
    PERFORM {schema}.bury(self, dead);
    SELECT u.id, u.owner, u.ended_at, u.epoch INTO run FROM {schema}.runs u WHERE u.run_id = wanted FOR NO KEY UPDATE;
    IF NOT FOUND OR run.ended_at IS NOT NULL OR run.owner = self
      OR EXISTS (SELECT FROM {schema}.workers w WHERE w.id = run.owner AND NOT w.gone) THEN
      RETURN 0;
    END IF;
    UPDATE {schema}.runs u SET owner = self, epoch = u.epoch + 1 WHERE u.id = run.id;
    RETURN run.epoch + 1;
  END $$;

  -- Of a release: n, run, worker, epoch, due, problem, now. Each [n, answer]: whether the run is due, false for a stale
  -- lease, or "busy".
  CREATE FUNCTION {schema}.release_runs(releases jsonb, patient boolean) RETURNS jsonb LANGUAGE plpgsql AS $$
  DECLARE
    r record;
    answers jsonb := '[]';
    next_due float8;
    owned bigint;
  BEGIN
    FOR r IN
      SELECT * FROM jsonb_to_recordset(releases) AS r(
        n integer, run text, worker bigint, epoch integer, due float8, problem text, now float8)
    LOOP
      IF patient THEN
        PERFORM 1 FROM {schema}.runs u WHERE u.run_id = r.run FOR NO KEY UPDATE;
      ELSE
        PERFORM 1 FROM {schema}.runs u WHERE u.run_id = r.run FOR NO KEY UPDATE SKIP LOCKED;
        IF NOT FOUND AND EXISTS (SELECT FROM {schema}.runs u WHERE u.run_id = r.run) THEN
          answers := answers || jsonb_build_array(jsonb_build_array(r.n, 'busy'));
          CONTINUE;
        END IF;
      END IF;
      SELECT u.id INTO owned FROM {schema}.runs u JOIN {schema}.workers w ON w.id = u.owner AND NOT w.gone
      WHERE u.run_id = r.run AND u.epoch = r.epoch AND u.owner = r.worker;
      IF NOT FOUND THEN
        answers := answers || jsonb_build_array(jsonb_build_array(r.n, false));
        CONTINUE;
      END IF;
      -- A run that waits for an operator would be leased for ever by the facts it cannot take; it can be cancelled.
      next_due := CASE WHEN EXISTS (
        SELECT FROM {schema}.inbox i WHERE i.run = owned AND (r.problem IS NULL OR i.type = 'run_cancelled'))
        THEN -1 ELSE r.due END;
      UPDATE {schema}.runs u SET owner = NULL, due_at = next_due, problem = r.problem WHERE u.id = owned;
      answers := answers || jsonb_build_array(jsonb_build_array(r.n, coalesce(next_due <= r.now, false)));
    END LOOP;
    RETURN answers;
  END $$;
`;
