"""Random but legal histories of a small city, decided by the real rules."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any, cast

from domain.accountability.commands import ProposeAccountability
from domain.accountability.events import PackedEvent
from domain.appeals.commands import DismissAppeal, FileAppeal, UpholdAppeal
from domain.appeals.effects import effects
from domain.cases import commands as c
from domain.cases import events as e
from domain.cases.decide import LEGAL
from domain.catalogue import DECIDERS
from domain.decider import Context
from domain.errors import Refused
from domain.inspections.commands import CorrectInspection, RecordInspection
from domain.listings.commands import ProposeListing
from domain.listings.decide import LEGAL as LISTING_MOVES
from domain.messages import Command, Envelope, Metadata
from domain.money.commands import ProposeMoney
from domain.money.decide import LEGAL as MONEY_MOVES
from domain.penalties.commands import DecidePenalty, OpenPenalty, SettlePenalty, WithdrawPenalty
from domain.policies.commands import AdoptPolicy
from domain.policies.header import PolicyFile
from domain.policies.loading import load
from domain.rankings import commands as rankings
from domain.rankings.events import RankedUnit
from domain.readings.commands import CorrectReading, RecordReading
from domain.reasons import Reason
from domain.supervision.commands import ProposeSlip
from domain.supervision.decide import LEGAL as SLIP_MOVES
from domain.units.commands import ChangeUnit, RegisterUnit
from infra.bundled import preset, preset_folder
from tests.support.calendars import PLAIN
from tests.support.memory_log import MemoryLog
from tests.support.specification import MONDAY

UNITS = (
    ("city", "city", ""), ("east", "district", "city"), ("west", "district", "city"),
    ("hill", "street", "east"), ("lake", "street", "west"), ("grid", "grid", "hill"),
    ("works", "department", "city"), ("shop", "company", "grid"), ("inn", "company", "lake"),
)  # fmt: skip
LEADS = ("hill", "lake", "works", "shop", "inn")
LIMITS = (None, e.Limit(2, "urgent_hours"), e.Limit(1, "working_days"), e.Limit(3, "natural_days"))
Make = Callable[[Random, str], Command]

CASE_COMMANDS: Mapping[type[c.CaseCommand], Make] = {
    c.FileCase: lambda r, i: c.FileCase(case_id=i, standard="1"),
    c.RejectCase: lambda r, i: c.RejectCase(case_id=i, reason="not ours"),
    c.DispatchCase: lambda r, i: c.DispatchCase(
        case_id=i, unit=r.choice(LEADS), assisting=r.choice(((), ("east",))), limit=r.choice(LIMITS)
    ),
    c.ClaimCase: lambda r, i: c.ClaimCase(case_id=i),
    c.ReturnCase: lambda r, i: c.ReturnCase(case_id=i, reason="elsewhere"),
    c.DisputeCase: lambda r, i: c.DisputeCase(case_id=i, reason="not mine"),
    c.RuleCase: lambda r, i: c.RuleCase(
        case_id=i, unit=r.choice(LEADS), basis="map", limit=r.choice(LIMITS)
    ),
    c.RectifyCase: lambda r, i: c.RectifyCase(case_id=i, note="done"),
    c.VerifyCase: lambda r, i: c.VerifyCase(case_id=i),
    c.OrderRework: lambda r, i: c.OrderRework(case_id=i, reason="still", limit=r.choice(LIMITS)),
    c.RequestExtension: lambda r, i: c.RequestExtension(case_id=i, reason="rain"),
    c.ApproveExtension: lambda r, i: c.ApproveExtension(case_id=i),
    c.RefuseExtension: lambda r, i: c.RefuseExtension(case_id=i, reason="no"),
    c.SuspendCase: lambda r, i: c.SuspendCase(
        case_id=i, reason="winter", until=MONDAY + timedelta(days=r.randrange(1, 200))
    ),
    c.ResumeCase: lambda r, i: c.ResumeCase(case_id=i),
    c.CloseCase: lambda r, i: c.CloseCase(case_id=i, on_the_spot=r.random() < 0.3),
    c.ReopenCase: lambda r, i: c.ReopenCase(case_id=i, reason="back again"),
    c.VoidCase: lambda r, i: c.VoidCase(case_id=i, reason="twice"),
}  # fmt: skip

RANKING = rankings.ranking_key("default", "2026-02", "")
# The id and the legal next steps of each kind.
STEPS: Mapping[str, tuple[str, Callable[[Any], Mapping[Any, Any]]]] = {
    "money": ("money_id", lambda state: MONEY_MOVES),
    "slip": ("slip_id", lambda state: SLIP_MOVES),
    "listing": ("listing_id", lambda state: LISTING_MOVES),
    "accountability": ("accountability_id", lambda state: state.legal),
}
ENDS = ("decline", "revoke", "withdraw", "lift")
WORDS: Mapping[str, Any] = {
    "reason": "for cause", "note": "noted", "grounds": "wrong", "receiver": "clerk",
    "organ": "organ", "receipt": "no. 1", "outcome": "talk", "text": "last place",
    "personal_data": "none", "authority": "works", "decision": "ordered", "value": Decimal(50),
    "amount": Decimal("75.50"), "events": (PackedEvent(1, "unit-1", "unit.registered", "ab" * 32),),
}  # fmt: skip


class Lives:
    """Goes on living: each ``step`` appends the events of one decision to ``log``."""

    def __init__(self, seed: int) -> None:
        self.log = MemoryLog()
        self.states: dict[str, Any] = {}
        self._random = Random(seed)
        self._now = MONDAY
        self._policies: tuple[PolicyFile, ...] = ()
        self._deciders = {decider.kind: decider for decider in DECIDERS}
        self._hands: dict[str, set[str]] = defaultdict(set)
        self._counts = dict.fromkeys((*STEPS, "case", "inspection", "penalty", "reading"), 0)
        for body in (preset("default"), preset_folder("default")["appeals.yaml"]):
            self._ask(AdoptPolicy(body=body))
            self._policies = (*self._policies, load(body))
        for unit_id, kind, parent in UNITS:
            zone = "Asia/Shanghai" if kind == "city" else ""
            self._ask(RegisterUnit(unit_id=unit_id, code=unit_id, name=unit_id, kind=kind,
                                   parent=parent, timezone=zone))  # fmt: skip

    def until(self, events: int) -> MemoryLog:
        while len(self.log.events) < events:
            self.step()
        return self.log

    def step(self) -> None:
        self._now += timedelta(minutes=self._random.choice((0, 1, 30, 240, 1500)))
        chance = self._random.random()
        if chance < 0.12:
            self._ask(self._report())
        elif chance < 0.2:
            self._ask(self._inspect())
        elif chance < 0.25:
            self._ask(self._penalise())
        elif chance < 0.26:
            name = f"name {self._now:%H%M}"
            self._ask(ChangeUnit(unit_id=self._random.choice(LEADS), name=name))
        elif chance < 0.29:
            self._rank()
        elif chance < 0.31:
            self._appeal()
        elif chance < 0.42:
            self._ask(self._hold_to_account())
        elif self._counts["case"]:
            self._ask(self._move_on())

    def _report(self) -> Command:
        return c.ReportCase(
            case_id=self._new("case"), source=self._random.choice(("patrol", "hotline", "media")),
            category="0110", text="rubbish; \"quoted\"\n暴露垃圾",
            severity=self._random.choice(("", "一般", "严重")), place=e.Place(grid="grid"),
        )  # fmt: skip

    def _inspect(self) -> Command:
        if self._counts["inspection"] and self._random.random() < 0.3:
            known = self._known("inspection")
            return CorrectInspection(inspection_id=known, result="closed", reason="mistyped")
        return RecordInspection(
            inspection_id=self._new("inspection"), unit=self._random.choice(("shop", "inn")),
            source="patrol", result=self._random.choice(("pass", "conditional_pass")),
            score=self._random.choice((None, Decimal("93.72"), Decimal(80))),
        )  # fmt: skip

    def _penalise(self) -> Command:
        known = self._known("penalty") if self._counts["penalty"] else ""
        match self._random.randrange(4) if known else 0:
            case 1:
                return DecidePenalty(penalty_id=known, decision="fined", amount=Decimal("200.50"))
            case 2:
                return WithdrawPenalty(penalty_id=known, reason="quashed")
            case 3:
                return SettlePenalty(penalty_id=known)
        amount = self._random.choice((None, Decimal(50)))
        return OpenPenalty(
            penalty_id=self._new("penalty"), unit="shop", kind="ticket", currency="CNY",
            amount=amount,
        )  # fmt: skip

    def _hold_to_account(self) -> Command:
        """A new slip, deduction, list entry, action or reading, or the next step of one."""
        kind = self._random.choice((*STEPS, "reading"))
        if not self._counts[kind] or self._random.random() < 0.2:
            return self._proposed(kind, self._new(kind))
        known = self._known(kind)
        if kind == "reading":
            return CorrectReading(reading_id=known, value=Decimal(50), reason="mistyped")
        key, moves = STEPS[kind]
        made = known + (".1" if kind == "slip" else "")
        state = self.states.get(f"{kind}-{made}")
        if state is None:  # its proposal was refused
            return self._proposed(kind, known)
        legal = [x for x, statuses in moves(state).items() if state.status in statuses]
        rare = [x for x in legal if x.NAME.partition(".")[2] in ENDS]
        legal = [x for x in legal if x not in rare or self._random.random() < 0.1]
        if not (legal or rare):  # its life is over
            return self._proposed(kind, self._new(kind))
        command = self._random.choice(legal or rare)
        words = {name: word for name, word in WORDS.items() if name in command.model_fields}
        if "due_at" in command.model_fields:
            words["due_at"] = state.deadline.due_at
        return cast(Command, command(**words, **{key: made}))

    def _proposed(self, kind: str, key: str) -> Command:
        unit, because = self._random.choice(LEADS), Reason(zh="因故", en="for cause", events=(1,))
        said: dict[str, Any] = {"unit": unit, "authority": "office", "reason": because}
        match kind:
            case "slip":
                return ProposeSlip(slip_id=f"{key}.1", ladder="l", colour="red",
                                   limit=e.Limit(2, "working_days"), **said)  # fmt: skip
            case "listing":
                return ProposeListing(listing_id=key, list="black", rule="black", **said)
            case "money":
                return ProposeMoney(
                    money_id=key, direction=self._random.choice(("deduction", "reward")),
                    amount=Decimal(151), currency="CNY", period="2026-02", ranking=RANKING, **said,
                )  # fmt: skip
            case "accountability":
                return ProposeAccountability(
                    accountability_id=key, action="referral", organ="organ", **said
                )
        value = Decimal(self._random.randrange(100))
        return RecordReading(reading_id=key, indicator="lamps", unit=unit, period="2026-02",
                             value=value)  # fmt: skip

    def _rank(self) -> None:
        """February is composed, approved, published, corrected, and at times withdrawn."""
        life = self.states.get(f"ranking-{RANKING}")
        if life is None or life.draft is None:
            if life is not None and self._random.random() < 0.1:
                return self._ask(rankings.WithdrawRanking(ranking_id=RANKING, reason="wrong"))
            points = sorted((Decimal(self._random.randrange(90, 99)) for _ in LEADS), reverse=True)
            rows = enumerate(zip(LEADS, points, strict=True), start=1)
            return self._ask(
                rankings.ComposeRanking(
                    board="default",
                    period="2026-02",
                    computed_at=self.log.last_position(),
                    policies=(self._policies[0].digest,),
                    rows=tuple(RankedUnit(unit, place, had, 1) for place, (unit, had) in rows),
                )
            )
        if not life.approved_by:
            checksum = life.draft.checksum
            return self._ask(rankings.ApproveRanking(ranking_id=RANKING, checksum=checksum))
        return self._ask(rankings.PublishRanking(ranking_id=RANKING, reason="put right"))

    def _appeal(self) -> None:
        """Against a list entry: filed, or decided together with what follows."""
        key = self._known("listing") if self._counts["listing"] else ""
        listing = self.states.get(f"listing-{key}")
        if listing is None or listing.until is None:
            return None
        filing = FileAppeal(
            against="list_entry", subject=key, unit=listing.unit, grounds="wrong",
            stream=f"listing-{key}", concerned=listing.unit, known_at=self._now,
        )  # fmt: skip
        appeal = self.states.get(filing.stream_id)
        if appeal is None:
            return self._ask(filing)
        if self._random.random() < 0.5:
            return self._ask(DismissAppeal(appeal_id=filing.stream_key, reason="it stands"))
        uphold = UpholdAppeal(appeal_id=filing.stream_key, reason="it falls")
        return self._ask(uphold, *effects(appeal, uphold, listing))

    def _move_on(self) -> Command:
        case_id = self._known("case")
        state = self.states[f"case-{case_id}"]
        if state.deadline and state.deadline.due_at <= self._now and self._random.random() < 0.5:
            return c.MarkOverdue(case_id=case_id, due_at=state.deadline.due_at)
        legal = [kind for kind in CASE_COMMANDS if state.status in LEGAL[kind]]
        rare = (c.VoidCase, c.RejectCase)  # the ends of a life, which would soon be everywhere
        legal = [kind for kind in legal if kind not in rare or self._random.random() < 0.1]
        return CASE_COMMANDS[self._random.choice(legal or [c.VoidCase])](self._random, case_id)

    def _new(self, kind: str) -> str:
        self._counts[kind] += 1
        return str(self._counts[kind])

    def _known(self, kind: str) -> str:
        """One of the last few, so that lives come to an end."""
        last = self._counts[kind]
        return str(self._random.randint(max(1, last - 8), last))

    def _ask(self, command: Command, *following: Command) -> None:
        """What is refused has not happened, and nothing follows it."""
        actor = f"officer-{self._random.randrange(6)}"
        if self._done(command, actor):
            for other in following:
                self._done(other, actor)

    def _done(self, command: Command, actor: str) -> bool:
        decider, stream = self._deciders[command.STREAM], command.stream_id
        state = self.states.get(stream, decider.initial)
        context = Context(
            actor=actor, occurred_at=self._now, now=self._now,
            calendars=PLAIN, unit=lambda unit_id: self.states.get(f"unit-{unit_id}"),
            state=self.states.get, actors=lambda name: frozenset(self._hands[name]),
            policies=self._policies,
        )  # fmt: skip
        try:
            decided = decider.decide(state, command, context)
        except Refused:
            return False
        digests = tuple(policy.digest for policy in self._policies)
        for event in decided:
            at = event.due_at if isinstance(event, e.CaseOverdue) else self._now
            version = self.log.append(stream, event, at, digests, actor)
            metadata = Metadata(actor=actor, occurred_at=at)
            state = decider.evolve(
                state, Envelope(version, stream, version, self._now, metadata, event)
            )
        self.states[stream] = state
        self._hands[stream].add(actor)
        return True
