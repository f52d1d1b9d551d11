"""What rows of a survey come to: one reading for each indicator, unit and period."""

import csv
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from domain.readings.events import ReadingRecorded
from infra.importing.loading import parse
from tests.infra.importing.test_mapping_guide import WHOLE
from tests.support.importing import City, opened, table

HEADINGS = ("Street", "Quarter", "Date", "Satisfied", "Asked")


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    with opened(tmp_path / "city") as city:
        yield city


def survey(path: Path, *rows: str) -> Path:
    return table(path, (dict(zip(HEADINGS, row.split(), strict=True)) for row in rows), HEADINGS)


def reasons(path: Path) -> dict[int, str]:
    with path.open(encoding="utf-8") as stream:
        return {int(r["rejected_row"]): r["rejected_reason"] for r in csv.DictReader(stream)}


def test_rates_are_recorded_for_each_unit_and_period_once(city: City, tmp_path: Path) -> None:
    mapping = parse(WHOLE["readings"])
    file = survey(
        tmp_path / "survey.csv",
        "lake 2026-Q1 2026-04-02 870 1000", "hill 2026-q1 2026-04-02 1 3",
        "lake 2026-Q1 2026-04-02 870 1000",
    )  # fmt: skip
    summary = city.take(mapping, file)
    assert (summary.imported, summary.repeated_rows, summary.rejected.total()) == (2, 1, 0)
    found = [e.event for e in city.log() if isinstance(e.event, ReadingRecorded)]
    assert {(e.unit, e.period, e.value, e.numerator, e.denominator) for e in found} == {
        ("lake", "2026-Q1", Decimal("87.0000"), 870, 1000),
        ("hill", "2026-Q1", Decimal("33.3333"), 1, 3),
    }
    before = city.facts()
    assert city.take(mapping, file).already_there == 2
    assert city.facts() == before


def test_what_is_no_reading_is_told_with_its_reason(city: City, tmp_path: Path) -> None:
    file = survey(
        tmp_path / "bad.csv",
        "lake 2026-Q1 2026-04-02 870 1000", "lake 2026-Q1 2026-04-02 880 1000",
        "hill 2026-Q1 2026-04-02 0 0", "hill 2026-Q9 2026-04-02 1 2",
        "dale 2026-Q3 2026-04-02 1 2", "dale 2026-Q1 yesterday 1 2",
    )  # fmt: skip
    summary = city.take(parse(WHOLE["readings"]), file)
    assert summary.imported == 1
    told = reasons(summary.rejected_files[0])
    assert sorted(told) == [3, 4, 5, 6, 7]
    assert told[3] == "satisfaction of lake in 2026-Q1 stands otherwise in row 2"
    assert "not applicable" in told[4]
    assert "there is no period" in told[5]
    assert "nothing can have been measured in it yet" in told[6]
    assert told[7].startswith("Date:")
