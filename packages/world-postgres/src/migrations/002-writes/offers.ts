/** Steps that any worker may run. */
export const OFFERS: string = `
  -- What accepted turns say of offers. A run withdraws what it has offered before it offers more.
  CREATE FUNCTION {schema}.offer_steps(turns jsonb, rows jsonb, ns integer[], ids bigint[]) RETURNS void
  LANGUAGE plpgsql AS $$
  BEGIN
    DELETE FROM {schema}.offers o
    USING unnest(ns, ids) AS a(n, id) JOIN jsonb_to_recordset(turns) AS x(n integer, withdraw boolean) ON x.n = a.n
    WHERE o.run = a.id AND x.withdraw;
    INSERT INTO {schema}.offers (run, step_id, step_name, data, input)
    SELECT a.id, e.s, e.name, e.d, e.y FROM unnest(ns, ids) AS a(n, id)
    JOIN jsonb_to_recordset(rows->'offers') AS e(n integer, i integer, s text, name text, d text, y text) ON e.n = a.n
    ORDER BY a.n, e.i;
  END $$;

  -- All offers that the worker has, those that it has taken now with what is offered.
  CREATE FUNCTION {schema}.take_steps(self bigint, names text[], want integer)
  RETURNS TABLE (id bigint, run_id text, data text, input text) LANGUAGE plpgsql AS $$
  DECLARE
    taken bigint[] := '{}';
  BEGIN
    IF want > 0 AND EXISTS (SELECT FROM {schema}.offers o WHERE o.taken_by IS NULL AND o.step_name = ANY (names)) THEN
      -- Who buries the worker meanwhile waits, and finds what it has taken.
      PERFORM 1 FROM {schema}.workers w WHERE w.id = self AND NOT w.gone FOR SHARE;
      IF FOUND THEN
        WITH chosen AS (
          SELECT o.id FROM {schema}.offers o WHERE o.taken_by IS NULL AND o.step_name = ANY (names)
          ORDER BY o.id LIMIT want FOR UPDATE SKIP LOCKED),
        updated AS (
          UPDATE {schema}.offers o SET taken_by = self FROM chosen c WHERE o.id = c.id RETURNING o.id)
        SELECT coalesce(array_agg(u.id), '{}') INTO taken FROM updated u;
      END IF;
    END IF;
    UPDATE {schema}.workers w SET hungry = want > cardinality(taken)
    WHERE w.id = self AND w.hungry <> (want > cardinality(taken));
    RETURN QUERY
    SELECT o.id, CASE WHEN o.id = ANY (taken) THEN u.run_id END, CASE WHEN o.id = ANY (taken) THEN o.data END,
      CASE WHEN o.id = ANY (taken) THEN o.input END
    FROM {schema}.offers o JOIN {schema}.runs u ON u.id = o.run WHERE o.taken_by = self ORDER BY o.id;
  END $$;

  -- The bodies of workers that are gone have died with them: their runs are told. What is in use is for the next look.
  CREATE FUNCTION {schema}.interrupt_taken(now_at float8) RETURNS void LANGUAGE plpgsql AS $$
  DECLARE
    ids bigint[];
    lost record;
  BEGIN
    IF NOT EXISTS (SELECT FROM {schema}.workers w WHERE w.gone) THEN RETURN; END IF;
    -- All rows are locked before the first is written: one that this transaction has written would be skipped.
    SELECT array_agg(l.id) INTO ids FROM (
      SELECT o.id FROM {schema}.workers w JOIN {schema}.offers o ON o.taken_by = w.id JOIN {schema}.runs u ON u.id = o.run
      WHERE w.gone FOR NO KEY UPDATE OF u SKIP LOCKED) l;
    FOR lost IN DELETE FROM {schema}.offers o WHERE o.id = ANY (ids) RETURNING o.run, o.step_id LOOP
      PERFORM {schema}.post(lost.run, 'step_retrying', lost.step_id, now_at, '{"retryAfter":0,"interrupted":true}', NULL);
    END LOOP;
  END $$;
`;
