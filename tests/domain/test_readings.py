"""Readings of indicators: entered once, a rate only of something, put right openly."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Invalid
from domain.readings.commands import CorrectReading, RecordReading
from domain.readings.decide import READINGS, value_of
from domain.readings.events import ReadingCorrected, ReadingRecorded
from tests.support.calendars import PLAIN
from tests.support.specification import Story


def record(**more: Any) -> RecordReading:
    fields: dict[str, Any] = {"indicator": "satisfaction", "unit": "east", "period": "2026-Q1"}
    return RecordReading(**{**fields, **more})


def correct(**more: Any) -> CorrectReading:
    fields: dict[str, Any] = {"reading_id": record().stream_key, "reason": "two forms were lost"}
    return CorrectReading(**{**fields, **more})


@pytest.fixture
def story() -> Story:
    return Story(READINGS, PLAIN, units={"east": object()})


def test_a_rate_is_made_from_its_numerator_and_denominator(story: Story) -> None:
    assert story.when(record(numerator=737, denominator=972, source="市统计局")) == [
        ReadingRecorded(
            indicator="satisfaction", unit="east", period="2026-Q1", value=Decimal("75.8230"),
            numerator=737, denominator=972, source="市统计局",
        )
    ]  # fmt: skip


def test_a_measured_value_is_kept_as_it_was_measured(story: Story) -> None:
    (event,) = story.when(record(indicator="dust", value=Decimal("9.7")))
    assert isinstance(event, ReadingRecorded)
    assert str(event.value) == "9.7"


def test_exactly_half_of_the_fifth_decimal_goes_up() -> None:
    assert value_of(None, 1, 800_000) == Decimal("0.0001")  # 0.000125 %
    assert value_of(None, 3, 2_000_000) == Decimal("0.0002")  # 0.00015 %
    assert value_of(None, 2, 3) == Decimal("66.6667")
    assert value_of(None, 0, 7) == 0


@given(st.integers(0, 10**6), st.integers(1, 10**6))
def test_a_rate_lies_within_half_a_unit_of_the_exact_one(numerator: int, denominator: int) -> None:
    if 100 * numerator < 10**8 * denominator:
        off = value_of(None, numerator, denominator) * denominator - 100 * numerator
        assert abs(off) <= Decimal("0.00005") * denominator


def test_a_rate_of_nothing_is_not_applicable(story: Story) -> None:
    message = story.refused(record(numerator=0, denominator=0), "reading.not_applicable")
    assert "neither 0 nor 100" in message


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({}, "reading.empty"),
        ({"numerator": 3}, "reading.half_a_rate"),
        ({"value": Decimal(90), "denominator": 3}, "reading.half_a_rate"),
        ({"value": Decimal(90), "numerator": 8, "denominator": 9}, "reading.contradiction"),
        ({"value": Decimal(1), "numerator": 10**12, "denominator": 1}, "reading.contradiction"),
        ({"numerator": 10**12, "denominator": 1}, "reading.too_large"),
    ],
)
def test_figures_that_contradict_each_other_are_refused(
    story: Story, said: dict[str, Any], code: str
) -> None:
    story.refused(record(**said), code)


def test_a_value_that_agrees_with_its_rate_is_taken(story: Story) -> None:
    assert story.when(record(value=Decimal("75.0"), numerator=3, denominator=4))


def test_it_is_recorded_once_however_the_period_is_written(story: Story) -> None:
    story.when(record(value=Decimal(90)))
    again = record(value=Decimal(91), period="2026-q1")
    message = story.refused(again, "reading.exists")
    assert message.endswith("to put it right, correct it")
    assert again.stream_id == f"reading-{story_id()}"
    assert record(reading_id="S1").stream_id == "reading-S1"


def story_id() -> str:
    return record().stream_key


def test_a_correction_counts_from_now_on_and_the_wrong_one_stays(story: Story) -> None:
    story.when(record(numerator=8, denominator=10))
    assert story.when(correct(numerator=9, denominator=10)) == [
        ReadingCorrected(
            value=Decimal("90.0000"), reason="two forms were lost", numerator=9, denominator=10
        )
    ]
    assert not story.when(correct(numerator=9, denominator=10))
    assert isinstance(story.past[0], ReadingRecorded)
    assert story.past[0].value == 80
    story.later(minutes=-1).refused(correct(value=Decimal(1)), "time.before_previous")


def test_only_of_a_unit_that_exists_and_a_period_that_has_begun(story: Story) -> None:
    story.refused(record(unit="nowhere", value=Decimal(1)), "unit.unknown")
    story.refused(record(period="2026-Q2", value=Decimal(1)), "reading.period_not_begun")
    story.refused(correct(value=Decimal(1)), "reading.unknown")
    with pytest.raises(Invalid, match="there is no period"):
        record(period="2026-Q9")
