"""Inspections: recorded once, scored by their sheet."""

from decimal import Decimal

import pytest

from domain.inspections.commands import CorrectInspection, RecordInspection
from domain.inspections.decide import INSPECTIONS
from domain.inspections.events import InspectionCorrected, InspectionRecorded, SheetLine
from tests.domain.test_units import UNITS_HERE, unit
from tests.support.calendars import PLAIN
from tests.support.specification import Story

SHEET = (
    SheetLine("floor", Decimal("17.5"), Decimal(20)),
    SheetLine("bins", Decimal("8.25"), Decimal(10)),
)


@pytest.fixture
def story() -> Story:
    return Story(INSPECTIONS, PLAIN, {**UNITS_HERE, "shop": unit("shop", "company", "grid")})


def record(**more: object) -> RecordInspection:
    fields: dict[str, object] = {
        "inspection_id": "i1", "unit": "shop", "source": "covert_check", "result": "pass",
    }  # fmt: skip
    return RecordInspection(**{**fields, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("result", "closure_ordered", "colour"),
    [
        ("pass", False, "green"),
        ("conditional_pass", False, "yellow"),
        ("closed", False, "red"),
        ("pass", True, "red"),
    ],
)
def test_the_result_leaves_a_colour(
    story: Story, result: str, closure_ordered: bool, colour: str
) -> None:
    (event,) = story.when(record(result=result, closure_ordered=closure_ordered))
    assert isinstance(event, InspectionRecorded)
    assert (event.colour, event.district, event.grid) == (colour, "east", "grid")


def test_the_score_is_the_sum_of_the_sheet(story: Story) -> None:
    story.refused(record(result="scored", sheet=SHEET, score="26"), "inspection.sheet_sum")
    (event,) = story.when(record(result="scored", sheet=SHEET))
    assert isinstance(event, InspectionRecorded)
    assert event.score == Decimal("25.75")


def test_points_of_a_line_stay_within_the_line(story: Story) -> None:
    line = SheetLine("floor", Decimal(21), Decimal(20))
    message = story.refused(record(result="scored", sheet=(line,)), "inspection.sheet_points")
    assert "floor" in message


def test_an_inspection_is_recorded_once_and_corrected_by_a_new_event(story: Story) -> None:
    correction = CorrectInspection(inspection_id="i1", result="closed", reason="wrong shop sign")
    story.refused(correction, "inspection.unknown")
    story.when(record())
    story.refused(record(), "inspection.exists")
    assert story.when(correction) == [
        InspectionCorrected(result="closed", colour="red", reason="wrong shop sign")
    ]


def test_an_inspection_of_an_unknown_unit_is_refused(story: Story) -> None:
    story.refused(record(unit="nobody"), "unit.unknown")
