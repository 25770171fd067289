/**
 * Who has a token, and giving payloads to whoever has it (invariants I5, I6). To be called under the lock of the token.
 * 604800000: how long a key is remembered, seven days. 1000 and 33554432: what is held for one token at most.
 */
export const TOKENS: string = `
  CREATE FUNCTION {schema}.takes(state smallint, expires_at float8, now_at float8) RETURNS boolean LANGUAGE sql IMMUTABLE AS
    $$ SELECT state = 0 OR (state = 1 AND (expires_at IS NULL OR expires_at > now_at)) $$;

  CREATE FUNCTION {schema}.owner_of(owner bigint) RETURNS text LANGUAGE plpgsql STABLE AS $$
  BEGIN
    RETURN (SELECT w.worker FROM {schema}.workers w WHERE w.id = owner AND NOT w.gone);
  END $$;

  -- Nobody else can have the token of such a row.
  CREATE FUNCTION {schema}.holder_of(wanted text, now_at float8) RETURNS SETOF {schema}.hooks LANGUAGE sql STABLE AS $$
    SELECT h.* FROM {schema}.hooks h
    WHERE hashtextextended(h.token, 0) = hashtextextended(wanted, 0) AND h.token = wanted
      AND ({schema}.takes(h.state, h.expires_at, now_at) OR (h.state = 2 AND h.retained_until > now_at))
  $$;

  -- What a hook of the run with the token would get.
  CREATE FUNCTION {schema}.waiting_for(wanted text, for_run bigint, now_at float8) RETURNS SETOF {schema}.held
  LANGUAGE sql STABLE AS $$
    SELECT h.* FROM {schema}.held h
    WHERE hashtextextended(h.token, 0) = hashtextextended(wanted, 0) AND h.token = wanted
      AND ((h.until IS NULL AND h.run = for_run) OR h.until > now_at)
    ORDER BY h.id
  $$;

  CREATE FUNCTION {schema}.remember_key(
    of_token text, new_key text, to_run bigint, to_hook text, made_by integer, accepted float8)
  RETURNS void LANGUAGE plpgsql AS $$
  BEGIN
    UPDATE {schema}.keys k SET run = to_run, hook_id = to_hook, event = made_by, accepted_at = accepted, looked_at = accepted
    WHERE hashtextextended(k.token, 0) = hashtextextended(of_token, 0) AND k.key = new_key AND k.token = of_token;
    IF NOT FOUND THEN
      INSERT INTO {schema}.keys (token, key, run, hook_id, event, accepted_at, looked_at)
      VALUES (of_token, new_key, to_run, to_hook, made_by, accepted, accepted);
    END IF;
  END $$;

  CREATE FUNCTION {schema}.post(
    to_run bigint, fact_type text, correlation text, at float8, data text, payload text)
  RETURNS void LANGUAGE plpgsql AS $$
  BEGIN
    INSERT INTO {schema}.inbox VALUES (to_run, nextval('{schema}.facts'), fact_type, correlation, at, data, payload);
    UPDATE {schema}.runs SET due_at = -1 WHERE id = to_run AND due_at IS DISTINCT FROM -1;
  END $$;

  CREATE FUNCTION {schema}.hold(r jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
  DECLARE
    wanted text := r->>'token';
    now_at float8 := (r->>'now')::float8;
    hold_until float8 := (r->>'hold')::float8;
    own integer := (r->>'size')::integer;
    before float8;
    total record;
  BEGIN
    SELECT h.until INTO before FROM {schema}.held h
    WHERE hashtextextended(h.token, 0) = hashtextextended(wanted, 0) AND h.token = wanted AND h.key = r->>'key'
      AND h.until > now_at;
    IF FOUND THEN RETURN jsonb_build_object('status', 'held', 'until', before, 'repeated', true); END IF;
    IF hold_until IS NULL OR hold_until <= now_at THEN RETURN '{"status": "nobody"}'; END IF;
    SELECT count(*) AS count, coalesce(sum(h.size), 0) AS size INTO total FROM {schema}.held h
    WHERE hashtextextended(h.token, 0) = hashtextextended(wanted, 0) AND h.token = wanted AND h.until > now_at;
    IF total.count >= 1000 OR total.size + own > 33554432 THEN RETURN '{"status": "full"}'; END IF;
    INSERT INTO {schema}.held (id, token, key, at, accepted_at, until, size, data, payload)
    VALUES (nextval('{schema}.facts'), wanted, r->>'key', (r->>'at')::float8, now_at, hold_until, own, r->>'d', r->>'y');
    RETURN jsonb_build_object('status', 'held', 'until', hold_until, 'repeated', false);
  END $$;

  CREATE FUNCTION {schema}.resume_token(r jsonb, patient boolean) RETURNS jsonb LANGUAGE plpgsql AS $$
  DECLARE
    wanted text := r->>'token';
    new_key text := r->>'key';
    now_at float8 := (r->>'now')::float8;
    known record;
    holder {schema}.hooks;
    run record;
  BEGIN
    IF new_key IS NOT NULL THEN
      SELECT u.run_id, u.created_at, k.hook_id, e.type, e.at, e.data, e.payload INTO known
      FROM {schema}.keys k JOIN {schema}.runs u ON u.id = k.run
      JOIN {schema}.events e ON e.run = k.run AND e.position = k.event
      WHERE hashtextextended(k.token, 0) = hashtextextended(wanted, 0) AND k.key = new_key AND k.token = wanted
        AND (k.accepted_at > now_at - 604800000 OR EXISTS (
          SELECT FROM {schema}.hooks h
          WHERE h.hook_id = k.hook_id AND h.run = k.run AND {schema}.takes(h.state, h.expires_at, now_at)));
      IF FOUND THEN
        -- A run that owned the token and has not created the hook says nothing about it.
        RETURN jsonb_build_object('status', 'duplicate', 'runId', known.run_id, 'hook', CASE
          WHEN known.type = 'hook_created'
          THEN jsonb_build_array(known.hook_id, false, known.at, known.payload, known.data)
          ELSE jsonb_build_array(known.hook_id, false, known.created_at, null, null) END);
      END IF;
    END IF;
    LOOP
      SELECT * INTO holder FROM {schema}.holder_of(wanted, now_at);
      IF NOT FOUND THEN RETURN {schema}.hold(r); END IF;
      IF holder.state = 2 THEN RETURN '{"status": "nobody"}'; END IF;
      IF patient THEN
        PERFORM 1 FROM {schema}.runs u WHERE u.id = holder.run FOR NO KEY UPDATE;
      ELSE
        PERFORM 1 FROM {schema}.runs u WHERE u.id = holder.run FOR NO KEY UPDATE SKIP LOCKED;
        IF NOT FOUND THEN RETURN '{"status": "busy"}'; END IF;
      END IF;
      -- Before the run was locked it may have given the hook up, and it may have made one of a token that it owned.
      EXIT WHEN EXISTS (SELECT FROM {schema}.hooks h WHERE h.id = holder.id AND h.state = holder.state);
    END LOOP;
    SELECT u.run_id, {schema}.owner_of(u.owner) AS owner,
      CASE WHEN holder.state <> 0 THEN (
        SELECT e.payload FROM {schema}.events e WHERE e.run = holder.run AND e.position = holder.event) END AS metadata
    INTO run FROM {schema}.runs u WHERE u.id = holder.run;
    IF holder.state = 0 THEN
      INSERT INTO {schema}.held (id, token, key, at, accepted_at, run, size, data, payload)
      VALUES (nextval('{schema}.facts'), wanted, new_key, (r->>'at')::float8, now_at, holder.run, (r->>'size')::integer,
        r->>'d', r->>'y');
    ELSE
      PERFORM {schema}.post(holder.run, 'hook_received', holder.hook_id, (r->>'at')::float8, r->>'d', r->>'y');
    END IF;
    IF new_key IS NOT NULL THEN
      PERFORM {schema}.remember_key(wanted, new_key, holder.run, holder.hook_id, holder.event, now_at);
    END IF;
    RETURN jsonb_build_object('status', 'delivered', 'runId', run.run_id, 'owner', run.owner, 'hook',
      jsonb_build_array(holder.hook_id, holder.is_webhook, holder.created_at, run.metadata, holder.settings));
  END $$;
`;
