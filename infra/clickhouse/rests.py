"""Whether the sinks are to rest for a moment, and which of them have said that they do."""

from collections.abc import Set

import msgspec

from infra.clickhouse.engine import Engine
from streams.dead_letters import Source

SINK_RESTS = "sink_rests"
DDL = """
CREATE TABLE IF NOT EXISTS sink_rests (
    topic LowCardinality(String) COMMENT 'Topic whose sinks are meant',
    partition Int32 COMMENT '-1: what is asked for; else the partition whose sink has answered',
    rest String COMMENT 'Name of the rest',
    until DateTime64(6, 'UTC') COMMENT 'When it is over, whatever happens (UTC)',
    saved_at DateTime64(6, 'UTC') DEFAULT now64(6, 'UTC') COMMENT 'When this was noted (UTC)'
)
ENGINE = ReplacingMergeTree(saved_at) ORDER BY (topic, partition) SETTINGS {durable}
COMMENT 'When the sinks rest, so that tables can be put in place of others'
"""
_ASKED = (
    f"SELECT argMax(rest, saved_at) AS named FROM {SINK_RESTS} "
    "WHERE topic = {topic:String} AND partition = -1 "
    "HAVING argMax(until, saved_at) > now64(6, 'UTC') + INTERVAL {margin:UInt32} SECOND"
)
_ANSWERED = (
    f"SELECT partition FROM {SINK_RESTS} WHERE topic = {{topic:String}} AND partition >= 0 "
    "GROUP BY partition HAVING argMax(rest, saved_at) = {rest:String}"
)


class ClickHouseRests:
    """All times are those of the server, so that no two clocks have to agree. Every method may
    raise ``TablesUnavailable``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def asked(self, topic: str, margin: int = 0) -> str:
        """The rest that goes on for at least ``margin`` seconds from now; empty: there is none."""
        with self._engine.client() as client:
            found = client.query(_ASKED, parameters={"topic": topic, "margin": margin}).result_rows
        return str(found[0][0]) if found else ""

    def ask(self, topic: str, rest: str, seconds: int) -> None:
        """From now on, for so many seconds; 0: it is over."""
        with self._engine.client() as client:
            client.command(
                f"INSERT INTO {SINK_RESTS} (topic, partition, rest, until) "
                "SELECT {topic:String}, -1, {rest:String}, "
                "now64(6, 'UTC') + INTERVAL {seconds:UInt32} SECOND",
                parameters={"topic": topic, "rest": rest, "seconds": seconds},
                settings={"async_insert": 0},
            )

    def answer(self, source: Source, rest: str) -> None:
        row = msgspec.json.encode({**source._asdict(), "rest": rest})
        with self._engine.client() as client:
            client.raw_insert(SINK_RESTS, None, row, {"async_insert": 0}, "JSONEachRow")

    def answered(self, topic: str, rest: str) -> Set[int]:
        """The partitions whose sinks have."""
        with self._engine.client() as client:
            found = client.query(_ANSWERED, parameters={"topic": topic, "rest": rest}).result_rows
        return {int(partition) for (partition,) in found}
