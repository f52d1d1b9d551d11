"""Score entries: every point a unit ever got or lost, by which clause, and why."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

import msgspec

from domain.accountability.events import AccountabilityDecided
from domain.cases.events import CaseDispatched, CaseRuled
from domain.inspections.events import InspectionCorrected
from domain.policies.model import ScoringPolicy
from domain.policies.scoring import Entry, Fact
from domain.readings.events import ReadingCorrected
from projections.accountability import AccountabilityRow
from projections.appeals import rows_of_appeal
from projections.cases import CaseRow
from projections.inspections import InspectionRow
from projections.past.counting import CORRECTIONS
from projections.penalties import PenaltyRow
from projections.projection import Facts, Step
from projections.readings import ReadingRow
from projections.rules import Rules
from projections.score_rows import ScoreRow
from projections.slips import SlipRow


def rows(step: Step, rules: Rules) -> Sequence[ScoreRow]:
    if step.kind == "appeal":
        return rows_of_appeal(step)
    envelope = step.envelope
    event = envelope.event
    corrected = isinstance(event, CORRECTIONS)
    # What is corrected is judged again by the policies that judged it.
    judges = rules.judges(step.before.policies if corrected else envelope.metadata.policies)
    fact: Fact | None = None
    found: list[ScoreRow] = []
    for judge in judges:
        if event.NAME in judge.events or corrected:
            fact = fact or FACTS[step.kind](step)
            for entry in judge.scorer.score(fact):
                found.append(_row(step, fact, judge.policy, entry, len(found)))
    return found


def _row(step: Step, fact: Fact, policy: ScoringPolicy, entry: Entry, number: int) -> ScoreRow:
    occurred_at = scored_at(step)
    return ScoreRow(
        step.envelope.position,
        number,
        entry.unit,
        entry.points,
        entry.clause,
        entry.policy,
        policy.id,
        entry.reason_zh,
        entry.reason_en,
        fact.case_id,
        fact.inspection_id,
        fact.penalty_id,
        fact.event,
        _day(occurred_at, policy.timezone),
        occurred_at,
        step.envelope.recorded_at,
        getattr(step.after, "district", ""),
        getattr(step.after, "grid", ""),
        entry.veto,
        entry.multipliers,
        fact.slip_id,
        fact.accountability_id,
        fact.reading_id,
    )


def scored_at(step: Step) -> datetime:
    """When the points count: a correction counts where the wrong record counted."""
    if isinstance(step.envelope.event, CORRECTIONS):
        recorded: InspectionRow | ReadingRow = step.after
        return recorded.occurred_at
    return step.envelope.occurred_at


@lru_cache(maxsize=10_000)
def _day(occurred_at: datetime, zone: str) -> date:
    return occurred_at.astimezone(ZoneInfo(zone)).date()


def _of_case(step: Step) -> Fact:
    row: CaseRow = step.after
    event = step.envelope.event
    previous: CaseRow | None = step.before
    given = isinstance(event, CaseDispatched | CaseRuled)
    return Fact(
        event=event.NAME,
        unit=row.unit,
        assisting=row.assisting,
        previous_unit=previous.unit if given and previous is not None else "",
        case_id=row.case_id,
        inspection_id=row.inspection_id,
        source=row.source,
        category=row.category,
        severity=row.severity,
        on_the_spot=row.on_the_spot,
        late=row.late,
        reworks=row.reworks,
        bounces=row.bounces,
        extensions=row.extensions,
    )


def _of_inspection(step: Step) -> Fact:
    now = _visit(step.after, step.envelope.event.NAME)
    if not isinstance(step.envelope.event, InspectionCorrected):
        return now
    return msgspec.structs.replace(now, corrects=_visit(step.before, "inspection.recorded"))


def _visit(row: InspectionRow, event: str) -> Fact:
    return Fact(
        event=event,
        unit=row.unit,
        inspection_id=row.inspection_id,
        source=row.source,
        result=row.result,
        colour=row.colour,
        score=row.score,
        findings=row.findings,
    )


def _of_penalty(step: Step) -> Fact:
    row: PenaltyRow = step.after
    return Fact(
        event=step.envelope.event.NAME,
        unit=row.unit,
        case_id=row.case_id,
        inspection_id=row.inspection_id,
        penalty_id=row.penalty_id,
        kind=row.kind,
        decision=row.decision,
    )


def _of_slip(step: Step) -> Fact:
    row: SlipRow = step.after
    return Fact(
        event=step.envelope.event.NAME,
        unit=row.unit,
        case_id=row.case_id,
        slip_id=row.slip_id,
        colour=row.colour,
    )


def _of_accountability(step: Step) -> Fact:
    row: AccountabilityRow = step.after
    event = step.envelope.event
    return Fact(
        event=event.NAME,
        unit=row.unit,
        accountability_id=row.accountability_id,
        action=row.action,
        decision=event.decision if isinstance(event, AccountabilityDecided) else "",
    )


def _of_reading(step: Step) -> Fact:
    now = _measured(step.after, step.envelope.event.NAME)
    if not isinstance(step.envelope.event, ReadingCorrected):
        return now
    return msgspec.structs.replace(now, corrects=_measured(step.before, "reading.recorded"))


def _measured(row: ReadingRow, event: str) -> Fact:
    return Fact(
        event=event,
        unit=row.unit,
        reading_id=row.reading_id,
        indicator=row.indicator,
        value=row.value,
    )


FACTS: Mapping[str, Callable[[Step], Fact]] = {
    "case": _of_case,
    "inspection": _of_inspection,
    "penalty": _of_penalty,
    "slip": _of_slip,
    "accountability": _of_accountability,
    "reading": _of_reading,
}

SCORES = Facts(table="scores", version=2, row=ScoreRow, rows=rows, kinds=(*FACTS, "appeal"))
