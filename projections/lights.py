"""The colour of a case at any moment, as the column ``cases.light`` computes it for now."""

from datetime import datetime
from typing import Literal

from projections.cases import CaseRow

Light = Literal["none", "green", "yellow", "red"]
WITHOUT: tuple[str, ...] = ("reported", "rejected", "filed", "void")


def light(row: CaseRow, at: datetime) -> Light:
    """Green; yellow from four fifths of the limit on; red once the deadline has passed; none
    without a deadline. It stands still from the answer on and during a suspension."""
    if row.due_at is None or row.status in WITHOUT:
        return "none"
    if (row.rectified_at or row.suspended_at or at) > row.due_at:
        return "red"
    warned = row.warn_at is not None and (row.suspended_at or at) > row.warn_at
    return "yellow" if row.rectified_at is None and warned else "green"


def is_ticking(row: CaseRow) -> bool:
    """Whether the colour may change without anything happening to the case."""
    return (
        row.due_at is not None
        and row.status not in WITHOUT
        and row.rectified_at is None
        and row.suspended_at is None
    )
