"""The row of a case agrees with its own rules, step by step."""

from datetime import timedelta

import pytest

from domain.cases import events as e
from domain.cases.state import Case
from domain.cases.state import evolve as evolve_by_the_rules
from domain.messages import Envelope, Event, Metadata
from projections.cases import CASES, CaseRow
from streams.wire import Decoding
from tests.support.lives import Lives
from tests.support.memory_log import REGISTRY
from tests.support.specification import MONDAY

HOUR = timedelta(hours=1)
REPORT = e.CaseReported(
    case_no="督1", source="patrol", category="0110", text="rubbish", about="shop",
    place=e.Place(grid="g1", district="east"),
)  # fmt: skip
DUE = e.Deadline(MONDAY + 4 * HOUR, MONDAY + 3 * HOUR)
LIMIT = e.Limit(4, "urgent_hours")
DISPATCH = e.CaseDispatched(unit="hill", limit=LIMIT, deadline=DUE, district="west")


def row_of(*told: Event | tuple[Event, float]) -> CaseRow:
    """The row after these events, one hour apart or at the hours given."""
    row: CaseRow | None = None
    for number, event in enumerate(told):
        event, hour = event if isinstance(event, tuple) else (event, number)
        at = MONDAY + hour * HOUR
        metadata = Metadata(actor="li", occurred_at=at)
        row = CASES.fold(row, Envelope(number + 1, "case-1", number + 1, at, metadata, event))
    assert row is not None
    return row


@pytest.mark.parametrize("seed", range(6))
def test_the_row_agrees_with_the_rules_after_every_event(seed: int) -> None:
    states: dict[str, Case | None] = {}
    rows: dict[str, CaseRow | None] = {}
    for step in Decoding(REGISTRY).steps(Lives(seed).until(700).events):
        if step.kind != "case":
            continue
        stream, envelope = step.envelope.stream_id, step.envelope
        state = states[stream] = evolve_by_the_rules(states.get(stream), envelope)
        row = rows[stream] = CASES.fold(rows.get(stream), envelope)
        assert state is not None
        assert row is not None
        assert row.status == state.status
        assert row.unit == state.unit
        assert row.changed_at == state.last_at
        assert (row.due_at is None) == (state.deadline is None)
        if state.deadline is not None:
            assert (row.due_at, row.warn_at) == (state.deadline.due_at, state.deadline.warn_at)
        kept = None if row.limit_amount is None else (row.limit_amount, row.clock)
        assert kept == (None if state.limit is None else (state.limit.amount, state.limit.clock))
        assert row.extensions == state.extensions
        assert row.extension_pending == bool(state.extension_asked_by)
        suspended = (row.suspended_in, row.suspended_at, row.suspended_until)
        if state.status == "suspended":
            assert suspended == (state.suspended_in, state.suspended_at, state.suspended_until)
        else:
            assert suspended == ("", None, None)
        assert (row.verified_at is not None) == state.verified
        assert row.overdue or state.missed is None
        assert (row.version, row.position) == (envelope.version, envelope.position)


def test_every_event_of_a_case_moves_its_row() -> None:
    for event in e.EVENTS[1:]:
        fields = {
            name: {"deadline": DUE, "due_at": DUE.due_at, "until": DUE.due_at}.get(name, "x")
            for name, default in zip(
                event.__struct_fields__, (None,) * len(event.__struct_fields__), strict=True
            )
            if name in ("reason", "standard", "unit", "basis", "note", "until", "due_at", "appeal")
            or (name == "deadline" and event is e.CaseExtensionApproved)
        }
        row = row_of(REPORT, e.CaseFiled(standard="1"), DISPATCH, event(**fields))
        assert (row.version, row.position) == (4, 4), event.NAME


def test_a_case_stands_in_the_district_of_who_answers() -> None:
    assert row_of(REPORT).district == "east"
    assert row_of(REPORT, e.CaseFiled(standard="1"), DISPATCH).district == "west"
    nowhere = e.CaseDispatched(unit="city")
    assert row_of(REPORT, e.CaseFiled(standard="1"), nowhere).district == "east"


def test_returns_and_disputes_are_bounces() -> None:
    row = row_of(
        REPORT, e.CaseFiled(standard="1"), DISPATCH, e.CaseReturned(reason="a"), DISPATCH,
        e.CaseDisputed(reason="b"), e.CaseRuled(unit="lake", basis="map"),
    )  # fmt: skip
    assert (row.bounces, row.unit, row.status, row.due_at) == (2, "lake", "dispatched", None)


def test_an_answer_after_the_deadline_was_late_for_ever() -> None:
    filed = e.CaseFiled(standard="1")
    in_time = row_of(REPORT, filed, DISPATCH, (e.CaseRectified(note="x"), 4))
    assert (in_time.late, in_time.overdue) == (False, False)
    late = row_of(REPORT, filed, DISPATCH, (e.CaseRectified(note="x"), 4.5))
    assert (late.late, late.overdue) == (True, True)
    again = row_of(
        REPORT, filed, DISPATCH, (e.CaseRectified(note="x"), 4.5),
        (e.CaseReworkOrdered(
            reason="y", limit=LIMIT,
            deadline=e.Deadline(MONDAY + 9 * HOUR, MONDAY + 8 * HOUR)), 5),
        (e.CaseRectified(note="x"), 6),
    )  # fmt: skip
    assert (again.late, again.overdue, again.reworks) == (False, True, 1)


def test_a_check_without_an_answer_counts_as_the_answer() -> None:
    filed = e.CaseFiled(standard="1")
    row = row_of(REPORT, filed, DISPATCH, (e.CaseVerified(), 5), (e.CaseClosed(), 6))
    assert row.rectified_at == row.verified_at == MONDAY + 5 * HOUR
    answered = row_of(REPORT, filed, DISPATCH, e.CaseRectified(note="x"), (e.CaseVerified(), 7))
    assert answered.rectified_at == MONDAY + 3 * HOUR
    assert not answered.late


def test_a_case_that_came_back_is_open_again() -> None:
    row = row_of(
        REPORT, e.CaseFiled(standard="1"), DISPATCH, e.CaseVerified(),
        e.CaseClosed(on_the_spot=True), e.CaseReopened(reason="back"),
    )  # fmt: skip
    assert (row.status, row.closed_at, row.on_the_spot) == ("dispatched", None, False)
    assert (row.reopenings, row.rectified_at, row.due_at) == (1, None, DUE.due_at)
