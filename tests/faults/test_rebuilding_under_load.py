"""Tables are made anew and verified while sinks fill them and people read them."""

import signal
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from infra.clickhouse.http_engine import HttpEngine
from infra.clickhouse.rests import ClickHouseRests
from infra.clickhouse.schema import BESIDE
from infra.clickhouse.tables import physical
from infra.kafka.topics import Topics
from infra.kafka_local.cluster import LocalKafka
from projections.cases import CASES
from projections.scores import SCORES
from tests.support.city_load import Asking, Load, tell, within
from tests.support.program import duban, start
from tests.support.server_city import PARTITIONS, ServerCity, served

pytestmark = pytest.mark.services

A_SECOND = 200
BEFORE = 5_000  # its units, and the first cases
BOARD = "/api/v1/cases?limit=20"
DOUBLES = "SELECT count() - uniqExact(position) FROM events"


@pytest.fixture
def city(tmp_path: Path, postgres: str, kafka: LocalKafka, topics: Topics) -> Iterator[ServerCity]:
    folder = tmp_path / "city"
    with served(folder, postgres, kafka.bootstrap, topics.prefix, sinks=2, workers=0) as city:
        yield city


def shown(city: ServerCity) -> int:
    return int(str(city.rows("SELECT count() FROM events WHERE stream_kind != 'access'")[0][0]))


def beside(city: ServerCity) -> list[object]:
    found = city.rows(f"SELECT name FROM system.tables WHERE name LIKE '%{BESIDE}'")
    return [name for (name,) in found]


def test_a_rebuild_under_load_loses_and_doubles_nothing_and_boards_are_answered(
    city: ServerCity,
) -> None:
    board = city.address_of(city.run("serve", "--port", "0"), "serve")
    load, asking = Load(city.said["DUBAN_POSTGRES"], A_SECOND), Asking(board, BOARD)
    load.some(BEFORE)
    assert within(60, lambda: shown(city) >= BEFORE), city.logs("sink")
    cases, scores = physical(CASES), physical(SCORES)
    city.rows(f"ALTER TABLE {cases} DELETE WHERE 1 SETTINGS mutations_sync = 2")
    city.rows(f"INSERT INTO {scores} SELECT * REPLACE (points + 1 AS points) FROM {scores} LIMIT 9")
    with load.steadily(), asking.steadily():
        begun = time.monotonic()
        assert city.duban("rebuild") == ""
        rebuilt = time.monotonic() - begun
        sound = city.duban("verify")
    assert "SOUND" in sound, sound
    assert "the sinks rested for" in sound
    assert within(60, lambda: shown(city) >= load.written), city.logs("sink")
    assert (shown(city), city.rows(DOUBLES)) == (load.written, [(0,)])
    assert "SOUND" in city.duban("verify")
    assert asking.answered > 20
    assert not asking.complaints, asking.complaints
    assert not beside(city)
    tell(
        f"rebuilt in {rebuilt:.1f} s under {A_SECOND} events/s ({load.written:,} at the end); "
        f"{asking.answered} answers meanwhile, the slowest in {asking.slowest:.2f} s"
    )


def test_a_row_that_was_altered_is_told_while_the_sinks_run(city: ServerCity) -> None:
    load = Load(city.said["DUBAN_POSTGRES"], A_SECOND)
    load.some(BEFORE)
    assert within(60, lambda: shown(city) >= load.written), city.logs("sink")
    scores = physical(SCORES)
    city.rows(f"INSERT INTO {scores} SELECT * REPLACE (points + 1 AS points) FROM {scores} LIMIT 1")
    with load.steadily():
        found = duban("verify", said=city.said)
    assert found.returncode == 1, found.stderr
    assert "WRONG: scores has" in found.stdout
    assert not beside(city)


def test_a_rebuild_that_is_killed_leaves_everything_as_it_was(city: ServerCity) -> None:
    load = Load(city.said["DUBAN_POSTGRES"], A_SECOND)
    load.some(BEFORE)
    assert within(60, lambda: shown(city) >= BEFORE), city.logs("sink")
    with load.steadily():
        rebuild = start("rebuild", said=city.said, into=city.folder / "rebuild.log")
        assert within(60, lambda: bool(beside(city))), (city.folder / "rebuild.log").read_text()
        rebuild.send_signal(signal.SIGKILL)
        rebuild.wait()
        seen = shown(city)
        assert within(30, lambda: shown(city) > seen), city.logs("sink")
    assert within(60, lambda: shown(city) >= load.written), city.logs("sink")
    assert (shown(city), city.rows(DOUBLES)) == (load.written, [(0,)])
    assert "SOUND" in city.duban("verify")
    assert not beside(city)


def test_sinks_that_were_asked_to_rest_by_one_that_died_go_on_by_themselves(
    city: ServerCity,
) -> None:
    load = Load(city.said["DUBAN_POSTGRES"], A_SECOND)
    topic = Topics(city.said["DUBAN_TOPIC_PREFIX"]).events
    load.some(500)
    assert within(60, lambda: shown(city) >= load.written), city.logs("sink")
    with closing(HttpEngine(city.said["DUBAN_CLICKHOUSE"])) as engine, load.steadily():
        rests = ClickHouseRests(engine)
        rests.ask(topic, "a rest", 60)
        assert within(50, lambda: len(rests.answered(topic, "a rest")) == PARTITIONS)
        seen = shown(city)
        rests.ask(topic, "a rest", 4)
        while rests.asked(topic, margin=1):
            assert shown(city) == seen
            time.sleep(0.1)
        assert within(30, lambda: shown(city) > seen), city.logs("sink")
    assert within(60, lambda: shown(city) >= load.written), city.logs("sink")
    assert city.rows(DOUBLES) == [(0,)]
