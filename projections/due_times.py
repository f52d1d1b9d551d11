"""What is due by a moment: missed deadlines, ends of suspensions, of slips and of publications.

due(reader, until, limit)     what is due, oldest first
next_due(reader, after)       the earliest moment after another at which something will be
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from projections.reading import Reader

What = Literal["case.overdue", "case.resume", "slip.fail", "listing.expire"]


@dataclass(frozen=True, slots=True, order=True)
class Due:
    """``key`` is the id of the case, slip or list entry."""

    due_at: datetime
    what: What
    key: str


def due(reader: Reader, until: datetime, limit: int) -> list[Due]:
    rows = reader.rows("due_times.due", {"until": until, "limit": limit})
    return [Due(row["due_at"], row["what"], row["key"]) for row in rows]


def next_due(reader: Reader, after: datetime) -> datetime | None:
    (row,) = reader.rows("due_times.next_due", {"after": after})
    return row["due_at"] if row["found"] else None
