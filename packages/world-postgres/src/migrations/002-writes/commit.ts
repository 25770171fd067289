/**
 * Turns, each [n, status, detail] in the result: `done` (whether facts wait, runs to notify), `repeated` (an earlier try
 * wrote it), `lost` (why), `stale` (what it relied on is different), `busy`.
 *
 * The client has decided everything with the state machine; this applies it, if what it relied on is true. Of a turn: n,
 * run (its id), worker (row), epoch, after, gen, key, and the row that follows: len, status, started, ended, updated,
 * cancelling, due, withdraw (the run waits for no step that it has offered), over (the run has ended), outcome and outcome_now (for those who await it), expire; locks; rely: taken
 * and left (ids of the inbox), waiting (ids of what is held for the run), tokens ([token, run, hook, state, held ids]).
 * Of rows: events (n, p, t, c, a, d, y), admits (n, p, f, d), held (n, p, h, d), taken (n, f), moves (n, h, f, hook, p),
 * disposed (n, hook), hooks, offers (n, i, s, name, d, y), attributes (n, k, v), awaits (n, s, target, missing), continuations.
 */
export const COMMIT: string = `
  CREATE FUNCTION {schema}.is_as_relied(of_run bigint, own_id text, rely jsonb, now_at float8) RETURNS boolean
  LANGUAGE plpgsql STABLE AS $$
  DECLARE
    taken bigint[] := ARRAY(SELECT value::bigint FROM jsonb_array_elements_text(rely->'taken'));
    expected record;
    holder record;
  BEGIN
    IF cardinality(taken) > 0 AND cardinality(taken) <> (
      SELECT count(*) FROM {schema}.inbox i WHERE i.run = of_run AND i.id = ANY (taken)) THEN RETURN false; END IF;
    IF rely->'left' <> 'null' AND rely->'left' <> (
      SELECT coalesce(jsonb_agg(i.id ORDER BY i.id), '[]') FROM {schema}.inbox i
      WHERE i.run = of_run AND i.id <> ALL (taken)) THEN RETURN false; END IF;
    IF rely->'waiting' <> 'null' AND rely->'waiting' <> (
      SELECT coalesce(jsonb_agg(h.id ORDER BY h.id), '[]') FROM {schema}.held h WHERE h.run = of_run) THEN
      RETURN false;
    END IF;
    FOR expected IN SELECT value AS v FROM jsonb_array_elements(rely->'tokens') LOOP
      SELECT u.run_id, h.hook_id, h.state INTO holder
      FROM {schema}.holder_of(expected.v->>0, now_at) h JOIN {schema}.runs u ON u.id = h.run;
      IF holder.run_id IS DISTINCT FROM expected.v->>1 OR holder.hook_id IS DISTINCT FROM expected.v->>2
        OR holder.state IS DISTINCT FROM (expected.v->>3)::integer THEN RETURN false; END IF;
      IF expected.v->4 <> (
        SELECT coalesce(jsonb_agg(h.id ORDER BY h.id), '[]')
        FROM {schema}.waiting_for(expected.v->>0, of_run, now_at) h) THEN RETURN false; END IF;
    END LOOP;
    RETURN true;
  END $$;

  -- What waited for a hook goes into the inbox, and the keys of it lead to the hook.
  CREATE FUNCTION {schema}.move_held(to_run bigint, held_id bigint, fact bigint, to_hook text, made_by integer) RETURNS void
  LANGUAGE plpgsql AS $$
  DECLARE
    moved {schema}.held;
  BEGIN
    DELETE FROM {schema}.held h WHERE h.id = held_id RETURNING * INTO moved;
    INSERT INTO {schema}.inbox VALUES (to_run, fact, 'hook_received', to_hook, moved.at, moved.data, moved.payload);
    IF moved.key IS NOT NULL THEN
      PERFORM {schema}.remember_key(moved.token, moved.key, to_run, to_hook, made_by, moved.accepted_at);
    END IF;
  END $$;

  -- A hook gets a token, and may have given it up again. The row of one that has expired, or of a run that owned it, goes.
  CREATE FUNCTION {schema}.claim_token(of_run bigint, hook jsonb) RETURNS void LANGUAGE plpgsql AS $$
  BEGIN
    DELETE FROM {schema}.hooks h
    WHERE hashtextextended(h.token, 0) = hashtextextended(hook->>'token', 0) AND h.token = hook->>'token';
    IF hook ? 'gone' THEN RETURN; END IF;
    INSERT INTO {schema}.hooks (token, hook_id, run, event, is_webhook, is_system, created_at, expires_at, retained_until,
      settings)
    VALUES (hook->>'token', hook->>'hook', of_run, (hook->>'p')::integer, (hook->>'webhook')::boolean,
      (hook->>'system')::boolean, (hook->>'at')::float8, (hook->>'expires')::float8, (hook->>'retained')::float8,
      hook->>'settings');
  END $$;

  -- Writes down what a step awaits. Where that is over, the step's outcome is in the inbox.
  CREATE FUNCTION {schema}.note_awaited(of_run bigint, step text, target text, missing text, now_at float8) RETURNS void
  LANGUAGE plpgsql AS $$
  DECLARE
    target_run record;
  BEGIN
    SELECT u.id, u.length, u.ended_at, u.outcome INTO target_run FROM {schema}.runs u WHERE u.run_id = target;
    IF target_run.id IS NOT NULL AND target_run.ended_at IS NULL THEN
      INSERT INTO {schema}.awaited (target, run, step_id) VALUES (target, of_run, step);
      RETURN;
    END IF;
    IF target_run.id IS NOT NULL THEN
      INSERT INTO {schema}.inbox
      SELECT of_run, nextval('{schema}.facts'), CASE WHEN target_run.outcome IS NULL THEN 'step_completed' ELSE 'step_failed' END,
        step, now_at, target_run.outcome, e.payload
      FROM {schema}.events e WHERE e.run = target_run.id AND e.position = target_run.length;
      IF FOUND THEN RETURN; END IF;
    END IF;
    -- There is no such run, or it is deleted meanwhile.
    INSERT INTO {schema}.inbox VALUES (of_run, nextval('{schema}.facts'), 'step_failed', step, now_at, missing, NULL);
  END $$;

  -- A run has ended: its last event is the outcome of the steps that await it. Says who has to hear of it.
  CREATE FUNCTION {schema}.settle_awaited(ended bigint, ended_id text, last integer, outcome text, now_at float8)
  RETURNS jsonb LANGUAGE plpgsql AS $$
  DECLARE
    notified jsonb;
  BEGIN
    IF NOT EXISTS (SELECT FROM {schema}.awaited a WHERE a.target = ended_id) THEN RETURN '[]'; END IF;
    INSERT INTO {schema}.inbox
    SELECT a.run, nextval('{schema}.facts'), CASE WHEN outcome IS NULL THEN 'step_completed' ELSE 'step_failed' END,
      a.step_id, now_at, outcome, e.payload
    FROM {schema}.awaited a JOIN {schema}.events e ON e.run = ended AND e.position = last
    WHERE a.target = ended_id ORDER BY a.id;
    WITH woken AS (
      UPDATE {schema}.runs u SET due_at = -1
      WHERE u.id IN (SELECT a.run FROM {schema}.awaited a WHERE a.target = ended_id) RETURNING u.run_id, u.owner)
    SELECT jsonb_agg(jsonb_build_array(woken.run_id, {schema}.owner_of(woken.owner))) INTO notified FROM woken;
    DELETE FROM {schema}.awaited a WHERE a.target = ended_id;
    RETURN notified;
  END $$;

  -- Turns that nothing but the run's own row can speak against: most are such. One statement for all of them; the answer
  -- has those that were done. Of a turn, quiet: nothing may wait in the inbox. A fact that is accepted while the row is
  -- waited for shows in the row (due_at), not in what the statement sees of the inbox.
  -- What is looked up in tables is looked up row by row, so that no plan that was made for a small table is a bad one for
  -- a large one.
  CREATE FUNCTION {schema}.commit_plain(turns jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
  DECLARE
    answers jsonb;
  BEGIN
    WITH locked AS MATERIALIZED (
      SELECT x.*, u.id, u.turn
      FROM jsonb_to_recordset(turns) AS x(n integer, run text, worker bigint, epoch integer, after integer, gen integer,
        key bigint, len integer, status text, started float8, updated float8, cancelling text, due float8, quiet boolean,
        events jsonb)
      CROSS JOIN LATERAL (
        SELECT u.id, u.turn FROM {schema}.runs u
        WHERE u.run_id = x.run AND u.owner = x.worker AND u.epoch = x.epoch AND u.length = x.after
          AND u.generation = x.gen AND (NOT x.quiet OR u.due_at IS NULL OR u.due_at <> -1)
          AND EXISTS (SELECT FROM {schema}.workers w WHERE w.id = x.worker AND NOT w.gone)
        FOR NO KEY UPDATE SKIP LOCKED) u),
    written AS (
      INSERT INTO {schema}.events (run, position, type, correlation_id, turn, at, data, payload)
      SELECT l.id, e.p, e.t, e.c, l.turn + 1, e.a, e.d, e.y
      FROM locked l
      CROSS JOIN LATERAL jsonb_to_recordset(l.events) AS e(p integer, t text, c text, a float8, d text, y text)),
    moved AS (
      UPDATE {schema}.runs u SET length = l.len, turn = l.turn + 1, status = l.status, started_at = l.started,
        updated_at = l.updated, problem = NULL, cancelling = l.cancelling, commit_key = l.key,
        due_at = CASE WHEN u.due_at = -1 THEN -1 ELSE l.due END
      FROM locked l WHERE u.id = l.id RETURNING l.n, coalesce(u.due_at = -1, false) AS unread)
    SELECT coalesce(jsonb_agg(jsonb_build_array(moved.n, 'done', moved.unread, '[]'::jsonb)), '[]') INTO answers FROM moved;
    RETURN answers;
  END $$;

  -- The same for turns that end runs which have nothing but their histories: no hook, stream or offer, and nobody awaits them.
  -- Whoever begins to await a run holds the lock of its end, so what the second statement does not see is not there.
  CREATE FUNCTION {schema}.commit_ends(turns jsonb, patient boolean) RETURNS jsonb LANGUAGE plpgsql AS $$
  DECLARE
    free integer[];
    answers jsonb;
  BEGIN
    SELECT array_agg((t.value->>'n')::integer) INTO free FROM jsonb_array_elements(turns) t
    WHERE {schema}.take_locks(jsonb_build_array('end ' || (t.value->>'run')), patient);
    WITH locked AS MATERIALIZED (
      SELECT x.*, u.id, u.turn
      FROM jsonb_to_recordset(turns) AS x(n integer, run text, worker bigint, epoch integer, after integer, gen integer,
        key bigint, len integer, status text, started float8, updated float8, cancelling text, ended float8, outcome text,
        events jsonb)
      CROSS JOIN LATERAL (
        SELECT u.id, u.turn FROM {schema}.runs u
        WHERE u.run_id = x.run AND u.owner = x.worker AND u.epoch = x.epoch AND u.length = x.after
          AND u.generation = x.gen AND (u.due_at IS NULL OR u.due_at <> -1)
          AND EXISTS (SELECT FROM {schema}.workers w WHERE w.id = x.worker AND NOT w.gone)
          AND NOT EXISTS (SELECT FROM {schema}.hooks h WHERE h.run = u.id)
          AND NOT EXISTS (SELECT FROM {schema}.held h WHERE h.run = u.id)
          AND NOT EXISTS (SELECT FROM {schema}.streams s WHERE s.run = u.id)
          AND NOT EXISTS (SELECT FROM {schema}.offers o WHERE o.run = u.id)
          AND NOT EXISTS (SELECT FROM {schema}.awaited a WHERE a.run = u.id)
          AND NOT EXISTS (SELECT FROM {schema}.awaited a WHERE a.target = x.run)
        FOR UPDATE SKIP LOCKED) u
      WHERE x.n = ANY (free)),
    written AS (
      INSERT INTO {schema}.events (run, position, type, correlation_id, turn, at, data, payload)
      SELECT l.id, e.p, e.t, e.c, l.turn + 1, e.a, e.d, e.y
      FROM locked l
      CROSS JOIN LATERAL jsonb_to_recordset(l.events) AS e(p integer, t text, c text, a float8, d text, y text)),
    moved AS (
      UPDATE {schema}.runs u SET length = l.len, turn = l.turn + 1, status = l.status, started_at = l.started,
        ended_at = l.ended, updated_at = l.updated, problem = NULL, cancelling = l.cancelling, commit_key = l.key,
        outcome = l.outcome, owner = NULL, due_at = NULL
      FROM locked l WHERE u.id = l.id RETURNING l.n)
    SELECT coalesce(jsonb_agg(jsonb_build_array(moved.n, 'done', false, '[]'::jsonb)), '[]') INTO answers FROM moved;
    RETURN answers;
  END $$;

  CREATE FUNCTION {schema}.commit_turns(turns jsonb, rows jsonb, now_at float8, patient boolean) RETURNS jsonb
  LANGUAGE plpgsql AS $$
  DECLARE
    t record;
    answers jsonb := '[]';
    seen integer[] := '{}';
    ns integer[] := '{}';
    ids bigint[] := '{}';
    nos integer[] := '{}';
    -- What accepted turns do with tokens is written after all are decided.
    decided text[] := '{}';
    tokens text[];
  BEGIN
    IF patient THEN
      PERFORM {schema}.take_locks(value->'locks', true) FROM jsonb_array_elements(turns) WHERE value ? 'locks';
      PERFORM 1 FROM {schema}.runs u WHERE u.run_id IN (SELECT value->>'run' FROM jsonb_array_elements(turns))
        ORDER BY u.id FOR NO KEY UPDATE;
    END IF;
    FOR t IN
      SELECT x.*, u.id, u.length, u.turn, u.epoch AS now_epoch, u.generation, u.owner, u.commit_key, w.id AS present
      FROM jsonb_to_recordset(turns) AS x(n integer, run text, worker bigint, epoch integer, after integer, gen integer,
        key bigint, over boolean, locks jsonb, rely jsonb)
      JOIN {schema}.runs u ON u.run_id = x.run LEFT JOIN {schema}.workers w ON w.id = u.owner AND NOT w.gone
      ORDER BY u.id FOR NO KEY UPDATE OF u SKIP LOCKED
    LOOP
      seen := seen || t.n;
      tokens := ARRAY(SELECT value->>0 FROM jsonb_array_elements(t.rely->'tokens'));
      IF t.commit_key = t.key THEN
        answers := answers || jsonb_build_array(jsonb_build_array(t.n, 'repeated'));
      ELSIF t.present IS NULL OR t.owner <> t.worker THEN
        answers := answers || jsonb_build_array(jsonb_build_array(t.n, 'lost', 'owner'));
      ELSIF t.now_epoch <> t.epoch THEN
        answers := answers || jsonb_build_array(jsonb_build_array(t.n, 'lost', 'epoch', t.now_epoch));
      ELSIF t.length <> t.after THEN
        answers := answers || jsonb_build_array(jsonb_build_array(t.n, 'lost', 'length', t.length));
      ELSIF t.generation <> t.gen THEN
        answers := answers || jsonb_build_array(jsonb_build_array(t.n, 'stale'));
      ELSIF (t.locks IS NOT NULL AND NOT {schema}.take_locks(t.locks, patient))
        OR (t.over AND NOT {schema}.lock_awaiters(t.run, patient)) THEN
        answers := answers || jsonb_build_array(jsonb_build_array(t.n, 'busy'));
      ELSIF tokens && decided
        OR (t.rely IS NOT NULL AND NOT {schema}.is_as_relied(t.id, t.run, t.rely, now_at)) THEN
        answers := answers || jsonb_build_array(jsonb_build_array(t.n, 'stale'));
      ELSE
        decided := decided || tokens;
        ns := ns || t.n;
        ids := ids || t.id;
        nos := nos || t.turn + 1;
      END IF;
    END LOOP;
    IF cardinality(seen) < jsonb_array_length(turns) THEN
      SELECT answers || coalesce(jsonb_agg(CASE
        WHEN EXISTS (SELECT FROM {schema}.runs u WHERE u.run_id = x.run) THEN jsonb_build_array(x.n, 'busy')
        ELSE jsonb_build_array(x.n, 'lost', 'run') END), '[]')
      INTO answers FROM jsonb_to_recordset(turns) AS x(n integer, run text) WHERE x.n <> ALL (seen);
    END IF;
    IF cardinality(ns) > 0 THEN
      PERFORM {schema}.write_turns(turns, rows, now_at, ns, ids, nos);
      answers := answers || {schema}.end_turns(turns, rows, now_at, ns, ids);
    END IF;
    RETURN answers;
  END $$;

  -- The rows of turns that are accepted: \`ns\`, with the runs and the numbers of the turns at the same places.
  CREATE FUNCTION {schema}.write_turns(
    turns jsonb, rows jsonb, now_at float8, ns integer[], ids bigint[], nos integer[])
  RETURNS void LANGUAGE plpgsql AS $$
  BEGIN
    IF rows ? 'moves' THEN
      PERFORM {schema}.move_held(a.id, e.h, e.f, e.hook, e.p)
      FROM unnest(ns, ids) AS a(n, id) JOIN jsonb_to_recordset(rows->'moves') AS e(n integer, h bigint, f bigint, hook text, p integer)
        ON e.n = a.n ORDER BY e.f;
    END IF;
    INSERT INTO {schema}.events (run, position, type, correlation_id, turn, at, data, payload)
    SELECT a.id, e.p, e.t, e.c, a.turn, e.a, e.d, e.y
    FROM unnest(ns, ids, nos) AS a(n, id, turn)
    JOIN jsonb_to_recordset(rows->'events') AS e(n integer, p integer, t text, c text, a float8, d text, y text) ON e.n = a.n;
    IF rows ? 'admits' THEN
      INSERT INTO {schema}.events (run, position, type, correlation_id, turn, at, data, payload)
      SELECT a.id, e.p, i.type, i.correlation_id, a.turn, i.at, coalesce(e.d, i.data), i.payload
      FROM unnest(ns, ids, nos) AS a(n, id, turn)
      JOIN jsonb_to_recordset(rows->'admits') AS e(n integer, p integer, f bigint, d text) ON e.n = a.n
      JOIN {schema}.inbox i ON i.run = a.id AND i.id = e.f;
    END IF;
    IF rows ? 'taken' THEN
      DELETE FROM {schema}.inbox i
      USING unnest(ns, ids) AS a(n, id) JOIN jsonb_to_recordset(rows->'taken') AS e(n integer, f bigint) ON e.n = a.n
      WHERE i.run = a.id AND i.id = e.f;
    END IF;
    IF rows ? 'held' THEN
      INSERT INTO {schema}.events (run, position, type, turn, at, data, payload)
      SELECT a.id, e.p, 'hook_received', a.turn, h.at, e.d, h.payload
      FROM unnest(ns, ids, nos) AS a(n, id, turn)
      JOIN jsonb_to_recordset(rows->'held') AS e(n integer, p integer, h bigint, d text) ON e.n = a.n
      JOIN {schema}.held h ON h.id = e.h;
    END IF;
    IF rows ? 'disposed' THEN
      DELETE FROM {schema}.hooks h
      USING unnest(ns, ids) AS a(n, id) JOIN jsonb_to_recordset(rows->'disposed') AS e(n integer, hook text) ON e.n = a.n
      WHERE h.hook_id = e.hook AND h.run = a.id;
    END IF;
    IF rows ? 'hooks' THEN
      PERFORM {schema}.claim_token(a.id, e.value)
      FROM unnest(ns, ids) AS a(n, id) JOIN jsonb_array_elements(rows->'hooks') e ON (e.value->>'n')::integer = a.n;
    END IF;
    IF rows ? 'attributes' THEN
      DELETE FROM {schema}.attributes t
      USING unnest(ns, ids) AS a(n, id) JOIN jsonb_to_recordset(rows->'attributes') AS e(n integer, k text, v text)
        ON e.n = a.n
      WHERE t.run = a.id AND t.key = e.k;
      INSERT INTO {schema}.attributes (run, key, value)
      SELECT a.id, e.k, e.v FROM unnest(ns, ids) AS a(n, id)
      JOIN jsonb_to_recordset(rows->'attributes') AS e(n integer, k text, v text) ON e.n = a.n WHERE e.v IS NOT NULL;
    END IF;
    IF jsonb_path_exists(turns, '$[*] ? (@.withdraw == true)') OR rows ? 'offers' THEN
      PERFORM {schema}.offer_steps(turns, rows, ns, ids);
    END IF;
    IF rows ? 'awaits' THEN
      PERFORM {schema}.note_awaited(a.id, e.s, e.target, e.missing, now_at)
      FROM unnest(ns, ids) AS a(n, id)
      JOIN jsonb_to_recordset(rows->'awaits') AS e(n integer, s text, target text, missing text) ON e.n = a.n;
    END IF;
  END $$;

  -- What follows from accepted turns: ends of runs, and their rows.
  CREATE FUNCTION {schema}.end_turns(turns jsonb, rows jsonb, now_at float8, ns integer[], ids bigint[])
  RETURNS jsonb LANGUAGE plpgsql AS $$
  DECLARE
    ended bigint[];
    expired bigint[];
    notified jsonb := '{}';
    answers jsonb;
    continued jsonb := '{}';
  BEGIN
    SELECT array_agg(a.id), array_agg(a.id) FILTER (WHERE x.expire) INTO ended, expired
    FROM unnest(ns, ids) AS a(n, id) JOIN jsonb_to_recordset(turns) AS x(n integer, over boolean, expire boolean) ON x.n = a.n
    WHERE x.over;
    IF ended IS NOT NULL THEN
      PERFORM {schema}.end_streams(ended);
      DELETE FROM {schema}.awaited w WHERE w.run = ANY (ended);
      DELETE FROM {schema}.hooks h WHERE h.run = ANY (ended)
        AND (h.retained_until IS NULL OR h.retained_until <= now_at OR h.expires_at <= now_at OR h.state = 0);
      UPDATE {schema}.hooks h SET state = 2 WHERE h.run = ANY (ended);
      DELETE FROM {schema}.held h WHERE h.run = ANY (ended);
      SELECT coalesce(jsonb_object_agg(a.n, {schema}.settle_awaited(a.id, x.run, x.len, x.outcome_now, now_at)), '{}')
      INTO notified
      FROM unnest(ns, ids) AS a(n, id)
      JOIN jsonb_to_recordset(turns) AS x(n integer, run text, len integer, over boolean, outcome_now text) ON x.n = a.n
      WHERE x.over;
    END IF;
    IF expired IS NOT NULL THEN
      UPDATE {schema}.events e SET payload = NULL WHERE e.run = ANY (expired) AND e.payload IS NOT NULL;
      PERFORM {schema}.drop_chunks(expired);
    END IF;
    WITH moved AS (
      UPDATE {schema}.runs u SET length = x.len, turn = u.turn + 1, status = x.status, started_at = x.started,
        ended_at = x.ended, updated_at = x.updated, problem = NULL, cancelling = x.cancelling, commit_key = x.key,
        outcome = x.outcome, owner = CASE WHEN x.over THEN NULL ELSE u.owner END,
        due_at = CASE WHEN x.over THEN NULL
          WHEN EXISTS (SELECT FROM {schema}.inbox i WHERE i.run = u.id) THEN -1 ELSE x.due END
      FROM unnest(ns, ids) AS a(n, id)
      JOIN jsonb_to_recordset(turns) AS x(n integer, len integer, status text, started float8, ended float8, updated float8,
        cancelling text, due float8, key bigint, over boolean, outcome text) ON x.n = a.n
      WHERE u.id = a.id RETURNING x.n, coalesce(u.due_at = -1, false) AS unread)
    SELECT jsonb_agg(jsonb_build_array(moved.n, 'done', moved.unread, coalesce(notified->(moved.n::text), '[]')))
    INTO answers FROM moved;
    IF rows ? 'continuations' THEN
      SELECT jsonb_object_agg(a.n, {schema}.continue_run(a.id, e.value, now_at)) INTO continued
      FROM unnest(ns, ids) AS a(n, id)
      JOIN jsonb_array_elements(rows->'continuations') e ON (e.value->>'n')::integer = a.n;
      SELECT jsonb_agg(CASE WHEN continued ? (value->>0)
        THEN jsonb_build_array(value->0, 'done', continued->(value->>0), '[]'::jsonb) ELSE value END)
      INTO answers FROM jsonb_array_elements(answers);
    END IF;
    RETURN answers;
  END $$;
`;
