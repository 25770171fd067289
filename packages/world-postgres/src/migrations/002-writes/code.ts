/** Collecting code: as `local/create.ts` does, while no run is being created; not now, if that takes longer than a second. */
export const CODE: string = `
  CREATE FUNCTION {schema}.collect_code(stored_before float8) RETURNS integer LANGUAGE plpgsql AS $$
  DECLARE
    kept record;
    need bigint;
    removed integer := 0;
  BEGIN
    -- A transaction of a caller may take its time to create a run, and those that come after this would wait with it.
    BEGIN
      PERFORM set_config('lock_timeout', '1000', true);
      PERFORM pg_advisory_xact_lock(hashtextextended('{schema} code', 0));
    EXCEPTION WHEN lock_not_available THEN
      RETURN 0;
    END;
    FOR kept IN SELECT c.id, c.needed_from FROM {schema}.code c WHERE NOT c.collected AND c.stored_at < stored_before LOOP
      SELECT u.id INTO need FROM {schema}.runs u
      WHERE u.id >= kept.needed_from AND u.code = kept.id AND u.ended_at IS NULL ORDER BY u.id LIMIT 1;
      IF NOT FOUND THEN
        UPDATE {schema}.code c SET source = '', map = '', collected = true,
          needed_from = (SELECT coalesce(max(u.id), 0) FROM {schema}.runs u) WHERE c.id = kept.id;
        removed := removed + 1;
      ELSIF need <> kept.needed_from THEN
        UPDATE {schema}.code c SET needed_from = need WHERE c.id = kept.id;
      END IF;
    END LOOP;
    RETURN removed;
  END $$;
`;
