-- Personal data of people, sealed under a key per person; the key that wraps those is kept outside.
CREATE TABLE duban.vault_persons (
    person_id text COLLATE "C" PRIMARY KEY,
    wrapped bytea, -- the person's key under the vault's; NULL: destroyed
    sealed bytea, -- the fields under the person's key
    erased boolean NOT NULL DEFAULT FALSE
);

CREATE TABLE duban.vault_found_by (
    kind text COLLATE "C" NOT NULL,
    digest text COLLATE "C" NOT NULL,
    person_id text COLLATE "C" NOT NULL,
    PRIMARY KEY (kind, digest)
);

CREATE INDEX vault_found_by_person ON duban.vault_found_by (person_id);

CREATE TABLE duban.vault_marks (
    name text COLLATE "C" PRIMARY KEY,
    value text COLLATE "C" NOT NULL
);
