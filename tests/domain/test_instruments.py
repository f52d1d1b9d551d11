"""Slips, money, list entries and actions: what may follow what, by whom; and never by one alone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.accountability import commands as ac
from domain.accountability.decide import ACCOUNTABILITY, package_digest
from domain.accountability.events import PackedEvent
from domain.cases.events import Limit
from domain.decider import Context, Decider
from domain.errors import Refused
from domain.listings import commands as li
from domain.listings.decide import LISTINGS
from domain.messages import Command, Envelope, Metadata
from domain.money import commands as mo
from domain.money.decide import MONEY
from domain.rankings.decide import Life
from domain.rankings.events import RankedUnit, RankingPublished
from domain.reasons import Reason
from domain.supervision import commands as su
from domain.supervision.decide import SLIPS
from domain.units.decide import Unit
from tests.support.calendars import PLAIN
from tests.support.specification import MONDAY

UNITS = {
    name: Unit(name, name, "department", "city", "", "", "", None, None, retired=name == "gone")
    for name in ("works", "mayor", "gone")
}
BECAUSE = Reason(zh="第九名", en="place 9", policy="p@1#0", clause="last", events=(7,))
RANKING = Life(
    MONDAY,
    published=RankingPublished(
        period="2026-02", peer_group="", rows=(RankedUnit("works", 1, Decimal(1), 1),),
        computed_at=1, policies=(), checksum="0", composed_by="x", board="b",
    ),
)  # fmt: skip
DAY = Limit(1, "natural_days")


@dataclass
class Desk:
    """Streams by name; what is refused has not happened. ``done`` is who did what, where."""

    streams: dict[str, Any] = field(default_factory=lambda: {"ranking-b:2026-02:all": RANKING})
    now: Any = MONDAY
    done: list[tuple[str, str, str]] = field(default_factory=list)

    def ask(self, command: Command, actor: str = "a") -> None:
        decider = DECIDERS[command.STREAM]
        stream = command.stream_id
        state = self.streams.get(stream, decider.initial)
        context = Context(
            actor, self.now, self.now, PLAIN, UNITS.get, "city", state=self.streams.get
        )
        for event in decider.decide(state, command, context):
            metadata = Metadata(actor=actor, occurred_at=self.now)
            state = decider.evolve(state, Envelope(0, stream, 0, self.now, metadata, event))
            self.done.append((stream, event.NAME, actor))
        self.streams[stream] = state

    def refused(self, command: Command, code: str, actor: str = "a") -> None:
        before = dict(self.streams)
        with pytest.raises(Refused) as refusal:
            self.ask(command, actor)
        assert refusal.value.code == code
        assert self.streams == before


DECIDERS: dict[str, Decider[Any, Any]] = {
    each.kind: each for each in (SLIPS, MONEY, LISTINGS, ACCOUNTABILITY)
}


def slip(number: int = 1) -> su.ProposeSlip:
    return su.ProposeSlip(
        slip_id=f"c1.{number}", unit="works", ladder="l", colour="white", limit=DAY,
        authority="督查办", reason=BECAUSE,
    )  # fmt: skip


def money() -> mo.ProposeMoney:
    return mo.ProposeMoney(
        money_id="m", unit="works", direction="deduction", amount=Decimal(300), currency="CNY",
        period="2026-02", ranking="b:2026-02:all", authority="市政府", reason=BECAUSE,
    )  # fmt: skip


def entry(**more: Any) -> li.ProposeListing:
    said: dict[str, Any] = {
        "listing_id": "l", "list": "black", "rule": "black", "authority": "创卫办",
        "reason": BECAUSE, "unit": "works", "valid_days": 30,
    }  # fmt: skip
    return li.ProposeListing(**{**said, **more})


def action(kind: Any = "interview") -> ac.ProposeAccountability:
    return ac.ProposeAccountability(
        accountability_id="x", action=kind, unit="works", organ="纪委", authority="市委",
        reason=BECAUSE,
    )  # fmt: skip


def test_one_matter_has_one_slip_at_a_time() -> None:
    desk = Desk()
    desk.refused(slip(2), "slip.skipped")
    desk.ask(slip(), "system:reactions")
    desk.refused(slip(), "slip.exists")
    desk.refused(slip(2), "slip.running")
    desk.refused(su.IssueSlip(slip_id="c1.1"), "slip.system_actor", "system:reactions")
    desk.ask(su.IssueSlip(slip_id="c1.1"))
    desk.ask(su.ServeSlip(slip_id="c1.1", receiver="r"))
    due = MONDAY + timedelta(days=1)
    desk.refused(su.FailSlip(slip_id="c1.1", due_at=due), "slip.not_due", "system:clock")
    desk.now = due
    for _ in range(2):
        desk.ask(su.FailSlip(slip_id="c1.1", due_at=due), "system:clock")
    assert [name for _, name, _ in desk.done].count("slip.failed") == 1
    desk.ask(su.ExcuseSlip(slip_id="c1.1", reason="flood"))
    desk.ask(slip(2), "system:reactions")
    assert desk.streams["slip-c1.1"].excused


def test_an_answered_slip_does_not_fail_and_a_lifted_one_is_over() -> None:
    desk = Desk()
    desk.ask(slip())
    desk.ask(su.IssueSlip(slip_id="c1.1"))
    desk.ask(su.ServeSlip(slip_id="c1.1", receiver="r"))
    desk.ask(su.AnswerSlip(slip_id="c1.1", note="done"))
    desk.now += timedelta(days=9)
    desk.ask(su.FailSlip(slip_id="c1.1", due_at=MONDAY + timedelta(days=1)), "system:clock")
    assert desk.streams["slip-c1.1"].status == "answered"
    desk.refused(su.LiftSlip(slip_id="c1.1", reason="seen"), "slip.own_answer")
    desk.ask(su.LiftSlip(slip_id="c1.1", reason="seen"), "chief")
    desk.refused(su.AnswerSlip(slip_id="c1.1", note="more"), "slip.lifted")


def test_money_needs_a_published_ranking_another_hand_and_an_authority_in_service() -> None:
    desk = Desk()
    other = money().model_copy(update={"ranking": "b:2026-01:all"})
    desk.refused(other, "ranking.unknown")
    desk.ask(money(), "system:reactions")
    approve = mo.ApproveMoney(money_id="m", authority="mayor")
    desk.refused(approve, "money.proposed", "boss")
    desk.ask(mo.ReviewMoney(money_id="m"), "clerk")
    desk.refused(approve, "money.same_person", "clerk")
    desk.refused(approve, "money.system_actor", "system:reactions")
    retired = mo.ApproveMoney(money_id="m", authority="gone")
    desk.refused(retired, "money.authority_retired", "boss")
    unknown = mo.ApproveMoney(money_id="m", authority="nobody")
    desk.refused(unknown, "unit.unknown", "boss")
    desk.ask(approve, "boss")
    desk.ask(mo.IssueMoney(money_id="m"))
    desk.ask(mo.SettleMoney(money_id="m", amount=Decimal(100)))
    desk.refused(mo.SettleMoney(money_id="m", amount=Decimal(201)), "money.too_much")
    desk.ask(mo.SettleMoney(money_id="m", amount=Decimal(200)))
    assert desk.streams["money-m"].status == "settled"
    desk.ask(mo.RevokeMoney(money_id="m", reason="appeal"))


def test_a_list_entry_is_impersonal_approved_by_another_and_can_be_objected_to() -> None:
    desk = Desk()
    desk.refused(entry(subject="p-1"), "listing.subject")
    desk.refused(
        entry(unit="", subject="13912345678", subject_kind="person"), "listing.personal_data"
    )
    desk.ask(entry(), "a")
    told = {"listing_id": "l", "personal_data": "none"}
    leak = li.ReviewListing(**told, text="电话13912345678")
    desk.refused(leak, "listing.personal_data", "b")
    desk.ask(li.ReviewListing(**told, text="排名末位"), "b")
    for taken in ("a", "b"):
        desk.refused(
            li.ApproveListing(listing_id="l", authority="mayor"), "listing.same_person", taken
        )
    desk.ask(li.ApproveListing(listing_id="l", authority="mayor"), "c")
    desk.ask(li.PublishListing(listing_id="l"), "d")
    desk.ask(li.ObjectToListing(listing_id="l", grounds="wrong"), "works")
    desk.refused(li.WithdrawListing(listing_id="l", reason="x"), "listing.objected", "c")
    desk.refused(li.DismissObjection(listing_id="l", reason="x"), "listing.same_person", "works")
    desk.ask(li.DismissObjection(listing_id="l", reason="holds"), "e")
    until = MONDAY + timedelta(days=30)
    desk.refused(li.ExpireListing(listing_id="l", until=until), "listing.not_due", "system:clock")
    desk.now = until
    desk.refused(li.ObjectToListing(listing_id="l", grounds="late"), "listing.expired", "works")
    desk.ask(li.ExpireListing(listing_id="l", until=until), "system:clock")
    assert desk.streams["listing-l"].status == "expired"


def test_a_referral_waits_for_a_receipt_and_the_outcome_is_only_recorded() -> None:
    desk = Desk()
    desk.ask(action("referral"), "system:reactions")
    desk.ask(ac.ReviewAccountability(accountability_id="x"), "b")
    decide = ac.DecideAccountability(
        accountability_id="x", decision="ordered", authority="mayor", reason="twice"
    )
    desk.refused(decide, "accountability.same_person", "b")
    desk.ask(decide, "c")
    carry = ac.CarryOutAccountability(accountability_id="x", note="done")
    desk.refused(carry, "accountability.ordered")
    packed = (PackedEvent(7, "listing-l", "listing.published", "ab" * 32),)
    desk.ask(ac.PackReferral(accountability_id="x", events=packed))
    assert len(package_digest(packed)) == 64
    outcome = ac.RecordOutcome(accountability_id="x", organ="纪委", outcome="诫勉")
    desk.refused(outcome, "accountability.packed")
    desk.ask(ac.ReceiptReferral(accountability_id="x", organ="纪委", receipt="收1号"))
    desk.ask(outcome)
    assert desk.streams["accountability-x"].status == "concluded"


def test_a_proposal_by_rule_names_its_clause_and_events() -> None:
    bare = Reason(zh="为什么", en="why")
    for command in (slip(), money(), entry(), action()):
        incomplete = command.model_copy(update={"reason": bare})
        code = f"{command.STREAM}.reason_incomplete"
        Desk().refused(incomplete, code, "system:reactions")
        Desk().ask(incomplete, "a person")


ACTORS = ("a", "b", "c", "system:reactions", "system:clock")
TEXT = {"reason": "r", "note": "n", "grounds": "g", "receiver": "x", "organ": "o", "receipt": "1",
        "outcome": "o", "text": "t", "personal_data": "none", "authority": "mayor",
        "decision": "ordered", "amount": Decimal(100)}  # fmt: skip
Make = Callable[[Random], Command]


def moves() -> Sequence[Make]:
    """Every command of the four kinds, made with plausible words."""

    def making(command: type[Any], key: dict[str, str]) -> Make:
        times = {"due_at": MONDAY + timedelta(days=1), "until": MONDAY + timedelta(days=30)}
        packed = {"events": (PackedEvent(7, "s", "e", "ab" * 32),)}
        words = {n: v for n, v in (TEXT | times | packed).items() if n in command.model_fields}
        return lambda random: command(**key, **words)

    found: list[Make] = [lambda r: slip(r.randint(1, 3)), lambda r: money(), lambda r: entry(),
                         lambda r: action(r.choice(("interview", "referral")))]  # fmt: skip
    for commands, key in (
        (su.COMMANDS[1:], {"slip_id": "c1.1"}), (mo.COMMANDS[1:], {"money_id": "m"}),
        (li.COMMANDS[1:], {"listing_id": "l"}), (ac.COMMANDS[1:], {"accountability_id": "x"}),
    ):  # fmt: skip
        found += [making(command, key) for command in commands]
    return found


GRAVE = ("money.approved", "money.issued", "listing.published", "accountability.decided")


@given(st.integers(0, 2**32), st.integers(40, 400))
def test_no_path_leads_to_a_consequence_without_two_different_people(seed: int, steps: int) -> None:
    random, desk, made = Random(seed), Desk(), moves()
    for _ in range(steps):
        if random.random() < 0.1:
            desk.now += timedelta(days=random.choice((1, 40)))
        try:
            desk.ask(random.choice(made)(random), random.choice(ACTORS))
        except Refused:
            continue
    for index, (stream, name, _) in enumerate(desk.done):
        if name in GRAVE:
            people = {who for s, _, who in desk.done[: index + 1] if s == stream}
            assert len({who for who in people if not who.startswith("system:")}) >= 2, desk.done
