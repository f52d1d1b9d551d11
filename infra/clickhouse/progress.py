"""How far each partition of a topic has come into the tables: what a sink goes on from."""

from collections.abc import Mapping

import msgspec

from infra.clickhouse.engine import Engine
from infra.clickhouse.rests import ClickHouseRests
from streams.dead_letters import Source
from streams.progress import Progress

SINK_PROGRESS = "sink_progress"
DDL = """
CREATE TABLE IF NOT EXISTS sink_progress (
    topic LowCardinality(String) COMMENT 'Topic that the tables are filled from',
    partition UInt32 COMMENT 'Partition of the topic',
    `offset` UInt64 COMMENT 'The tables hold everything of the partition up to this offset',
    position UInt64 COMMENT 'Place in the event store of the newest event among that',
    saved_at DateTime64(6, 'UTC') DEFAULT now64(6, 'UTC') COMMENT 'When this was noted (UTC)'
)
ENGINE = ReplacingMergeTree(saved_at) ORDER BY (topic, partition) SETTINGS {durable}
COMMENT 'How far the sinks have come in each partition'
"""


class ClickHouseProgress:
    """``streams.sink.ProgressBook``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._rests = ClickHouseRests(engine)

    def read(self, source: Source) -> Progress | None:
        with self._engine.client() as client:
            found = client.query(
                f"SELECT argMax(`offset`, saved_at), argMax(position, saved_at) FROM "
                f"{SINK_PROGRESS} WHERE topic = {{topic:String}} AND "
                "partition = {partition:UInt32} GROUP BY partition",
                parameters=source._asdict(),
            ).result_rows
        return Progress(*map(int, found[0])) if found else None

    def any(self) -> bool:
        """Whether any sink has taken anything in."""
        with self._engine.client() as client:
            return bool(client.query(f"SELECT count() FROM {SINK_PROGRESS}").result_rows[0][0])

    def note(self, progress: Mapping[Source, Progress]) -> None:
        rows = ({**source._asdict(), **each._asdict()} for source, each in progress.items())
        block = b"\n".join(map(msgspec.json.encode, rows))
        with self._engine.client() as client:
            client.raw_insert(SINK_PROGRESS, None, block, {"async_insert": 0}, "JSONEachRow")

    def forget(self, source: Source) -> None:
        """As if nothing had ever come from there; for topics that were made anew."""
        with self._engine.client() as client:
            client.command(
                f"ALTER TABLE {SINK_PROGRESS} DELETE WHERE topic = {{topic:String}} AND "
                "partition = {partition:UInt32}",
                parameters=source._asdict(),
                settings={"mutations_sync": 2},
            )

    def rest(self, topic: str) -> str:
        return self._rests.asked(topic)

    def resting(self, source: Source, rest: str) -> None:
        self._rests.answer(source, rest)
