/**
 * Removing what is over, a bounded part of it with each call. Released with the package: never to be edited afterwards.
 *
 * Rows that others have locked are left for later, so no call waits for a write; and only one transaction of all processes
 * removes at a time. The functions answer null where it is not this one.
 */
export const REMOVAL: string = `
  -- Runs that are deleted and of which events, streams or chunks are still there. Nothing leads to those any more.
  CREATE TABLE {schema}.remains (run bigint PRIMARY KEY);

  -- A fiftieth of a large table is much already: space is used again, and indexes stay as large as they are.
  ALTER TABLE {schema}.events SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.05);
  ALTER TABLE {schema}.runs SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.05);
  ALTER TABLE {schema}.inbox SET (autovacuum_vacuum_scale_factor = 0.02);
  ALTER TABLE {schema}.hooks SET (autovacuum_vacuum_scale_factor = 0.02);
  ALTER TABLE {schema}.keys SET (autovacuum_vacuum_scale_factor = 0.02);
  ALTER TABLE {schema}.held SET (autovacuum_vacuum_scale_factor = 0.02);
  ALTER TABLE {schema}.attributes SET (autovacuum_vacuum_scale_factor = 0.02);
  ALTER TABLE {schema}.chunks SET (autovacuum_vacuum_scale_factor = 0.02);

  CREATE FUNCTION {schema}.may_remove() RETURNS boolean LANGUAGE sql VOLATILE AS
    $$ SELECT pg_try_advisory_xact_lock(hashtextextended('{schema} remove', 0)) $$;

  -- What is kept for a time only, up to \`most\` rows of each kind: how many keys, held payloads, answers and hooks went,
  -- and whether there may be more.
  CREATE FUNCTION {schema}.forget(
    now_at float8, keys_before float8, held_before float8, answers_before float8, most integer) RETURNS jsonb
  LANGUAGE plpgsql AS $$
  DECLARE
    old_keys bigint[];
    of_active integer;
    keys integer;
    held integer;
    answers integer;
    hooks integer;
  BEGIN
    IF NOT {schema}.may_remove() THEN RETURN NULL; END IF;
    old_keys := ARRAY(
      SELECT k.id FROM {schema}.keys k WHERE k.looked_at <= keys_before ORDER BY k.looked_at LIMIT most
      FOR UPDATE SKIP LOCKED);
    -- Of a hook that is still there, the key is looked at again when as much time has passed as when it was new. Only
    -- now that nobody can make the keys lead elsewhere: a run that goes on as new gives its hooks other ids.
    UPDATE {schema}.keys k SET looked_at = now_at WHERE k.id = ANY (old_keys) AND EXISTS (
      SELECT FROM {schema}.hooks h
      WHERE h.hook_id = k.hook_id AND h.run = k.run AND {schema}.takes(h.state, h.expires_at, now_at));
    GET DIAGNOSTICS of_active = ROW_COUNT;
    DELETE FROM {schema}.keys k WHERE k.id = ANY (old_keys) AND k.looked_at <= keys_before;
    GET DIAGNOSTICS keys = ROW_COUNT;
    DELETE FROM {schema}.held h WHERE h.id = ANY (ARRAY(
      SELECT o.id FROM {schema}.held o WHERE o.until <= held_before ORDER BY o.until LIMIT most FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS held = ROW_COUNT;
    DELETE FROM {schema}.answers a WHERE a.request_id = ANY (ARRAY(
      SELECT o.request_id FROM {schema}.answers o WHERE o.at <= answers_before ORDER BY o.at LIMIT most
      FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS answers = ROW_COUNT;
    DELETE FROM {schema}.hooks h WHERE h.id = ANY (ARRAY(
      SELECT o.id FROM {schema}.hooks o WHERE o.state = 2 AND o.retained_until <= now_at ORDER BY o.retained_until
      LIMIT most FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS hooks = ROW_COUNT;
    RETURN jsonb_build_object('keys', keys, 'held', held, 'answers', answers, 'hooks', hooks,
      'more', greatest(of_active + keys, held, answers, hooks) >= most);
  END $$;

  -- Deletes runs that ended before a time, of the \`most\` that follow a place in the order of their ends. One of which
  -- something is still promised stays: that a payload is not accepted twice, or that nobody else gets its token.
  -- Their events and streams are removed by clear_remains. Says how many, and the place to go on from.
  CREATE FUNCTION {schema}.delete_runs(
    ended_before float8, after_end float8, after_id bigint, now_at float8, keys_before float8, most integer) RETURNS jsonb
  LANGUAGE plpgsql AS $$
  DECLARE
    found bigint[];
    ids bigint[];
    last_end float8;
  BEGIN
    IF NOT {schema}.may_remove() THEN RETURN NULL; END IF;
    found := ARRAY(
      SELECT u.id FROM {schema}.runs u
      WHERE u.ended_at <= ended_before AND (u.ended_at, u.id) > (after_end, after_id)
      ORDER BY u.ended_at, u.id LIMIT most FOR UPDATE SKIP LOCKED);
    IF cardinality(found) = 0 THEN RETURN '{"runs": 0, "more": false}'; END IF;
    SELECT u.ended_at INTO last_end FROM {schema}.runs u WHERE u.id = found[cardinality(found)];
    ids := ARRAY(
      SELECT f.id FROM unnest(found) AS f(id)
      WHERE NOT EXISTS (SELECT FROM {schema}.keys k WHERE k.run = f.id AND k.accepted_at > keys_before)
        AND NOT EXISTS (SELECT FROM {schema}.hooks h WHERE h.run = f.id AND h.retained_until > now_at));
    INSERT INTO {schema}.remains SELECT unnest(ids);
    DELETE FROM {schema}.attributes a WHERE a.run = ANY (ids);
    DELETE FROM {schema}.hooks h WHERE h.run = ANY (ids);
    DELETE FROM {schema}.keys k WHERE k.run = ANY (ids);
    DELETE FROM {schema}.held h WHERE h.run = ANY (ids);
    DELETE FROM {schema}.awaited w WHERE w.run = ANY (ids);
    DELETE FROM {schema}.inbox i WHERE i.run = ANY (ids);
    DELETE FROM {schema}.runs u WHERE u.id = ANY (ids);
    RETURN jsonb_build_object('runs', cardinality(ids), 'more', cardinality(found) >= most,
      'end', last_end, 'id', found[cardinality(found)]);
  END $$;

  -- Removes up to \`most\` events and chunks of runs that are deleted. Says how many, and whether there may be more.
  CREATE FUNCTION {schema}.clear_remains(most integer) RETURNS jsonb LANGUAGE plpgsql AS $$
  DECLARE
    ids bigint[];
    events integer;
    chunks integer := 0;
  BEGIN
    IF NOT {schema}.may_remove() THEN RETURN NULL; END IF;
    ids := ARRAY(SELECT r.run FROM {schema}.remains r ORDER BY r.run LIMIT 100);
    IF cardinality(ids) = 0 THEN RETURN '{"rows": 0, "more": false}'; END IF;
    -- Where a row is by its place, because nobody else moves it.
    DELETE FROM {schema}.events e WHERE e.ctid = ANY (ARRAY(
      SELECT o.ctid FROM {schema}.events o WHERE o.run = ANY (ids) LIMIT most));
    GET DIAGNOSTICS events = ROW_COUNT;
    IF events < most THEN
      -- An append that began before its run was deleted comes first; one that begins now finds no run.
      PERFORM 1 FROM {schema}.streams s WHERE s.run = ANY (ids) FOR UPDATE;
      DELETE FROM {schema}.chunks c WHERE c.ctid = ANY (ARRAY(
        SELECT o.ctid FROM {schema}.streams s JOIN {schema}.chunks o ON o.stream = s.id WHERE s.run = ANY (ids)
        LIMIT most - events));
      GET DIAGNOSTICS chunks = ROW_COUNT;
    END IF;
    IF events + chunks < most THEN
      DELETE FROM {schema}.streams s WHERE s.run = ANY (ids);
      DELETE FROM {schema}.remains r WHERE r.run = ANY (ids);
    END IF;
    RETURN jsonb_build_object('rows', events + chunks, 'more', events + chunks >= most OR cardinality(ids) >= 100);
  END $$;

  -- Whatever the server knows about the sizes of tables and lists, old or wrong, rows are found by indexes: it takes any
  -- list for one of 100, and would rather read a table of some thousand rows as a whole than look 100 of them up. Nor is
  -- anything compiled, which it would do, for seconds, where it takes what waits for much. So it is for what these call.
  CREATE INDEX workers_gone ON {schema}.workers (id) WHERE gone;
  DO $do$
  DECLARE
    entry regprocedure;
    setting text;
  BEGIN
    FOR entry IN
      SELECT p.oid FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
      WHERE n.oid = '{schema}'::regnamespace AND p.proname IN ('apply', 'turn_context', 'lease_runs', 'lease_run', 'bury',
        'append_chunks', 'collect_code', 'forget', 'delete_runs', 'clear_remains', 'take_steps', 'release_unknown',
        'apply_within')
    LOOP
      FOREACH setting IN ARRAY '{enable_seqscan, enable_hashjoin, enable_mergejoin, jit}'::text[] LOOP
        EXECUTE format('ALTER FUNCTION %s SET %s = off', entry, setting);
      END LOOP;
    END LOOP;
  END $do$;
`;
