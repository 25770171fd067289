/**
 * Functions for streams. Released with the package: never to be edited afterwards.
 *
 * Locks. An append holds the row of its stream; one that makes a stream holds the run's row first, as a foreign key
 * would (FOR KEY SHARE, which no commit minds). So the end of a run waits for the appends that are under way by locking
 * both, and an append that waited for the end reads the run again and finds that it has ended.
 */
export const STREAMS: string = `
  -- Chunks are what the World stores: compressing them again costs more time than it saves.
  ALTER TABLE {schema}.chunks ALTER COLUMN packed SET STORAGE EXTERNAL;

  -- Says what became of it: appended; nowhere (there is no such run); closed, run ended or abandoned (nothing was
  -- written). packs: all of them on end, each of so many bytes and with so many chunks.
  CREATE FUNCTION {schema}.append_chunks(
    of_run text, of_name text, ends_with_run boolean, packs bytea, sizes integer[], counts integer[], is_sealed boolean,
    closes boolean, elapsed float8, patience float8) RETURNS text LANGUAGE plpgsql AS $$
  DECLARE
    run_key bigint;
    stream {schema}.streams%ROWTYPE;
    is_ended boolean;
    at integer := 1;
    next_index bigint;
  BEGIN
    SELECT r.id INTO run_key FROM {schema}.runs r WHERE r.run_id = of_run;
    IF NOT FOUND THEN RETURN 'nowhere'; END IF;

    SELECT * INTO stream FROM {schema}.streams s WHERE s.run = run_key AND s.name = of_name FOR NO KEY UPDATE;
    IF stream.id IS NULL THEN
      PERFORM 1 FROM {schema}.runs r WHERE r.id = run_key FOR KEY SHARE;
    END IF;
    -- Only now that nothing can end it. What came with the lock may be what the row said before.
    SELECT r.ended_at IS NOT NULL AND ends_with_run INTO is_ended FROM {schema}.runs r WHERE r.id = run_key;
    IF NOT FOUND THEN RETURN 'nowhere'; END IF;
    IF stream.id IS NULL AND NOT is_ended THEN
      -- Another process may make it at the same time, and even close it.
      INSERT INTO {schema}.streams (run, name, length, closed, fed_at) VALUES (run_key, of_name, 0, false, elapsed)
        ON CONFLICT DO NOTHING;
      SELECT * INTO stream FROM {schema}.streams s WHERE s.run = run_key AND s.name = of_name FOR NO KEY UPDATE;
    END IF;

    IF (stream.closed OR is_ended) AND closes AND cardinality(sizes) = 0 THEN RETURN 'appended'; END IF;
    IF stream.closed THEN RETURN 'closed'; END IF;
    IF is_ended THEN RETURN 'run ended'; END IF;
    IF NOT ends_with_run AND abs(elapsed - stream.fed_at) > patience THEN RETURN 'abandoned'; END IF;

    next_index := stream.length;
    FOR n IN 1 .. cardinality(sizes) LOOP
      INSERT INTO {schema}.chunks (stream, first, packed, sealed)
        VALUES (stream.id, next_index, substring(packs FROM at FOR sizes[n]), is_sealed);
      at := at + sizes[n];
      next_index := next_index + counts[n];
    END LOOP;
    UPDATE {schema}.streams s SET length = next_index, closed = closes, fed_at = greatest(s.fed_at, elapsed)
      WHERE s.id = stream.id;
    RETURN 'appended';
  END $$;

  -- To be called by the transaction that ends runs, once it has their rows: waits for the appends to their streams that
  -- are under way, and has those after wait for its commit.
  CREATE FUNCTION {schema}.end_streams(runs bigint[]) RETURNS void LANGUAGE plpgsql AS $$
  BEGIN
    PERFORM 1 FROM {schema}.runs r WHERE r.id = ANY (runs) FOR UPDATE;
    PERFORM 1 FROM {schema}.streams s WHERE s.run = ANY (runs) FOR UPDATE;
  END $$;

  -- What retention 0 does to the streams of runs that end, after end_streams: how long they were stays.
  CREATE FUNCTION {schema}.drop_chunks(runs bigint[]) RETURNS void LANGUAGE plpgsql AS $$
  BEGIN
    DELETE FROM {schema}.chunks c USING {schema}.streams s WHERE s.run = ANY (runs) AND c.stream = s.id;
  END $$;
`;
