/**
 * A run goes on as new: its history is replaced by the beginning of the next generation, and what came for its hooks is
 * kept (as `local/continue.ts` does). Of a continuation: code (hash), at, d, y (of the new `run_created`), created (when
 * the run was first created), hooks ([token, hook id]), untaken (positions). Says whether facts wait.
 */
export const CONTINUE: string = `
  CREATE FUNCTION {schema}.continue_run(of_run bigint, c jsonb, now_at float8) RETURNS boolean LANGUAGE plpgsql AS $$
  DECLARE
    unread boolean;
    hook jsonb;
  BEGIN
    -- What was received and not taken waits for the next hook with the token, and so does what is in the inbox.
    INSERT INTO {schema}.held (id, token, key, at, accepted_at, run, size, data, payload)
    SELECT nextval('{schema}.facts'), f.token, f.key, f.at, now_at, of_run, length(coalesce(f.payload, '')), f.data, f.payload
    FROM (
      SELECT h.token, e.data::json->>'idempotencyKey' AS key, e.at, e.data, e.payload
      FROM jsonb_array_elements_text(c->'untaken') u
      JOIN {schema}.events e ON e.run = of_run AND e.position = u.value::integer
      JOIN {schema}.hooks h ON h.hook_id = e.correlation_id AND h.run = of_run
      WHERE h.state = 1 AND {schema}.takes(h.state, h.expires_at, now_at) ORDER BY e.position) f;
    INSERT INTO {schema}.held (id, token, key, at, accepted_at, run, size, data, payload)
    SELECT nextval('{schema}.facts'), f.token, f.key, f.at, now_at, of_run, length(coalesce(f.payload, '')), f.data, f.payload
    FROM (
      SELECT h.token, i.data::json->>'idempotencyKey' AS key, i.at, i.data, i.payload
      FROM {schema}.inbox i JOIN {schema}.hooks h ON h.hook_id = i.correlation_id AND h.run = of_run
      WHERE i.run = of_run AND i.type = 'hook_received' AND h.state = 1
        AND {schema}.takes(h.state, h.expires_at, now_at) ORDER BY i.id) f;
    -- What was said to the run as a whole is for whichever generation reads it.
    DELETE FROM {schema}.inbox i WHERE i.run = of_run AND i.type NOT IN ('run_cancelled', 'attr_set');
    -- The event that told more about the hook is gone.
    UPDATE {schema}.keys k SET event = 1 WHERE k.run = of_run;
    FOR hook IN SELECT value FROM jsonb_array_elements(c->'hooks') LOOP
      UPDATE {schema}.hooks h SET state = 0, hook_id = hook->>1, event = 1, is_webhook = false, is_system = false,
        created_at = (c->>'created')::float8, expires_at = NULL, retained_until = NULL, settings = NULL
      WHERE hashtextextended(h.token, 0) = hashtextextended(hook->>0, 0) AND h.token = hook->>0 AND h.run = of_run
        AND h.state = 1 AND {schema}.takes(h.state, h.expires_at, now_at);
      IF FOUND THEN
        UPDATE {schema}.keys k SET hook_id = hook->>1
        WHERE hashtextextended(k.token, 0) = hashtextextended(hook->>0, 0) AND k.token = hook->>0 AND k.run = of_run;
      END IF;
    END LOOP;
    DELETE FROM {schema}.hooks h WHERE h.run = of_run AND h.state = 1;
    DELETE FROM {schema}.events e WHERE e.run = of_run;
    INSERT INTO {schema}.events (run, position, type, turn, at, data, payload)
    VALUES (of_run, 1, 'run_created', 1, (c->>'at')::float8, c->>'d', c->>'y');
    DELETE FROM {schema}.awaited w WHERE w.run = of_run;
    unread := EXISTS (SELECT FROM {schema}.inbox i WHERE i.run = of_run);
    UPDATE {schema}.runs u SET code = k.id, status = 'pending', started_at = NULL, cancelling = NULL, updated_at = NULL,
      length = 1, turn = 1, generation = u.generation + 1, problem = NULL, due_at = CASE WHEN unread THEN -1 ELSE 0 END
    FROM {schema}.code k WHERE u.id = of_run AND k.hash = c->>'code';
    UPDATE {schema}.code k SET needed_from = least(k.needed_from, of_run) WHERE k.hash = c->>'code' AND k.needed_from > of_run;
    RETURN unread;
  END $$;
`;
