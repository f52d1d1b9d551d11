"""What becomes a score entry: who answered then, judged by the rules of then."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.accountability.events import AccountabilityDecided, AccountabilityProposed
from domain.cases import events as e
from domain.errors import NotFound
from domain.inspections.events import InspectionCorrected, InspectionRecorded
from domain.messages import Event
from domain.penalties.events import PenaltyDecided, PenaltyOpened
from domain.policies.events import PolicyAdopted
from domain.policies.loading import load
from domain.readings.events import ReadingCorrected, ReadingRecorded
from domain.reasons import Reason
from domain.supervision.events import SlipFailed, SlipIssued, SlipProposed
from projections.catalogue import PROJECTIONS
from projections.projection import Snapshot
from projections.rules import Rules
from projections.score_rows import ScoreRow
from projections.scores import SCORES
from streams.wire import Decoding
from tests.support.memory_log import REGISTRY, MemoryLog
from tests.support.policies import clause, text
from tests.support.specification import MONDAY

REPORT = e.CaseReported(
    case_no="1", source="patrol", category="0110", text="x", severity="grave", inspection_id="7",
    place=e.Place(grid="g1", district="east"),
)  # fmt: skip
FILE = e.CaseFiled(standard="1")
DUE = e.Deadline(MONDAY + timedelta(hours=4), MONDAY + timedelta(hours=3))
TO_HILL = e.CaseDispatched(unit="hill", assisting=("works",), deadline=DUE, district="west")
BECAUSE = Reason(zh="因为", en="because")
Told = tuple[str, Event] | tuple[str, Event, float]


def scored(*told: Told, body: str, later: str = "") -> list[ScoreRow]:
    """The entries of these events, an hour apart or at the hours given; each names the policy
    ``body``, and from ``later`` on (if given) that one."""
    log = MemoryLog()
    policies = [load(b) for b in (body, later) if b]
    for policy, source in zip(policies, (body, later), strict=False):
        adopted = PolicyAdopted(
            policy_id=policy.id, revision=policy.version, effective_from=policy.starts_at,
            digest=policy.digest, body=source,
        )  # fmt: skip
        log.append(f"policy-{policy.id}-{policy.version}", adopted, MONDAY)
    for number, (stream, event, *hour) in enumerate(told):
        at = MONDAY + timedelta(hours=hour[0] if hour else number)
        corrected = isinstance(event, InspectionCorrected)
        policy = policies[-1] if corrected else policies[0]
        log.append(stream, event, at, (policy.digest,))
    return entries(log)


def entries(log: MemoryLog) -> list[ScoreRow]:
    snapshots = {p.kind: p for p in PROJECTIONS if isinstance(p, Snapshot)}
    rules, rows = Rules(log.load_kind("policy")), dict[str, Any]()
    found: list[ScoreRow] = []
    for step in Decoding(REGISTRY).steps(log.events):
        if step.kind in snapshots:
            step.before = rows.get(step.envelope.stream_id)
            step.after = snapshots[step.kind].fold(step.before, step.envelope)
            rows[step.envelope.stream_id] = step.after
        if step.kind in SCORES.kinds:
            found += SCORES.rows(step, rules)
    return found


def case(*events: Event | tuple[Event, float]) -> list[Told]:
    return [
        ("case-1", event[0], event[1]) if isinstance(event, tuple) else ("case-1", event)
        for event in events
    ]


def test_an_entry_says_who_what_why_when_and_where() -> None:
    grave = clause(
        id="grave", on="case.dispatched", when={"severity": "grave"}, points="-4", to="lead_unit",
        reason={"zh": "严重，扣4分", "en": "grave, 4 points off"},
    )  # fmt: skip
    body = text(grave)
    (row,) = scored(*case(REPORT, FILE, (TO_HILL, 16)), body=body)
    policy = load(body)
    assert row == ScoreRow(
        position=4, entry=0, unit="hill", points=Decimal(-4), clause="grave", policy=policy.ref,
        policy_id="example", reason="严重，扣4分", reason_en="grave, 4 points off", case_id="1",
        inspection_id="7", penalty_id="", event="case.dispatched", day=date(2026, 3, 3),
        occurred_at=MONDAY + timedelta(hours=16), recorded_at=MONDAY + timedelta(hours=16),
        district="west", grid="g1",
    )  # fmt: skip


def test_the_unit_before_gets_its_points_back() -> None:
    body = text(
        clause(id="given", on=["case.dispatched", "case.ruled"], points=-1, to="lead_unit",
               when={"changed_hands": True}),
        clause(id="moved", on=["case.dispatched", "case.ruled"], points=1, to="previous_unit"),
    )  # fmt: skip
    rows = scored(
        *case(REPORT, FILE, TO_HILL, e.CaseDisputed(reason="x"),
              e.CaseRuled(unit="lake", basis="map"), e.CaseReworkOrdered(reason="y")),
        body=body,
    )  # fmt: skip
    assert [(row.event, row.unit, row.points) for row in rows] == [
        ("case.dispatched", "hill", Decimal(-1)), ("case.ruled", "lake", Decimal(-1)),
        ("case.ruled", "hill", Decimal(1)),
    ]  # fmt: skip


def test_assisting_units_and_counts_are_those_of_the_moment() -> None:
    body = text(
        clause(id="third", on="case.rework_ordered", when={"reworks": {"at_least": 2}},
               points="-0.5", to="assisting_units"),
    )  # fmt: skip
    rework = e.CaseReworkOrdered(reason="still")
    rows = scored(*case(REPORT, FILE, TO_HILL, rework, rework), body=body)
    assert [(row.position, row.unit, row.points) for row in rows] == [(6, "works", Decimal("-0.5"))]


@pytest.mark.parametrize(("hour", "late"), [(4, False), (4.5, True)])
def test_late_is_what_was_answered_after_its_deadline(hour: float, late: bool) -> None:
    """Also on closing, however long the check took."""
    on = ["case.rectified", "case.closed"]
    body = text(clause(id="late", on=on, when={"late": True}, to="lead_unit"))
    answered = (e.CaseRectified(note="x"), hour)
    rows = scored(
        *case(REPORT, FILE, TO_HILL, answered, (e.CaseVerified(), 9), (e.CaseClosed(), 9)),
        body=body,
    )  # fmt: skip
    assert [row.event for row in rows] == (on if late else [])


def test_a_correction_gives_the_difference_by_the_rules_of_the_visit() -> None:
    visit = InspectionRecorded(unit="shop", source="patrol", result="pass", colour="green")
    wrong = InspectionCorrected(result="closed", colour="red", reason="mistyped")
    closed = clause(
        id="closed", on="inspection.recorded", when={"result": "closed"}, points=-30,
        to="inspected_unit",
    )  # fmt: skip
    body, later = text(closed), text({**closed, "points": -99}, version=2)
    rows = scored(("inspection-1", visit), ("inspection-1", wrong, 30), body=body, later=later)
    assert [(r.event, r.points, r.clause, r.policy, r.day) for r in rows] == [
        ("inspection.recorded", Decimal(0), "touched", load(body).ref, date(2026, 3, 2)),
        ("inspection.corrected", Decimal(-30), "closed", load(body).ref, date(2026, 3, 2)),
    ]


def test_a_penalty_counts_but_never_its_amount() -> None:
    body = text(clause(id="fined", on="penalty.decided", when={"decision": "fined"}, points=-2,
                       to="penalised_unit"))  # fmt: skip
    rows = scored(
        ("penalty-1", PenaltyOpened(unit="shop", kind="ticket", currency="CNY", case_id="1")),
        ("penalty-1", PenaltyDecided(decision="fined", amount=Decimal("9999.99"))),
        body=body,
    )
    assert [(r.unit, r.points, r.penalty_id, r.case_id) for r in rows] == [
        ("shop", Decimal(-2), "1", "1")
    ]


def test_slips_accountability_and_readings_score_the_unit_they_are_about() -> None:
    given = {"points": -1, "reason": {"zh": "x", "en": "x"}}
    body = text(
        clause(id="issued", on="slip.issued", to="supervised_unit", when={"colour": "red"},
               **given),
        clause(id="failed", on="slip.failed", to="supervised_unit", **given),
        clause(id="vetoed", on="accountability.decided", to="accountable_unit", veto=True,
               when={"action": "veto", "decision": "ordered"}, **given),
        clause(id="survey", on="reading.recorded", to="measured_unit",
               when={"indicator": "satisfaction"}, points={"read": "value", "minus": 90}),
    )  # fmt: skip
    slip = SlipProposed(
        matter="1", unit="hill", ladder="city", colour="red", case_id="1",
        limit=e.Limit(1, "working_days"), authority="city", reason=BECAUSE,
    )  # fmt: skip
    veto = AccountabilityProposed(
        action="veto", unit="lake", organ="city", authority="city", reason=BECAUSE
    )
    survey = ReadingRecorded(
        indicator="satisfaction", unit="works", period="2026-Q1", value=Decimal("88.5")
    )
    better = ReadingCorrected(value=Decimal(91), reason="mistyped")
    rows = scored(
        ("slip-1.1", slip), ("slip-1.1", SlipIssued(number="1", authority="city")),
        ("slip-1.1", SlipFailed(deadline=DUE)), ("accountability-9", veto),
        ("accountability-9", AccountabilityDecided(decision="ordered", authority="city",
                                                   reason="fraud")),
        ("reading-5", survey), ("reading-5", better, 40), body=body,
    )  # fmt: skip
    assert [(r.event, r.unit, r.clause, r.points, r.veto) for r in rows] == [
        ("slip.issued", "hill", "issued", Decimal(-1), 0),
        ("slip.failed", "hill", "failed", Decimal(-1), 0),
        ("accountability.decided", "lake", "vetoed", Decimal(-1), 1),
        ("reading.recorded", "works", "survey", Decimal("-1.5"), 0),
        ("reading.corrected", "works", "survey", Decimal("2.5"), 0),
    ]
    about = [(r.slip_id, r.accountability_id, r.reading_id, r.case_id) for r in rows]
    assert about == [
        ("1.1", "", "", "1"), ("1.1", "", "", "1"), ("", "9", "", ""), ("", "", "5", ""),
        ("", "", "5", ""),
    ]  # fmt: skip
    assert rows[4].day == rows[3].day == date(2026, 3, 2)


def test_events_without_policies_give_nothing() -> None:
    log = MemoryLog()
    log.append("case-1", REPORT, MONDAY)
    assert entries(log) == []


def test_a_policy_that_nobody_adopted_is_an_error() -> None:
    """Silence would leave points out."""
    log = MemoryLog()
    log.append("case-1", REPORT, datetime(2026, 1, 1, tzinfo=MONDAY.tzinfo), ("f" * 64,))
    with pytest.raises(NotFound):
        entries(log)
