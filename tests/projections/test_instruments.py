"""The rows of slips, money, list entries and actions say what happened; the ledger adds up."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.accountability import events as ac
from domain.cases.events import Deadline, Limit
from domain.decider import Context
from domain.errors import Refused
from domain.listings import events as li
from domain.messages import Command, Envelope, Event, Metadata
from domain.money import commands as mc
from domain.money import events as mo
from domain.money.decide import MONEY as RULES_OF_MONEY
from domain.penalties.events import PenaltyDecided, PenaltyOpened, PenaltySettled
from domain.rankings.decide import Life
from domain.rankings.events import RankedUnit, RankingPublished
from domain.reasons import Reason
from domain.supervision import events as su
from domain.units.decide import Unit
from projections.accountability import ACCOUNTABILITY
from projections.catalogue import PROJECTIONS
from projections.events import rows as trail
from projections.ledger import LEDGER, LedgerRow
from projections.listings import LISTINGS
from projections.money import MONEY
from projections.projection import Snapshot, Step
from projections.rules import Rules
from projections.slips import SLIPS
from streams.wire import Decoding
from tests.support.calendars import PLAIN
from tests.support.memory_log import REGISTRY, MemoryLog
from tests.support.specification import MONDAY

HOUR = timedelta(hours=1)
WHY = Reason(zh="末位", en="last", policy="p@1#0", clause="c", events=(3, 5))
LIMIT = Limit(4, "urgent_hours")
DUE = Deadline(MONDAY + 6 * HOUR, MONDAY + 5 * HOUR)
SNAPSHOTS = {each.kind: each for each in PROJECTIONS if isinstance(each, Snapshot)}
SLIP = su.SlipProposed(
    matter="A1", unit="hill", ladder="l", colour="red", limit=LIMIT, authority="督查办", reason=WHY,
    case_id="A1", district="east",
)  # fmt: skip
ENTRY = li.ListingProposed(list="black", rule="black", authority="创卫办", reason=WHY, unit="hill")
ACTION = ac.AccountabilityProposed(
    action="interview", unit="hill", organ="组织部", authority="市委", reason=WHY
)
DEDUCTION = mo.MoneyProposed(
    unit="hill", direction="deduction", amount=Decimal(300), currency="CNY", period="2026-02",
    ranking="r", authority="市政府", reason=WHY,
)  # fmt: skip
UPRIGHT = ac.AccountabilityDecided(decision="ordered", authority="city", reason="so it is")
APPROVED = (mo.MoneyReviewed(), mo.MoneyApproved(authority="city"), mo.MoneyIssued(number="1"))
PUBLISHED = (
    li.ListingReviewed(personal_data="none", text="排名末位"), li.ListingApproved(authority="city"),
    li.ListingPublished(until=MONDAY + 700 * HOUR, channel="晚报"),
)  # fmt: skip


def row_of(snapshot: Snapshot[Any], *told: Event, key: str = "A1.2") -> Any:
    """The row after these events, one hour apart, each by another person."""
    row: Any = None
    for number, event in enumerate(told):
        at = MONDAY + number * HOUR
        metadata = Metadata(actor=f"p{number}", occurred_at=at)
        envelope = Envelope(number + 1, f"{snapshot.kind}-{key}", number + 1, at, metadata, event)
        row = snapshot.fold(row, envelope)
    return row


def test_a_slip_is_numbered_within_its_matter_and_keeps_why_it_was_proposed() -> None:
    row = row_of(SLIPS, SLIP)
    assert (row.slip_id, row.matter, row.ordinal) == ("A1.2", "A1", 2)
    assert (row.unit, row.district, row.colour, row.status) == ("hill", "east", "red", "proposed")
    assert (row.limit_amount, row.clock) == (4, "urgent_hours")
    assert (row.reason, row.policy, row.clause, row.because) == ("末位", "p@1#0", "c", (3, 5))


def test_a_rejected_answer_is_none_and_a_failure_is_dated_when_the_limit_ended() -> None:
    served = (SLIP, su.SlipIssued(number="R1", authority="市政府"),
              su.SlipServed(receiver="门卫", deadline=DUE))  # fmt: skip
    answered = (*served, su.SlipAnswered(note="done"))
    assert row_of(SLIPS, *answered).answered_at == MONDAY + 3 * HOUR
    rejected = (*answered, su.SlipAnswerRejected(reason="no photo"))
    row = row_of(SLIPS, *rejected)
    assert (row.status, row.answered_at, row.note) == ("served", None, "no photo")
    failed = (*rejected, su.SlipFailed(deadline=DUE), su.SlipExcused(reason="flood"))
    row = row_of(SLIPS, *failed)
    assert (row.status, row.failed_at, row.excused) == ("failed", DUE.due_at, True)
    assert (row.authority, row.issued_by, row.ended_at) == ("市政府", "p1", None)
    lifted = row_of(SLIPS, *failed, su.SlipLifted(reason="all done"))
    assert (lifted.status, lifted.ended_at) == ("lifted", MONDAY + 7 * HOUR)
    assert lifted.failed_at == DUE.due_at  # what happened stays


def test_an_entry_says_who_had_a_hand_in_it_and_where_it_stands() -> None:
    row = row_of(LISTINGS, ENTRY, *PUBLISHED)
    assert (row.proposed_by, row.reviewed_by, row.approved_by, row.published_by) == (
        "p0", "p1", "p2", "p3",
    )  # fmt: skip
    assert (row.text, row.approved_for, row.channel) == ("排名末位", "city", "晚报")
    objected = (ENTRY, *PUBLISHED, li.ListingObjected(grounds="not ours"))
    assert row_of(LISTINGS, *objected).status == "objected"
    kept = row_of(LISTINGS, *objected, li.ListingObjectionDismissed(reason="yours"))
    assert (kept.status, kept.ended_at) == ("published", None)
    fallen = row_of(LISTINGS, *objected, li.ListingObjectionUpheld(reason="not theirs"))
    assert (fallen.status, fallen.note) == ("withdrawn", "not theirs")


def test_an_answer_ends_only_an_action_that_was_carried_out() -> None:
    ordered = (ACTION, ac.AccountabilityReviewed(), UPRIGHT)
    answer = ac.AccountabilityAnswered(note="we accept")
    early = row_of(ACCOUNTABILITY, *ordered, answer)
    assert (early.status, early.answer) == ("ordered", "we accept")
    done = (*ordered, ac.AccountabilityCarriedOut(note="one hour"), answer)
    assert row_of(ACCOUNTABILITY, *done).status == "answered"


@pytest.mark.parametrize(
    ("stream", "told"),
    [
        ("slip-A1.1", SLIP),
        ("money-M", DEDUCTION),
        ("listing-L", ENTRY),
        ("accountability-R", ACTION),
    ],
)
def test_the_audit_trail_says_whom_it_is_about(stream: str, told: Event) -> None:
    log = MemoryLog()
    log.append(stream, told, MONDAY)
    (step,) = steps_of(log)
    (row,) = trail(step, Rules())
    assert row.unit == "hill"


def steps_of(log: MemoryLog) -> list[Step]:
    """With the rows of their streams around them."""
    rows: dict[str, Any] = {}
    steps: list[Step] = Decoding(REGISTRY).steps(log.events)
    for step in steps:
        snapshot, stream = SNAPSHOTS.get(step.kind), step.envelope.stream_id
        if snapshot is not None:
            step.before = rows.get(stream)
            step.after = rows[stream] = snapshot.fold(step.before, step.envelope)
    return steps


def ledger_of(log: MemoryLog) -> list[LedgerRow]:
    return [row for step in steps_of(log) for row in LEDGER.rows(step, Rules())]


def lines(*told: Event) -> list[tuple[str, str, int]]:
    log = MemoryLog()
    for event in told:
        log.append("money-M", event, MONDAY)
    return [(row.account, row.side, int(row.amount)) for row in ledger_of(log)]


def test_a_deduction_goes_from_the_unit_to_the_city_and_back_when_revoked() -> None:
    paid = mo.MoneySettled(amount=Decimal(100))
    revoked = mo.MoneyRevoked(reason="the ranking was wrong")
    assert lines(DEDUCTION, *APPROVED, paid, revoked) == [
        ("unit:hill", "due", -300), ("city", "due", 300),
        ("unit:hill", "paid", -100), ("city", "paid", 100),
        ("unit:hill", "due", 300), ("city", "due", -300),
    ]  # fmt: skip


def test_what_was_never_issued_is_not_in_the_ledger() -> None:
    assert lines(DEDUCTION, *APPROVED[:2], mo.MoneyRevoked(reason="x")) == []
    assert lines(DEDUCTION, mo.MoneyDeclined(reason="x")) == []


UNITS = {
    name: Unit(name, name, "district", "city", "", "", "", None, None)
    for name in ("east", "west", "mayor")
}
PERIODS = {"2026-02": "CNY", "2026-03": "CAD"}


def ranking(period: str) -> Life:
    rows = tuple(RankedUnit(unit, 1, Decimal(1), 1) for unit in UNITS)
    return Life(MONDAY, published=RankingPublished(
        period=period, peer_group="", rows=rows, computed_at=1, policies=(), checksum="",
        composed_by="x", board="b"))  # fmt: skip


class Treasury:
    """Random money, decided by the real rules, beside statutory penalties."""

    def __init__(self, random: Random) -> None:
        self.log, self._random = MemoryLog(), random
        self._states: dict[str, Any] = {f"ranking-{p}": ranking(p) for p in PERIODS}

    def step(self, number: int) -> None:
        chance = self._random.random()
        if chance < 0.2:
            self._penalise(f"penalty-{number}")
        elif chance < 0.5:
            self._ask(self._proposal(str(number)))
        else:
            known = str(self._random.randrange(number + 1))
            command = self._random.choice(mc.COMMANDS[1:])
            said = {"authority": "mayor", "reason": "so it is",
                    "amount": self._random.choice(("0.01", "75.50", "300"))}  # fmt: skip
            words = {name: word for name, word in said.items() if name in command.model_fields}
            self._ask(command.model_validate({"money_id": known, **words}))

    def _proposal(self, key: str) -> Command:
        period = self._random.choice(list(PERIODS))
        return mc.ProposeMoney.model_validate({
            "money_id": key, "unit": self._random.choice(("east", "west")),
            "direction": self._random.choice(("deduction", "reward")),
            "amount": self._random.choice(("75.50", "300", "0.03")), "currency": PERIODS[period],
            "period": period, "ranking": period, "authority": "市政府", "reason": WHY,
        })  # fmt: skip

    def _penalise(self, stream: str) -> None:
        fined = PenaltyDecided(decision="fined", amount=Decimal(999))
        told = PenaltyOpened(unit="east", kind="ticket", currency="CNY"), fined, PenaltySettled()
        for event in told:
            self.log.append(stream, event, MONDAY)

    def _ask(self, command: Command) -> None:
        stream, state = command.stream_id, self._states.get(command.stream_id)
        actor = self._random.choice("abc")
        context = Context(actor, MONDAY, MONDAY, PLAIN, UNITS.get, "city", self._states.get)
        try:
            decided: Sequence[Event] = RULES_OF_MONEY.decide(state, command, context)  # type: ignore[arg-type]
        except Refused:
            return
        for event in decided:
            self.log.append(stream, event, MONDAY, actor=actor)
            metadata = Metadata(actor=actor, occurred_at=MONDAY)
            state = RULES_OF_MONEY.evolve(state, Envelope(0, stream, 0, MONDAY, metadata, event))
        self._states[stream] = state


@given(st.randoms(use_true_random=False), st.integers(1, 150))
def test_the_ledger_balances_in_every_period_and_currency_and_penalties_never_touch_it(
    random: Random, steps: int
) -> None:
    treasury = Treasury(random)
    for number in range(steps):
        treasury.step(number)
    found = ledger_of(treasury.log)
    for key in ("position", "period", "currency"):
        sums: dict[Any, Decimal] = defaultdict(Decimal)
        for row in found:
            sums[getattr(row, key)] += row.amount
        assert not any(sums.values()), key
    assert all(PERIODS[row.period] == row.currency for row in found)
    assert all(row.event.startswith("money.") and row.money_id for row in found)
    rows: dict[str, Any] = {}
    for step in steps_of(treasury.log):
        if step.kind == "money":
            rows[step.key] = step.after
    for key, money in rows.items():
        owed = {"issued": money.amount, "settled": money.amount}.get(money.status, Decimal(0))
        sign = -1 if money.direction == "deduction" else 1
        mine = [row for row in found if row.money_id == key and row.account != "city"]
        assert sum(row.amount for row in mine if row.side == "due") == sign * owed
        assert sum(row.amount for row in mine if row.side == "paid") == sign * money.settled
        assert money.settled <= money.amount


def test_the_table_of_money_is_filled_from_money_alone() -> None:
    assert (MONEY.kind, LEDGER.kinds) == ("money", ("money",))
