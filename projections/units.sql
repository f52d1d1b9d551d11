-- name: table
CREATE TABLE {table} (
    unit_id String COMMENT 'Id of the unit',
    code String COMMENT 'Code the city or the source gives it',
    name String COMMENT 'Name',
    kind LowCardinality(String)
        COMMENT 'city, district, street, community, grid, department or company',
    parent String COMMENT 'Unit above in the territory tree (属地); empty for the city',
    peer_group LowCardinality(String) COMMENT 'Group it is compared with in rankings',
    line String COMMENT 'Department above in its line (行业); empty if none',
    address String COMMENT 'Postal address',
    latitude Nullable(Float64) COMMENT 'Degrees north (WGS 84)',
    longitude Nullable(Float64) COMMENT 'Degrees east (WGS 84)',
    timezone LowCardinality(String) COMMENT 'IANA time zone; the city alone has one',
    language LowCardinality(String) COMMENT 'Language of the unit''s own texts',
    retired Bool COMMENT 'Out of service: keeps its history and gets nothing new',
    registered_at DateTime64(6, 'UTC') COMMENT 'When it was registered (UTC)',
    recorded_at DateTime64(6, 'UTC') COMMENT 'When the log stored its last event (UTC)',
    version UInt32 COMMENT 'Number of events of this unit',
    position UInt64 COMMENT 'Position of its last event in the log'
)
ENGINE = ReplacingMergeTree(position)
ORDER BY unit_id
SETTINGS {durable}
COMMENT 'Units as they stand now: the nodes of the territory tree and the line of departments'
