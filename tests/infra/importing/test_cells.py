"""Cells become values: exactly, or not at all with a reason that helps."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from infra.importing.cells import Unreadable, Value, parser, shown
from infra.importing.model import Column

TORONTO = ZoneInfo("America/Toronto")


def value(cell: str | date, **words: object) -> Value:
    return parser(Column(column="c", **words), ("NULL",), TORONTO)(cell)


def reason(cell: str | date, **words: object) -> str:
    with pytest.raises(Unreadable) as unreadable:
        value(cell, **words)
    return str(unreadable.value)


def test_text_is_trimmed_and_normalised_as_asked() -> None:
    assert value("  a  b ") == "a  b"
    assert value("  a \t b ", normalise=["collapse_blanks", "upper_case"]) == "A B"
    assert value("Public Works  Dept.", normalise="slug") == "public-works-dept"
    assert value("市容 环卫", normalise="slug") == "市容-环卫"


def test_what_means_nothing_is_empty_and_a_default_takes_its_place() -> None:
    assert value("null") == ""
    assert value("-", empty=["-"]) == ""
    assert value("", type="decimal") is None
    assert value(" ", type="decimal", default="7") == Decimal(7)


def test_numbers_are_exact() -> None:
    assert value("$1,250.50", type="decimal", ignore="$,") == Decimal("1250.50")
    assert value("007", type="integer") == 7
    assert value("3.0", type="integer") == 3
    assert "not a number" in reason("12a", type="decimal")
    assert "not a whole number" in reason("3.5", type="integer")
    assert "not a usable number" in reason("NaN", type="decimal")
    assert "not a usable number" in reason("1e99999", type="decimal")


def test_choices_forgive_capitals_and_blanks_and_nothing_else() -> None:
    choices = {"Conditional Pass": "conditional_pass", "Pass": "pass"}
    assert value(" conditional  PASS ", type="choice", choices=choices) == "conditional_pass"
    said = reason("Conditional Pas", type="choice", choices=choices)
    assert "'Conditional Pas' is not a known value; did you mean 'Conditional Pass'?" in said


def test_a_star_stands_for_any_ending_or_for_anything() -> None:
    choices = {"Conviction - Fined": "fined", "Conviction*": "other", "*": "open"}
    assert value("Conviction - Fined", type="choice", choices=choices) == "fined"
    assert value("Conviction - Whipped", type="choice", choices=choices) == "other"
    assert value("Who knows", type="choice", choices=choices) == "open"


def test_a_list_of_choices_keeps_the_cells_own_text() -> None:
    assert value("summons and order", type="choice", choices=["Summons*"]) == "summons and order"


@pytest.mark.parametrize(
    ("cell", "moment"),
    [
        ("2012-04-12", "2012-04-12T04:00:00+00:00"),
        ("2012-12-12", "2012-12-12T05:00:00+00:00"),
        ("12/04/2012", "2012-04-12T04:00:00+00:00"),
        (date(2012, 4, 12), "2012-04-12T04:00:00+00:00"),
        (datetime(2012, 4, 12, 9, 30), "2012-04-12T04:00:00+00:00"),  # noqa: DTZ001
    ],
)
def test_a_date_is_local_midnight(cell: str | date, moment: str) -> None:
    found = value(cell, type="date", formats=["%d/%m/%Y"])
    assert isinstance(found, datetime)
    assert found.isoformat() == moment
    assert found.tzinfo is UTC


def test_a_time_says_its_offset_or_is_the_citys() -> None:
    here, utc = "2012-04-12T09:30:00", "2012-04-12T09:30:00Z"
    assert value(here, type="datetime") == datetime(2012, 4, 12, 13, 30, tzinfo=UTC)
    assert value(utc, type="datetime") == datetime(2012, 4, 12, 9, 30, tzinfo=UTC)


def test_an_hour_that_summer_time_skips_is_the_moment_of_the_change() -> None:
    assert value("2012-03-11T02:30:00", type="datetime") == datetime(2012, 3, 11, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    "cell", ["2012-02-30", "2012-13-01", "yesterday", "0001-01-01", "9999-12-31"]
)
def test_a_day_that_is_none_is_told(cell: str) -> None:
    assert cell in reason(cell, type="date") or "year" in reason(cell, type="date")


def test_a_workbooks_midnight_is_shown_as_a_day() -> None:
    assert shown(datetime(2012, 4, 12)) == "2012-04-12"  # noqa: DTZ001
    assert shown(datetime(2012, 4, 12, 1)) == "2012-04-12T01:00:00"  # noqa: DTZ001
