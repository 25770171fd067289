/**
 * Facts for runs and payloads for tokens, each [n, answer] in the result. Of a fact: n, token or run (its id), order, type, c
 * (correlation id), at, d (data), y (payload), size, key, hold, now. Of one that its transaction depends on: worker, epoch,
 * and transaction, which it has to be in still. Of the outcome of an offered step: offer (its id) and worker (the row of who
 * must have it).
 */
export const DELIVER: string = `
  CREATE FUNCTION {schema}.deliver_to_run(r jsonb, patient boolean) RETURNS jsonb LANGUAGE plpgsql AS $$
  DECLARE
    run record;
  BEGIN
    IF r->>'transaction' <> txid_current()::text THEN RETURN '{"status": "left"}'; END IF;
    IF patient THEN
      PERFORM 1 FROM {schema}.runs u WHERE u.run_id = r->>'run' FOR NO KEY UPDATE;
    ELSE
      PERFORM 1 FROM {schema}.runs u WHERE u.run_id = r->>'run' FOR NO KEY UPDATE SKIP LOCKED;
    END IF;
    IF NOT FOUND THEN
      IF EXISTS (SELECT FROM {schema}.runs u WHERE u.run_id = r->>'run') THEN RETURN '{"status": "busy"}'; END IF;
      RETURN '{"status": "nobody"}';
    END IF;
    SELECT u.id, u.status, u.ended_at, {schema}.owner_of(u.owner) AS owner INTO run
    FROM {schema}.runs u WHERE u.run_id = r->>'run';
    IF run.ended_at IS NOT NULL THEN
      RETURN jsonb_build_object('status', 'ended', 'runStatus', run.status);
    END IF;
    IF r ? 'epoch' AND NOT EXISTS (
      SELECT FROM {schema}.runs u JOIN {schema}.workers w ON w.id = u.owner AND NOT w.gone
      WHERE u.id = run.id AND u.owner = (r->>'worker')::bigint AND u.epoch = (r->>'epoch')::integer) THEN
      RETURN '{"status": "lost"}';
    END IF;
    -- Nor does a step that has a result get another.
    IF r ? 'epoch' AND EXISTS (
      SELECT FROM {schema}.inbox i WHERE i.run = run.id AND i.correlation_id = r->>'c' AND i.type LIKE 'step\\_%') THEN
      RETURN '{"status": "lost"}';
    END IF;
    IF r ? 'offer' THEN
      DELETE FROM {schema}.offers o WHERE o.id = (r->>'offer')::bigint AND o.taken_by = (r->>'worker')::bigint;
      IF NOT FOUND THEN RETURN '{"status": "nobody"}'; END IF;
    END IF;
    IF r->>'type' = 'hook_received' AND NOT EXISTS (
      SELECT FROM {schema}.hooks h WHERE h.hook_id = r->>'c' AND h.run = run.id AND h.state = 1
        AND {schema}.takes(h.state, h.expires_at, (r->>'now')::float8)) THEN
      RETURN '{"status": "nobody"}';
    END IF;
    IF r->>'type' <> 'run_cancelled' OR NOT EXISTS (
      SELECT FROM {schema}.inbox i WHERE i.run = run.id AND i.type = 'run_cancelled') THEN
      PERFORM {schema}.post(run.id, r->>'type', r->>'c', (r->>'at')::float8, r->>'d', r->>'y');
    END IF;
    RETURN jsonb_build_object('status', 'delivered', 'runId', r->>'run', 'owner', run.owner);
  END $$;

  CREATE FUNCTION {schema}.deliver_facts(facts jsonb, patient boolean) RETURNS jsonb LANGUAGE plpgsql AS $$
  DECLARE
    r jsonb;
    answers jsonb := '[]';
    answer jsonb;
    busy jsonb := '{}';
  BEGIN
    FOR r IN SELECT value FROM jsonb_array_elements(facts) LOOP
      -- None overtakes one of its order that has to wait.
      IF busy ? (r->>'order') THEN
        answer := '{"status": "busy"}';
      ELSIF r->>'token' IS NULL THEN
        answer := {schema}.deliver_to_run(r, patient);
      ELSIF {schema}.take_locks(jsonb_build_array('token ' || (r->>'token')), patient) THEN
        answer := {schema}.resume_token(r, patient);
      ELSE
        answer := '{"status": "busy"}';
      END IF;
      IF answer->>'status' = 'busy' AND r->>'order' IS NOT NULL THEN busy := busy || jsonb_build_object(r->>'order', true); END IF;
      answers := answers || jsonb_build_array(jsonb_build_array(r->'n', answer));
    END LOOP;
    RETURN answers;
  END $$;
`;
