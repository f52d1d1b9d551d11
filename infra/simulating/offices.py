"""What the offices of a made-up city do each morning with what the rules have proposed."""

import random
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from itertools import count
from typing import Any

from api import preparing
from api.services import Services
from domain.accountability import commands as a
from domain.accountability.decide import Accountability
from domain.errors import Refused
from domain.listings import commands as li
from domain.listings.decide import Listing
from domain.messages import Command
from domain.periods import Period, PeriodKind
from domain.rankings.commands import ApproveRanking, ComposeRanking, PublishRanking, ranking_key
from domain.requests import Request
from domain.supervision import commands as su
from domain.supervision.state import Slip
from infra.simulating.territory import CAUSE, CITY_ID

Doing = tuple[str, Command]  # actor, command
KINDS = ("slip", "listing", "accountability")
GROUPS = ("street", "department")
PERIODS: tuple[PeriodKind, ...] = ("week", "month")
EXCUSED = 0.1  # of the units that did not answer in time, those with a good reason


class Offices:
    """The supervision office issues and lifts slips, three people publish each finished period's
    rankings, and as many deal with what is proposed for the lists and as accountability. What was
    proposed since the morning before is left on the desks."""

    def __init__(
        self, services: Services, react: Callable[[], None], care: dict[str, float],
        rng: random.Random,
    ) -> None:  # fmt: skip
        """``react`` returns once everything that follows by rule is there."""
        self._services, self._react = services, react
        self._care, self._rng = care, rng
        self._open: dict[str, set[str]] = {kind: set() for kind in KINDS}
        self._position = 0
        self._published: set[str] = set()
        self._numbers = count(1)

    def morning(self, at: datetime) -> None:
        """The clock shows ``at`` already."""
        known = {kind: sorted(keys) for kind, keys in self._open.items()}
        self._react()
        self._look()
        for kind in KINDS:
            for key in known[kind]:
                self._deal(kind, key)
        self._publish(at)
        self._react()

    def _look(self) -> None:
        while found := self._services.store.read(self._position, 5_000):
            self._position = found[-1].position
            for envelope in found:
                kind, _, key = envelope.stream_id.partition("-")
                if kind in self._open:
                    self._open[kind].add(key)

    def _deal(self, kind: str, key: str) -> None:
        state = self._services.desk.state(f"{kind}-{key}")[1]
        steps: Mapping[str, Callable[[str, Any], Iterator[Doing]]] = {
            "slip": self._slip, "listing": self._listing, "accountability": self._action,
        }  # fmt: skip
        doings = list(steps[kind](key, state))
        for actor, command in doings:
            self._do(actor, command)
        if not doings and state.status != "served":
            self._open[kind].discard(key)

    def _slip(self, key: str, slip: Slip) -> Iterator[Doing]:
        unit = slip.unit
        match slip.status:
            case "proposed":
                yield "supervision-01", su.IssueSlip(slip_id=key, demand="立即整改并书面答复")
                yield "courier-01", su.ServeSlip(slip_id=key, receiver="综合科值班员")
            case "served" if self._rng.random() < self._care.get(unit, 0.5):
                yield f"unit:{unit}", su.AnswerSlip(slip_id=key, note="已整改到位，附说明")
            case "answered":
                yield "supervision-02", su.LiftSlip(slip_id=key, reason="经核查，整改到位")
            case "failed" if self._rng.random() < EXCUSED:
                yield "supervision-02", su.ExcuseSlip(slip_id=key, reason="遇连续强降雨，情况属实")
                yield "supervision-02", su.LiftSlip(slip_id=key, reason="有正当理由，予以解除")

    def _listing(self, key: str, listing: Listing) -> Iterator[Doing]:
        match listing.status:
            case "proposed":
                yield "office-01", li.ReviewListing(
                    listing_id=key, personal_data="none", text="考评结果见本期通报"
                )
            case "reviewed":
                yield "director-01", li.ApproveListing(listing_id=key, authority=CITY_ID)
            case "approved":
                yield "editor-01", li.PublishListing(listing_id=key, channel="市政务网")

    def _action(self, key: str, action: Accountability) -> Iterator[Doing]:
        match action.status:
            case "proposed":
                yield "office-01", a.ReviewAccountability(accountability_id=key)
            case "reviewed":
                yield "director-01", a.DecideAccountability(
                    accountability_id=key, decision="ordered", authority=CITY_ID,
                    reason="情况属实，同意",
                )  # fmt: skip
            case "ordered" if action.action != "referral":
                yield "office-02", a.CarryOutAccountability(accountability_id=key, note="已约谈")

    def _publish(self, at: datetime) -> None:
        """Each week and month on the first morning after it."""
        zone = self._services.city().zone
        for kind in PERIODS:
            for group in GROUPS:
                self._bulletin(str(Period.of(kind, at, zone).previous()), group)

    def _bulletin(self, period: str, group: str) -> None:
        ranking_id = ranking_key("default", period, group)
        if ranking_id in self._published:
            return
        self._published.add(ranking_id)
        self._do("office-01", ComposeRanking(board="default", period=period, peer_group=group))
        ranking = self._services.desk.state(f"ranking-{ranking_id}")[1]
        if ranking is None:  # nobody was touched in that time
            return
        checksum = ranking.draft.checksum
        self._do("director-01", ApproveRanking(ranking_id=ranking_id, checksum=checksum))
        self._do("editor-01", PublishRanking(ranking_id=ranking_id))

    def _do(self, actor: str, command: Command) -> None:
        """What the rules refuse by then (a slip that failed meanwhile) is left to the next day."""
        number = f"simulate/office/{next(self._numbers)}"
        asked = Request(command, actor, None, CAUSE)
        try:
            requests = preparing.group(self._services, asked, number)
            self._services.desk.handle(requests, number)
        except Refused:
            return
