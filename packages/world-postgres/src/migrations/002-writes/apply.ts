/**
 * One call for whatever a process has to write: creations, then turns, facts and releases. `patient` waits for locks;
 * otherwise what somebody else holds is answered as busy, so that nobody else's transaction stands in the way of the
 * others. Everything within is planned once for each connection: planning takes longer than what is planned.
 */
export const APPLY: string = `
  CREATE FUNCTION {schema}.apply(batch jsonb, patient boolean) RETURNS jsonb LANGUAGE plpgsql
  SET plan_cache_mode = force_generic_plan AS $$
  DECLARE
    answers jsonb := '{}';
  BEGIN
    IF batch ? 'creates' THEN
      answers := answers || jsonb_build_object('creates', {schema}.create_runs(batch->'creates', patient));
    END IF;
    IF batch ? 'plain' THEN
      answers := answers || jsonb_build_object('plain', {schema}.commit_plain(batch->'plain'));
    END IF;
    IF batch ? 'ends' THEN
      answers := answers || jsonb_build_object('ends', {schema}.commit_ends(batch->'ends', patient));
    END IF;
    IF batch ? 'turns' THEN
      answers := answers || jsonb_build_object('turns',
        {schema}.commit_turns(batch->'turns', batch->'rows', (batch->>'now')::float8, patient));
    END IF;
    IF batch ? 'facts' THEN
      answers := answers || jsonb_build_object('facts', {schema}.deliver_facts(batch->'facts', patient));
    END IF;
    IF batch ? 'releases' THEN
      answers := answers || jsonb_build_object('releases', {schema}.release_runs(batch->'releases', patient));
    END IF;
    RETURN answers;
  END $$;
`;
