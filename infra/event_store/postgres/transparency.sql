-- The tree over the events (derived: it can be made again), and what was signed over it (which
-- cannot).
CREATE TABLE duban.tree (
    size bigint NOT NULL -- how many leaves it has; the one row is whose turn it is to add some
);
INSERT INTO duban.tree VALUES (0);

CREATE TABLE duban.tree_tiles (
    level integer NOT NULL,
    tile bigint NOT NULL,
    hashes bytea NOT NULL, -- up to 256 of them, side by side
    PRIMARY KEY (level, tile)
);

CREATE TABLE duban.checkpoints (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    size bigint NOT NULL,
    note text COLLATE "C" NOT NULL,
    at bigint NOT NULL -- seconds since 1970
);

CREATE INDEX checkpoints_by_size ON duban.checkpoints (size);

CREATE TABLE duban.cosignatures (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    size bigint NOT NULL,
    line text COLLATE "C" NOT NULL
);

CREATE INDEX cosignatures_by_size ON duban.cosignatures (size);

CREATE TABLE duban.log_keys (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    entry text COLLATE "C" NOT NULL
);

CREATE TRIGGER checkpoints_are_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE
ON duban.checkpoints FOR EACH STATEMENT EXECUTE FUNCTION duban.refuse_change();

CREATE TRIGGER cosignatures_are_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE
ON duban.cosignatures FOR EACH STATEMENT EXECUTE FUNCTION duban.refuse_change();

CREATE TRIGGER log_keys_are_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE
ON duban.log_keys FOR EACH STATEMENT EXECUTE FUNCTION duban.refuse_change();
