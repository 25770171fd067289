/**
 * One write within a transaction of somebody else, who may have a connection to whatever database: `own` is the identity
 * of the World that asks. It waits for locks. What follows from it is told by the transaction's commit, to the World that
 * asks as well: its answer comes before there is anything to see. What it reads after it got a lock has to be what is so
 * by then, which it is at one level of isolation only.
 */
export const WITHIN: string = `
  INSERT INTO {schema}.meta (key, value) VALUES ('identity', floor(random() * 9007199254740991)::bigint);

  CREATE FUNCTION {schema}.apply_within(batch jsonb, own bigint, channel text) RETURNS jsonb LANGUAGE plpgsql AS $$
  DECLARE
    answers jsonb;
    said jsonb;
  BEGIN
    IF NOT EXISTS (SELECT FROM {schema}.meta m WHERE m.key = 'identity' AND m.value = own) THEN
      RETURN '{"refused": "database"}';
    END IF;
    IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
      RETURN '{"refused": "isolation"}';
    END IF;
    answers := {schema}.apply(batch, true);
    said := coalesce(answers->'creates'->0->1, answers->'facts'->0->1);
    said := coalesce(said->'delivery', said);
    IF said->>'status' IN ('created', 'delivered') THEN
      PERFORM pg_notify(channel, jsonb_build_array('', jsonb_build_array(
        jsonb_build_object('kind', 'work', 'runId', coalesce(said->>'runId', batch->'creates'->0->>'run')),
        said->'owner'))::text);
    END IF;
    RETURN jsonb_build_object('answers', answers);
  END $$;
`;
