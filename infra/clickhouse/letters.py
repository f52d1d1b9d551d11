"""Parked events in ClickHouse: a table for operators, which no rebuild touches."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
import pyarrow as pa

from domain.ports import Clock
from infra.clickhouse.engine import Engine
from streams.dead_letters import OPEN, LeftAside, Letter, Source, Standing

DEAD_LETTERS = "dead_letters"
DDL = """
CREATE TABLE IF NOT EXISTS dead_letters (
    topic LowCardinality(String) COMMENT 'Where it came from: a topic, or log for the event store',
    partition UInt32 COMMENT 'Partition of the topic',
    `offset` UInt64 COMMENT 'Place in the partition; in a log the position',
    position UInt64 COMMENT 'Place of the event in the event store; 0 if the message does not say',
    stream_id String COMMENT 'What the event happened to; empty if the message does not say',
    version UInt32 COMMENT 'Number of the event within its stream, from 1; 0 if unknown',
    state LowCardinality(String) COMMENT 'parked (cannot be taken in), held (comes after a parked one of its stream), replayed or discarded',
    reason String COMMENT 'Why it could not be taken in',
    wanted LowCardinality(String) COMMENT 'What an operator has asked for and is not done yet: replay or discard',
    note String COMMENT 'Who asked for it, and why',
    key Nullable(String) COMMENT 'Key of the message as it came',
    value Nullable(String) COMMENT 'Body of the message as it came',
    header_names Array(String) COMMENT 'Names of its headers',
    header_values Array(String) COMMENT 'Values of its headers, in the same order',
    revision UInt32 COMMENT 'Of the same place the highest counts',
    parked_at DateTime64(6, 'UTC') COMMENT 'When it was first parked (UTC)',
    changed_at DateTime64(6, 'UTC') DEFAULT now64(6, 'UTC') COMMENT 'When this row was written (UTC)'
)
ENGINE = ReplacingMergeTree(revision) ORDER BY (topic, partition, `offset`) SETTINGS {durable}
COMMENT 'Messages that could not be taken into the tables, whole, with the reason'
"""  # noqa: E501 (a comment of a column is one text)

_SCHEMA = pa.schema(
    [
        ("topic", pa.string()), ("partition", pa.uint32()), ("offset", pa.uint64()),
        ("position", pa.uint64()), ("stream_id", pa.string()), ("version", pa.uint32()),
        ("state", pa.string()), ("reason", pa.string()), ("wanted", pa.string()),
        ("note", pa.string()), ("key", pa.binary()), ("value", pa.binary()),
        ("header_names", pa.list_(pa.string())), ("header_values", pa.list_(pa.binary())),
        ("revision", pa.uint32()), ("parked_at", pa.timestamp("us", "UTC")),
    ]
)  # fmt: skip
_COLUMNS = ", ".join(f"`{name}`" for name in _SCHEMA.names)
_BYTES: dict[str, str | dict[str, str]] = {
    "key": "bytes",
    "value": "bytes",
    "header_values": "bytes",
}
_OPEN = f"state IN ({', '.join(repr(state) for state in OPEN)})"
_OF_SOURCE = "topic = {topic:String} AND partition = {partition:UInt32}"


class ClickHouseLetters:
    """``streams.dead_letters.LetterBox``, and what operators ask of it."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def put(self, letters: Sequence[Letter]) -> None:
        now = self._clock.now()
        table = pa.Table.from_pylist([_row(letter, now) for letter in letters], _SCHEMA)
        with self._engine.client() as client:
            client.insert_arrow(DEAD_LETTERS, table, settings={"async_insert": 0})

    def standing(self, source: Source) -> Sequence[Standing]:
        with self._engine.client() as client:
            found = client.query(
                f"SELECT `offset`, stream_id, version, state FROM {DEAD_LETTERS} FINAL "
                f"WHERE {_OF_SOURCE} AND ({_OPEN} OR state = 'discarded') ORDER BY `offset`",
                parameters=source._asdict(),
            ).result_rows
        return [Standing(*row) for row in found]

    def wanted(self, source: Source, limit: int) -> Sequence[Letter]:
        return self._letters(f"{_OF_SOURCE} AND {_OPEN} AND wanted != ''", source._asdict(), limit)

    def of_stream(self, source: Source, stream_id: str) -> Sequence[Letter]:
        parameters = {**source._asdict(), "stream": stream_id}
        return self._letters(
            f"{_OF_SOURCE} AND {_OPEN} AND stream_id = {{stream:String}}", parameters
        )

    def open(self, stream_id: str = "", limit: int = 0) -> Sequence[Letter]:
        """Of all sources; only of one stream if it is named; 0: all."""
        where = f"{_OPEN} AND stream_id = {{stream:String}}" if stream_id else _OPEN
        return self._letters(where, {"stream": stream_id}, limit)

    def at(self, source: Source, offset: int) -> Letter | None:
        """In whatever state it is."""
        parameters = {**source._asdict(), "at": offset}
        found = self._letters(f"{_OF_SOURCE} AND `offset` = {{at:UInt64}}", parameters)
        return found[0] if found else None

    def counts(self) -> tuple[int, int]:
        """Open letters, and the streams they hold back."""
        with self._engine.client() as client:
            found = client.query(
                f"SELECT count(), uniqExactIf(stream_id, stream_id != '') FROM {DEAD_LETTERS} "
                f"FINAL WHERE {_OPEN}"
            ).result_rows[0]
        return int(found[0]), int(found[1])

    def _letters(self, where: str, parameters: dict[str, Any], limit: int = 0) -> list[Letter]:
        sql = (
            f"SELECT {_COLUMNS} FROM {DEAD_LETTERS} FINAL WHERE {where} "
            f"ORDER BY topic, partition, `offset`{f' LIMIT {limit}' if limit else ''}"
        )
        with self._engine.client() as client:
            found = client.query(sql, parameters=parameters, column_formats=_BYTES)
            return [_letter(row) for row in found.named_results()]


def left_aside(engine: Engine) -> LeftAside:
    """Of all sources: what tables that are built anew do without, as those that are there do."""
    with engine.client() as client:
        held = client.query(
            f"SELECT stream_id, min(version) FROM {DEAD_LETTERS} FINAL "
            f"WHERE {_OPEN} AND stream_id != '' GROUP BY stream_id"
        ).result_rows
        discarded = client.query(
            f"SELECT stream_id, version FROM {DEAD_LETTERS} FINAL "
            "WHERE state = 'discarded' AND stream_id != ''"
        ).result_rows
    first = {str(stream): int(version) for stream, version in held}
    return LeftAside(first, frozenset((stream, version) for stream, version in discarded))


def _row(letter: Letter, now: datetime) -> dict[str, Any]:
    row = msgspec.structs.asdict(letter)
    headers = row.pop("headers")
    row["header_names"] = [name for name, _ in headers]
    row["header_values"] = [value for _, value in headers]
    row["parked_at"] = letter.parked_at or now
    return row


def _letter(row: dict[str, Any]) -> Letter:
    names, values = row.pop("header_names"), row.pop("header_values")
    return Letter(**row, headers=tuple(zip(names, values, strict=True)))
