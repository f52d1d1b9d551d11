-- Positions are given by the one writer, contiguous from 1; rows of events are never changed.
CREATE TABLE store (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE streams (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL
) STRICT;

CREATE INDEX streams_by_kind ON streams (kind);

CREATE TABLE types (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE events (
    pos INTEGER PRIMARY KEY,
    stream INTEGER NOT NULL REFERENCES streams (id),
    version INTEGER NOT NULL,
    type INTEGER NOT NULL REFERENCES types (id),
    data BLOB NOT NULL,
    meta BLOB NOT NULL,
    recorded_at INTEGER NOT NULL, -- microseconds since 1970 UTC, never going back
    UNIQUE (stream, version)
) STRICT;

CREATE TABLE commands (
    command_id TEXT PRIMARY KEY,
    digest TEXT NOT NULL,
    first_pos INTEGER NOT NULL, -- last_pos + 1 if the command led to no events
    last_pos INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER events_are_never_updated BEFORE UPDATE ON events
BEGIN
    SELECT RAISE(ABORT, 'events are never changed');
END;

CREATE TRIGGER events_are_never_deleted BEFORE DELETE ON events
BEGIN
    SELECT RAISE(ABORT, 'events are never deleted');
END;
