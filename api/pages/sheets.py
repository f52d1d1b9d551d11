"""A unit's points in a period, line by line: every entry with its clause, reason and event."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from api.pages.happenings import page_of
from api.pages.rendering import View
from api.pages.why import why_href
from domain.periods import Period
from domain.policies.model import Board, ScoringPolicy
from projections import explanations
from projections.dossiers import names
from projections.standings import Ranking, Standing
from projections.why import rank_key

MOST_ENTRIES = 200


@dataclass(frozen=True, slots=True)
class EntryLine:
    """``unit_name`` is given where the entry is that of a unit below the one asked about;
    ``subject_id`` is how an appeal names the entry, ``concerns`` the unit that may appeal."""

    position: int
    subject_id: str
    points: Decimal
    reason: str
    clause: str
    policy: str
    occurred_at: datetime
    subject: str
    href: str
    unit_name: str
    concerns: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """How a unit's points came about; no points at all if it neither is ranked nor has entries.
    ``start`` and ``bounds`` are what the policy adds to the sum of the entries; ``hidden`` counts
    older entries that are not listed, ``why`` is where a place among peers is explained."""

    unit: str
    name: str
    place: int | None
    points: Decimal | None
    start: Decimal | None
    bounds: Decimal | None
    lines: Sequence[EntryLine]
    hidden: int
    why: str = ""


def sheet(view: View, policy: Board, ranked: Ranking, period: Period, unit: str) -> Sheet:
    """A unit's entries, newest first, and how they add up. A node has those of all units below
    it; a unit that the policy does not rank has no place and nothing to start with."""
    reader = view.services.reader
    under, as_of = ranked.by != "peers", ranked.as_of
    found = explanations.entries(
        reader, policy, period, unit, under=under, as_of=as_of, limit=MOST_ENTRIES
    )
    mine = next((row for row in ranked.rows if row.unit == unit), None)
    total = mine.balance if mine else sum((entry.points for entry in found), Decimal(0))
    named = names(reader, [unit])
    # A board of boards weighs marks: its points are not the sum of these entries.
    base = policy.base if isinstance(policy, ScoringPolicy) else None
    return Sheet(
        unit=unit,
        name=named[unit].name if unit in named else unit,
        place=mine.place if mine else None,
        points=mine.points if mine else total if found else None,
        start=base if mine else None,
        bounds=mine.points - total - base if mine and base is not None else None,
        lines=[_line(view, entry, unit) for entry in found],
        hidden=max(0, mine.entries - len(found)) if mine else 0,
        why=_why(ranked, mine) if mine and not under else "",
    )


def _why(ranked: Ranking, mine: Standing) -> str:
    key = rank_key(ranked.policy_id, ranked.period, mine.peer_group, mine.unit)
    return why_href("rank", key)


def _line(view: View, entry: explanations.ScoreEntry, unit: str) -> EntryLine:
    about = (("case", entry.case_id), ("inspection", entry.inspection_id))
    kind, key = next(((kind, key) for kind, key in about if key), ("", ""))
    return EntryLine(
        position=entry.position,
        subject_id=f"{entry.position}.{entry.entry}",
        points=entry.points,
        reason=entry.reason if view.t.language == "zh" else entry.reason_en,
        clause=entry.clause,
        policy=entry.policy,
        occurred_at=entry.occurred_at,
        subject=f"{view.t.of('subject', kind)} {key}",
        href=page_of(kind, key),
        unit_name=entry.unit_name if entry.unit != unit else "",
        concerns=entry.unit,
    )
