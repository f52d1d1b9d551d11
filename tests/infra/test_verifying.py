"""Whatever is altered behind the program's back is found and named."""

import sqlite3
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from shutil import copyfile

import msgspec
import pytest

from domain.messages import Envelope, Metadata
from domain.rankings.composing import checksum
from domain.rankings.events import RankedUnit, RankingCorrected, RankingPublished
from infra.clickhouse.tables import physical
from infra.verifying import Findings, altered_rankings
from projections.cases import CASES
from projections.scores import SCORES
from tests.support.cities import END, opened, synthetic

CASE_ROWS, ENTRIES = physical(CASES), physical(SCORES)


def test_a_published_ranking_that_was_altered_is_named() -> None:
    rows = (RankedUnit("a", 1, Decimal("99.5"), 3),)
    good = RankingPublished(
        period="2026-W10", peer_group="street", rows=rows, computed_at=7, policies=("p",),
        checksum=checksum("2026-W10", "street", 7, ("p",), rows), composed_by="li",
    )  # fmt: skip
    bad = msgspec.structs.replace(good, rows=(RankedUnit("b", 1, Decimal("99.5"), 3),))
    stored = [
        Envelope(n, f"ranking-2026-W10/{n}", 1, END, Metadata(actor="wang", occurred_at=END), event)
        for n, event in ((8, good), (9, bad))
    ]
    (told,) = altered_rankings(stored)
    assert "position 9" in told


def test_an_altered_correction_is_named_too() -> None:
    rows = (RankedUnit("a", 1, Decimal("99.5"), 3, "fraud"),)
    good = RankingCorrected(
        board="city", period="2026-W10", peer_group="", rows=rows, computed_at=7, policies=("p",),
        checksum=checksum("2026-W10", "", 7, ("p",), rows, "city"), composed_by="li",
        approved_by="wang", corrects="c", reason="late",
    )  # fmt: skip
    bad = msgspec.structs.replace(good, rows=(RankedUnit("a", 1, Decimal("99.5"), 3),))
    at = Metadata(actor="wang", occurred_at=END)
    key = "ranking-city:2026-W10:all"
    stored = [Envelope(n, key, n, END, at, e) for n, e in ((8, good), (9, bad))]
    (told,) = altered_rankings(stored)
    assert told.startswith("the ranking city:2026-W10:all published at position 9")


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("city") / "data"
    synthetic(data)
    return data


@pytest.fixture
def data(untouched: Path, tmp_path: Path) -> Path:
    """A copy of its own of the events, with the tables filled from them."""
    data = tmp_path / "data"
    data.mkdir()
    copyfile(untouched / "events.sqlite", data / "events.sqlite")
    with opened(data):
        return data


def verified(data: Path) -> Findings:
    with opened(data) as runtime:
        return runtime.verify(lambda done, total: None)


def altered(data: Path, statement: str) -> None:
    """What somebody does who has the file and knows SQL."""
    with closing(sqlite3.connect(data / "events.sqlite")) as store:
        store.execute("DROP TRIGGER events_are_never_updated")
        store.execute("DROP TRIGGER events_are_never_deleted")
        store.execute(statement)
        store.commit()


def test_an_untouched_city_is_sound_and_nothing_is_left_behind(data: Path) -> None:
    found = verified(data)
    assert found.sound, found.lines()
    assert dict(found.compared)["events"] == found.events > 100
    assert found.lines()[-1].startswith("SOUND")
    with opened(data) as runtime, runtime.engine.client() as client:
        left = client.query("SELECT name FROM system.tables WHERE name LIKE '%beside%'")
        assert left.result_rows == []


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        (
            "UPDATE events SET data = CAST(replace(data, '垃圾', '落叶') AS BLOB) WHERE pos = "
            "(SELECT min(pos) FROM events WHERE CAST(data AS TEXT) LIKE '%垃圾%')",
            "events",
        ),
        (
            "UPDATE events SET meta = CAST(replace(meta, 'dispatcher-01', 'nobody') AS BLOB)",
            "events",
        ),
        ("UPDATE events SET recorded_at = recorded_at - 86400000000 WHERE pos = 300", "recorded"),
        ("DELETE FROM events WHERE pos = 250", "missing"),
        ("DELETE FROM events WHERE pos = 1", "missing"),
    ],
)
def test_an_altered_event_is_found(data: Path, statement: str, told: str) -> None:
    altered(data, statement)
    found = verified(data)
    assert not found.sound
    assert any(told in sentence for sentence in found.wrong), found.wrong


@pytest.mark.parametrize(
    "statement",
    [
        f"INSERT INTO {CASE_ROWS} SELECT * REPLACE ('void' AS status, position + 1 AS position) "
        f"FROM {CASE_ROWS} WHERE closed_at IS NULL LIMIT 1",
        f"INSERT INTO {ENTRIES} SELECT * REPLACE (points + 5 AS points) FROM {ENTRIES} LIMIT 1",
    ],
)
def test_an_altered_row_is_found(data: Path, statement: str) -> None:
    with opened(data) as runtime:
        with runtime.engine.client() as client:
            client.command(statement)
        found = runtime.verify(lambda done, total: None)
    assert not found.sound
    assert found.lines()[3].startswith("WRONG: ")
