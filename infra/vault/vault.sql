CREATE TABLE IF NOT EXISTS persons (
    person_id TEXT PRIMARY KEY,
    wrapped BLOB, -- the person's key under the vault's; NULL: destroyed
    sealed BLOB, -- the fields under the person's key
    erased INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID, STRICT;

CREATE TABLE IF NOT EXISTS found_by (
    kind TEXT NOT NULL,
    digest TEXT NOT NULL,
    person_id TEXT NOT NULL,
    PRIMARY KEY (kind, digest)
) WITHOUT ROWID, STRICT;

CREATE INDEX IF NOT EXISTS found_by_person ON found_by (person_id);

CREATE TABLE IF NOT EXISTS marks (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID, STRICT;
