"""What types cannot say about scoring policies and composites: boards and their marks."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import get_args

from domain.periods import PeriodKind
from domain.policies.checks.asking import (
    condition_findings,
    not_known,
    reason_findings,
    when_findings,
)
from domain.policies.composite import Component
from domain.policies.drafts import Draft
from domain.policies.findings import (
    CIRCLE,
    Finding,
    nearest,
    repeated,
    repeated_ids,
)
from domain.policies.model import Clause, Multiplier, Reading
from domain.policies.reading import Path
from domain.policies.words import QUESTIONS, RECIPIENTS, TOUCHED, kind_of, words_for

# Shortest first; each ends more often than the next.
LENGTHS: Sequence[str] = get_args(PeriodKind)


def scoring_findings(draft: Draft) -> Iterator[Finding]:
    base, low, high = draft.one("base"), draft.one("floor"), draft.one("ceiling")
    if base is not None and low is not None and low > base:
        yield Finding(("floor",), f"the floor {low} lies above the base {base}")
    if base is not None and high is not None and high < base:
        yield Finding(("ceiling",), f"the ceiling {high} lies below the base {base}")
    yield from _board_findings(draft)
    clauses = draft.parts("clauses", Clause)
    for index, clause in clauses:
        yield from _clause_findings(clause, ("clauses", index))
    yield from repeated_ids("clauses", "clauses", clauses)
    yield from _repeated_clauses(clauses)
    multipliers = draft.parts("multipliers", Multiplier)
    yield from repeated_ids("multipliers", "multipliers", multipliers)
    complete = len(clauses) == len(draft.tree.get("clauses") or ())
    for index, multiplier in multipliers:
        named = [clause for _, clause in clauses]
        yield from _multiplier_findings(multiplier, named, ("multipliers", index), complete)


def composite_findings(draft: Draft) -> Iterator[Finding]:
    yield from _board_findings(draft)
    low, high = draft.one("floor"), draft.one("ceiling")
    if low is not None and high is not None and low > high:
        yield Finding(("floor",), f"the floor {low} lies above the ceiling {high}")
    periods = draft.one("periods") or ()
    places: list[tuple[Path, str]] = [(("periods", at), kind) for at, kind in enumerate(periods)]
    yield from repeated(places, str, lambda first, kind: f"'{kind}' stands twice: keep one")
    components = draft.parts("components", Component)
    yield from repeated_ids("components", "components", components)
    for index, component in components:
        path = ("components", index)
        if component.board is not None and component.board == draft.one("id"):
            sentence = f"'{component.board}' would be made of itself: name another board"
            yield Finding((*path, "board"), sentence, code=CIRCLE)
        yield from _component_findings(component, periods, path)


def _board_findings(draft: Draft) -> Iterator[Finding]:
    standard = draft.one("standard")
    if standard is None:
        return
    low, high = draft.one("floor"), draft.one("ceiling")
    place = ("standard", "below")
    if low is not None and standard.below <= low:
        yield Finding(place, f"nobody can be below {standard.below}: the floor is {low}")
    if high is not None and standard.below > high:
        yield Finding(place, f"everybody would be below {standard.below}: the ceiling is {high}")
    if draft.one("order") == "low_first":
        yield Finding(
            place,
            "with 'order: low_first' the fewest points are the best, and the standard would veto "
            "the best: leave the standard out, or write 'order: high_first'",
        )


def _clause_findings(clause: Clause, path: Path) -> Iterator[Finding]:
    if clause.id == TOUCHED:
        yield Finding((*path, "id"), f"'{TOUCHED}' is the program's own: choose another id")
    for event in clause.on:
        allowed = RECIPIENTS[kind_of(event)]
        if clause.to not in allowed:
            sentence = f"'{clause.to}' has no part in {event}: write {' or '.join(allowed)}"
            yield Finding((*path, "to"), sentence)
    yield from when_findings(clause.when, clause.on, (*path, "when"))
    if isinstance(clause.points, Reading):
        yield from _reading_findings(clause.points, clause.on, (*path, "points", "read"))
    asked = [word for word in QUESTIONS if all(word in words_for(event) for event in clause.on)]
    yield from reason_findings(clause.reason, ["points", *asked], (*path, "reason"))


def _reading_findings(reading: Reading, events: Sequence[str], path: Path) -> Iterator[Finding]:
    for event in events:
        if reading.read not in words_for(event):
            yield Finding(path, not_known(reading.read, event))
    if QUESTIONS[reading.read].nature != "number":
        numbers = [word for word, question in QUESTIONS.items() if question.nature == "number"]
        sentence = f"'{reading.read}' is not a number: write one of: {', '.join(numbers)}"
        yield Finding(path, sentence)


def _repeated_clauses(clauses: Sequence[tuple[int, Clause]]) -> Iterator[Finding]:
    """Two clauses that would both give points for the very same thing."""
    asked: dict[tuple[str, str, str], Clause] = {}
    for index, clause in clauses:
        when = sorted((word, repr(condition)) for word, condition in clause.when.items())
        for event in clause.on:
            other = asked.setdefault((event, clause.to, repr(when)), clause)
            if other is not clause:
                yield Finding(
                    ("clauses", index),
                    f"clauses '{other.id}' and '{clause.id}' contradict each other: both speak on "
                    f"{event} under the same conditions to {clause.to}; keep one",
                )
                break


def _multiplier_findings(
    multiplier: Multiplier, clauses: Sequence[Clause], path: Path, complete: bool
) -> Iterator[Finding]:
    ids = [clause.id for clause in clauses]
    for index, named in enumerate(multiplier.clauses):
        if named not in ids and complete:
            sentence = f"there is no clause '{named}': {nearest(named, ids)}"
            yield Finding((*path, "clauses", index), sentence)
    meant = [c for c in clauses if c.id in multiplier.clauses or not multiplier.clauses]
    events = list(dict.fromkeys(event for clause in meant for event in clause.on))
    able = [event for event in events if all(word in words_for(event) for word in multiplier.when)]
    if events and not able and complete:
        asked = "' and '".join(multiplier.when)
        yield Finding(
            (*path, "when"),
            f"it never multiplies: no event of its clauses knows '{asked}'",
        )
    for word, condition in multiplier.when.items():
        yield from condition_findings(word, condition, (*path, "when", word), able)


def _component_findings(
    component: Component, periods: Sequence[str], path: Path
) -> Iterator[Finding]:
    if component.weight == 0:
        yield Finding((*path, "weight"), "with the weight 0 it counts for nothing: leave it out")
    if component.each is not None:
        for kind in periods:
            if LENGTHS.index(component.each) >= LENGTHS.index(kind):
                yield Finding(
                    (*path, "each"),
                    f"no {kind} holds several periods of the kind '{component.each}': write a "
                    "shorter kind, or leave 'each' and 'join' out",
                )
    band = component.band
    if band is not None and band.least > band.full:
        sentence = f"the lowest mark {band.least} lies above the full mark {band.full}"
        yield Finding((*path, "band", "least"), sentence)
    if band is not None and component.indicator is not None and band.target <= Decimal(0):
        yield Finding((*path, "band", "from"), "a rate is never below 0: write a higher target")
