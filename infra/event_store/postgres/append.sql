-- Many appends in one transaction, each all or nothing, in the order given: answers for each
-- 'appended', 'repeated' or 'reused' (its command id), or 'moved' or 'taken' with the number of
-- the stream that stands elsewhere, and where. The lists are parallel:
--   of appends: command_ids (NULL: none), digests, same_as (the first append with that command
--     id; 0: none), streams_to (the number of its last stream);
--   of streams: slots (its name in stream_names), expected (the version it must stand at; -1:
--     any), first_versions, last_versions, rows_to (the number of its last event);
--   of events: event_streams (its stream), versions, event_types (its name in type_names), data,
--     meta.
-- now_us is the writer's clock. The lock comes before anything is looked at and goes with the
-- commit, so the order of positions is the order in which readers come to see them. A plan made
-- while the tables were small must not be kept when they have grown: hence the settings.
CREATE OR REPLACE FUNCTION duban.append(
    now_us bigint,
    command_ids text[], digests text[], same_as bigint[], streams_to bigint[],
    stream_names text[],
    slots bigint[], expected bigint[], first_versions bigint[], last_versions bigint[],
    rows_to bigint[],
    type_names text[],
    event_streams bigint[], versions bigint[], event_types bigint[], data bytea[], meta bytea[]
)
RETURNS TABLE (
    answer text, first_position bigint, last_position bigint, at_stream bigint, stands_at bigint
)
LANGUAGE plpgsql
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    newest bigint; -- position
    begun bigint;
    recorded bigint;
    stream_count bigint;
    stream_ids bigint[];
    heads bigint[];
    before bigint[] := array_fill(NULL::bigint, ARRAY[cardinality(slots)]);
    shifts bigint[] := before; -- from the number of an event to its position; NULL: refused
    type_ids bigint[];
    known_digest text[];
    known_first bigint[];
    known_last bigint[];
    new_first bigint[] := array_fill(NULL::bigint, ARRAY[cardinality(command_ids)]);
    new_last bigint[] := new_first;
    same bigint;
    slot bigint;
    first_stream bigint;
    last_stream bigint := 0;
    row_count bigint;
BEGIN
    -- What is acknowledged is on disk, whatever the server's default.
    IF current_setting('synchronous_commit') IN ('off', 'local') THEN
        PERFORM set_config('synchronous_commit', 'on', TRUE);
    END IF;
    PERFORM pg_advisory_xact_lock({lock});

    SELECT e.pos, e.recorded_at INTO newest, recorded
    FROM duban.events e ORDER BY e.pos DESC LIMIT 1;
    newest := coalesce(newest, 0);
    begun := newest;
    recorded := greatest(now_us, recorded);
    SELECT coalesce(max(s.id), 0) INTO stream_count FROM duban.streams s;
    SELECT array_agg(s.id ORDER BY n.i), array_agg(coalesce(v.version, -1) ORDER BY n.i)
    INTO stream_ids, heads
    FROM unnest(stream_names) WITH ORDINALITY AS n (name, i)
    LEFT JOIN duban.streams s ON s.name = n.name
    LEFT JOIN LATERAL (
        SELECT e.version FROM duban.events e WHERE e.stream = s.id ORDER BY e.version DESC LIMIT 1
    ) v ON TRUE;
    SELECT
        array_agg(c.digest ORDER BY n.i), array_agg(c.first_pos ORDER BY n.i),
        array_agg(c.last_pos ORDER BY n.i)
    INTO known_digest, known_first, known_last
    FROM unnest(command_ids) WITH ORDINALITY AS n (id, i)
    LEFT JOIN duban.commands c ON c.command_id = n.id;

    FOR a IN 1 .. cardinality(command_ids) LOOP
        first_stream := last_stream + 1;
        last_stream := streams_to[a];
        same := same_as[a];
        at_stream := NULL;
        stands_at := NULL;
        IF same > 0 AND known_first[same] IS NOT NULL THEN
            answer := CASE WHEN known_digest[same] = digests[a] THEN 'repeated' ELSE 'reused' END;
            first_position := known_first[same];
            last_position := known_last[same];
            RETURN NEXT;
            CONTINUE;
        END IF;

        answer := 'appended';
        FOR s IN first_stream .. last_stream LOOP
            slot := slots[s];
            stands_at := heads[slot];
            IF expected[s] >= 0 AND expected[s] <> greatest(stands_at, 0) THEN
                answer := 'moved';
            ELSIF first_versions[s] <= stands_at THEN
                answer := 'taken';
            END IF;
            IF answer <> 'appended' THEN
                at_stream := s;
                FOR undone IN REVERSE s - 1 .. first_stream LOOP
                    heads[slots[undone]] := before[undone];
                END LOOP;
                EXIT;
            END IF;
            before[s] := stands_at;
            heads[slot] := greatest(stands_at, last_versions[s]);
        END LOOP;
        IF answer <> 'appended' THEN
            first_position := NULL;
            last_position := NULL;
            RETURN NEXT;
            CONTINUE;
        END IF;

        first_position := newest + 1;
        FOR s IN first_stream .. last_stream LOOP
            row_count := rows_to[s] - CASE WHEN s > 1 THEN rows_to[s - 1] ELSE 0 END;
            CONTINUE WHEN row_count = 0;
            slot := slots[s];
            IF stream_ids[slot] IS NULL THEN
                stream_count := stream_count + 1;
                stream_ids[slot] := stream_count;
            END IF;
            newest := newest + row_count;
            shifts[s] := newest - rows_to[s];
        END LOOP;
        last_position := newest;
        IF same > 0 THEN
            new_first[a] := first_position;
            new_last[a] := last_position;
            known_digest[same] := digests[a];
            known_first[same] := first_position;
            known_last[same] := last_position;
        END IF;
        RETURN NEXT;
    END LOOP;

    IF newest > begun THEN
        INSERT INTO duban.streams
        SELECT stream_ids[n.i], n.name,
            CASE WHEN n.name LIKE '%-%' THEN split_part(n.name, '-', 1) ELSE '' END
        FROM unnest(stream_names) WITH ORDINALITY AS n (name, i)
        LEFT JOIN duban.streams s ON s.name = n.name
        WHERE s.id IS NULL AND stream_ids[n.i] IS NOT NULL;
        INSERT INTO duban.types
        SELECT (SELECT coalesce(max(id), 0) FROM duban.types) + row_number() OVER (ORDER BY n.i),
            n.name
        FROM unnest(type_names) WITH ORDINALITY AS n (name, i)
        LEFT JOIN duban.types t ON t.name = n.name
        WHERE t.id IS NULL;
        SELECT array_agg(t.id ORDER BY n.i) INTO type_ids
        FROM unnest(type_names) WITH ORDINALITY AS n (name, i)
        JOIN duban.types t ON t.name = n.name;
        INSERT INTO duban.events
        SELECT shifts[e.stream] + e.i, stream_ids[slots[e.stream]], e.version, type_ids[e.type],
            e.data, e.meta, recorded
        FROM unnest(event_streams, versions, event_types, append.data, append.meta)
            WITH ORDINALITY AS e (stream, version, type, data, meta, i)
        WHERE shifts[e.stream] IS NOT NULL;
    END IF;
    INSERT INTO duban.commands
    SELECT n.id, digests[n.i], new_first[n.i], new_last[n.i]
    FROM unnest(command_ids) WITH ORDINALITY AS n (id, i)
    WHERE new_first[n.i] IS NOT NULL;
END
$$;
