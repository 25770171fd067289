/**
 * What a turn has to know, under the locks that it needs: the run's row, its history and inbox without payloads, who has
 * tokens, and what is held for them, each with the id of the fact that it may become.
 */
export const CONTEXT: string = `
  CREATE FUNCTION {schema}.turn_context(wanted text, names jsonb, tokens jsonb, now_at float8) RETURNS jsonb
  LANGUAGE plpgsql
  SET plan_cache_mode = force_generic_plan AS $$
  DECLARE
    run record;
  BEGIN
    PERFORM {schema}.take_locks(names, true);
    PERFORM 1 FROM {schema}.runs u WHERE u.run_id = wanted FOR NO KEY UPDATE;
    SELECT u.id, u.length, u.epoch, u.generation, u.commit_key, {schema}.owner_of(u.owner) AS worker, u.owner INTO run
    FROM {schema}.runs u WHERE u.run_id = wanted;
    IF run.id IS NULL THEN RETURN NULL; END IF;
    RETURN jsonb_build_object('length', run.length, 'epoch', run.epoch, 'generation', run.generation,
      'key', run.commit_key, 'owner', CASE WHEN run.worker IS NOT NULL THEN run.owner END,
      'history', (SELECT coalesce(jsonb_agg(jsonb_build_array(e.position, e.type, e.correlation_id, e.turn, e.at, e.data)
        ORDER BY e.position), '[]') FROM {schema}.events e WHERE e.run = run.id),
      'inbox', (SELECT coalesce(jsonb_agg(jsonb_build_array(i.id, i.type, i.correlation_id, i.at, i.data) ORDER BY i.id), '[]')
        FROM {schema}.inbox i WHERE i.run = run.id),
      'waiting', (SELECT coalesce(jsonb_agg(jsonb_build_array(h.id, h.token, h.key, h.at, h.accepted_at, h.data)
        ORDER BY h.id), '[]') FROM {schema}.held h WHERE h.run = run.id),
      'tokens', (SELECT coalesce(jsonb_agg(jsonb_build_array(t.value, u.run_id, h.hook_id, h.state, (
          SELECT coalesce(jsonb_agg(jsonb_build_array(w.id, w.token, w.key, w.at, w.accepted_at, w.data, nextval('{schema}.facts'))
            ORDER BY w.id), '[]')
          FROM {schema}.waiting_for(t.value #>> '{}', run.id, now_at) w))), '[]')
        FROM jsonb_array_elements(tokens) t
        LEFT JOIN LATERAL {schema}.holder_of(t.value #>> '{}', now_at) h ON true LEFT JOIN {schema}.runs u ON u.id = h.run));
  END $$;
`;
