"""What each count of cases counts: the practice's words, defined once and exactly."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal, Protocol

from domain.policies.measures import Count

Cohort = Literal["reported", "filed", "dispatched", "due"]


class CountedCase(Protocol):
    """A case as it stands, as far as counting looks at it."""

    status: str
    category: str
    opened_at: datetime
    filed_at: datetime | None
    dispatched_at: datetime | None
    due_at: datetime | None
    rectified_at: datetime | None
    closed_at: datetime | None
    reworks: int
    extensions: int
    bounces: int
    reopenings: int
    overdue: bool
    missed_at: datetime | None
    exempt: bool


def belongs(case: CountedCase, cohort: Cohort, start: datetime, end: datetime) -> bool:
    """Whether a case belongs to a period: it was reported, filed, given to its present unit or
    due from ``start`` up to, not including, ``end``."""
    moments = {
        "reported": case.opened_at,
        "filed": case.filed_at,
        "dispatched": case.dispatched_at,
        "due": case.due_at,
    }
    moment = moments[cohort]
    return moment is not None and start <= moment < end


def counts_of(case: CountedCase, at: datetime) -> Mapping[Count, int]:
    """What the case adds to each count at a moment (the end of the period, or now while it runs):
    what happened by then, as the case stands. The README of ``domain`` tells the counts one by
    one."""
    void, rejected = case.status == "void", case.status == "rejected"
    on = not void and not rejected
    suspended = on and case.status == "suspended"
    filed = on and _by(case.filed_at, at)
    given = on and _by(case.dispatched_at, at) and case.status != "filed"
    handled = given and _by(case.rectified_at, at)
    closed = filed and _by(case.closed_at, at)
    past = _by(case.due_at, at) and not suspended
    in_time = case.exempt or not _late(case)
    missed = case.overdue and (case.missed_at is None or case.missed_at < at)
    missed = missed or (past and (_late(case) or not _by(case.rectified_at, at)))
    return {
        "reported": 1,
        "filed": int(filed),
        "rejected": int(rejected),
        "voided": int(void),
        "dispatched": int(given),
        "due_to_handle": int(given and (past or handled or suspended)),
        "handled": int(handled),
        "handled_in_time": int(handled and in_time),
        "overdue": int(given and missed and not case.exempt),
        "pending": int(given and not handled and not suspended),
        "reworked_cases": int(on and case.reworks > 0),
        "reworks": case.reworks if on else 0,
        "suspended": int(suspended),
        "extended": int(on and case.extensions > 0),
        "bounced": int(on and case.bounces > 0),
        "due_to_close": int(filed and (past or closed or suspended)),
        "closed": int(closed),
        "closed_in_time": int(closed and in_time),
        "reopened": int(on and case.reopenings > 0),
    }


def part_of(category: str, components: Sequence[str]) -> Literal["component", "event"]:
    """Whether a category is a thing (部件) or an event (事件)."""
    plain = category.casefold()
    is_thing = any(plain.startswith(each.casefold()) for each in components)
    return "component" if is_thing else "event"


def _by(moment: datetime | None, at: datetime) -> bool:
    return moment is not None and moment < at


def _late(case: CountedCase) -> bool:
    return (
        case.due_at is not None
        and case.rectified_at is not None
        and case.rectified_at > case.due_at
    )
