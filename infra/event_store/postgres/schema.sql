-- Positions are given by duban.append(), one transaction after the other, contiguous from 1; rows
-- of events are never changed. There are no foreign keys: append() is the only one that writes,
-- and they would take a third of its time; `duban verify` looks for what they would guard.
CREATE SCHEMA duban;

CREATE TABLE duban.store (
    key text PRIMARY KEY,
    value text NOT NULL
);

CREATE TABLE duban.streams (
    id bigint PRIMARY KEY,
    name text COLLATE "C" NOT NULL UNIQUE,
    kind text COLLATE "C" NOT NULL
);

CREATE INDEX streams_by_kind ON duban.streams (kind);

CREATE TABLE duban.types (
    id bigint PRIMARY KEY,
    name text COLLATE "C" NOT NULL UNIQUE
);

CREATE TABLE duban.events (
    pos bigint PRIMARY KEY,
    stream bigint NOT NULL,
    version bigint NOT NULL,
    type bigint NOT NULL,
    data bytea NOT NULL,
    meta bytea NOT NULL,
    recorded_at bigint NOT NULL, -- microseconds since 1970 UTC, never going back
    UNIQUE (stream, version)
);

CREATE TABLE duban.commands (
    command_id text COLLATE "C" PRIMARY KEY,
    digest text NOT NULL,
    first_pos bigint NOT NULL, -- last_pos + 1 if the command led to no events
    last_pos bigint NOT NULL
);

-- How far the reactions have come, and what was refused. If both are lost, everything is reacted
-- to again, to no effect.
CREATE TABLE duban.reactions (
    name text PRIMARY KEY,
    position bigint NOT NULL
);

CREATE TABLE duban.refused_reactions (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    cause text COLLATE "C" NOT NULL UNIQUE,
    position bigint NOT NULL, -- of the event that caused it; 0: time passed
    code text NOT NULL,
    message text NOT NULL
);

CREATE FUNCTION duban.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% are never changed', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER events_are_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON duban.events
FOR EACH STATEMENT EXECUTE FUNCTION duban.refuse_change();

CREATE TRIGGER commands_are_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON duban.commands
FOR EACH STATEMENT EXECUTE FUNCTION duban.refuse_change();

CREATE TRIGGER streams_are_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON duban.streams
FOR EACH STATEMENT EXECUTE FUNCTION duban.refuse_change();

CREATE TRIGGER types_are_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON duban.types
FOR EACH STATEMENT EXECUTE FUNCTION duban.refuse_change();
