"""A city with the policies of a preset, told day by day through the real desk and reactions."""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from api import preparing
from domain.cases import commands as c
from domain.cases.events import Limit, Source
from domain.inspections.commands import RecordInspection
from domain.listings import commands as li
from domain.messages import Appended, Command
from domain.policies.commands import AdoptPolicy
from domain.policies.loading import load
from domain.ports import Clock
from domain.rankings.commands import (
    ApproveRanking,
    ComposeRanking,
    PublishRanking,
    ranking_key,
)
from domain.readings.commands import RecordReading
from domain.requests import Request
from domain.supervision import commands as su
from domain.units.commands import RegisterUnit
from infra.bundled import preset_folder
from infra.clocks import SimulatedClock
from infra.embedded import embedded
from infra.runtime import Runtime
from infra.settings import Settings

Unit = tuple[str, str]  # kind, parent
DAY = Limit(1, "natural_days")


@dataclass
class Story:
    """What people do in the city, at the time that the clock shows."""

    runtime: Runtime
    clock: SimulatedClock
    zone: ZoneInfo
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def at(self, local: str) -> "Story":
        """Moves the clock on to a time of the city, such as 2026-03-02 09:00."""
        moment = datetime.fromisoformat(local).replace(tzinfo=self.zone)
        self.clock.move_to(moment.astimezone(UTC))
        return self

    def do(self, command: Command, actor: str = "officer") -> Appended:
        services, command_id = self.runtime.services, f"story/{next(self._numbers)}"
        if type(command).FOUND:  # found in the tables, which a busy machine fills late
            self.runtime.catch_up()
        requests = preparing.group(services, Request(command, actor), command_id)
        return self.runtime.desk.handle(requests, command_id)

    def sheet(self, unit: str, score: str, source: Source = "third_party") -> None:
        """A visit with a score sheet."""
        number = f"visit-{next(self._numbers)}"
        self.do(
            RecordInspection(
                inspection_id=number, unit=unit, source=source, result="scored",
                score=Decimal(score),
            )
        )  # fmt: skip

    def case(
        self, case_id: str, unit: str, severity: str = "", source: Source = "patrol",
        category: str = "0110", limit: Limit | None = DAY,
    ) -> str:  # fmt: skip
        """A problem found, filed and given to a unit."""
        report = c.ReportCase(
            case_id=case_id, source=source, category=category, severity=severity, text="暴露垃圾"
        )
        self.do(report, "patroller")
        self.do(c.FileCase(case_id=case_id, standard="1"))
        self.do(c.DispatchCase(case_id=case_id, unit=unit, limit=limit))
        return case_id

    def put_right(self, case_id: str, unit: str) -> None:
        """Answered, checked by somebody else, and struck off."""
        self.do(c.RectifyCase(case_id=case_id, note="已整改"), unit)
        self.do(c.VerifyCase(case_id=case_id), "checker")
        self.do(c.CloseCase(case_id=case_id))

    def reading(self, indicator: str, unit: str, period: str, value: str) -> None:
        number = f"reading-{next(self._numbers)}"
        self.do(
            RecordReading(
                reading_id=number, indicator=indicator, unit=unit, period=period,
                value=Decimal(value),
            )
        )  # fmt: skip

    def publish(self, board: str, period: str, group: str) -> list[tuple[int, str, str]]:
        """Composed, approved and published by three people; the rows as they were published."""
        ranking_id = ranking_key(board, period, group)
        self.do(ComposeRanking(board=board, period=period, peer_group=group), "composer")
        _, ranking = self.runtime.desk.state(f"ranking-{ranking_id}")
        checksum = ranking.draft.checksum
        self.do(ApproveRanking(ranking_id=ranking_id, checksum=checksum), "approver")
        self.do(PublishRanking(ranking_id=ranking_id), "publisher")
        published = self.runtime.desk.state(f"ranking-{ranking_id}")[1].published
        return [(row.place, row.unit, str(row.points)) for row in published.rows]

    def react(self) -> None:
        self.runtime.react()

    def proposed(self, kind: str) -> dict[str, Any]:
        """Key → what was proposed (kind: money, listing, accountability, slip), oldest first."""
        told = self.events(kind)
        return {key: event for key, event in told if event.NAME.endswith(".proposed")}

    def list_all(self, unit: str = "") -> None:
        """Reviews, approves and publishes every entry (of a unit) that waits, by three people."""
        for key, event in self.proposed("listing").items():
            status = self.runtime.desk.state(f"listing-{key}")[1].status
            if status == "proposed" and unit in ("", event.unit):
                text = event.reason.zh
                self.do(li.ReviewListing(listing_id=key, personal_data="none", text=text), "reader")
                self.do(li.ApproveListing(listing_id=key, authority="city"), "mayor")
                self.do(li.PublishListing(listing_id=key, channel="报纸"), "editor")
        self.react()

    def issue(self, slip_id: str) -> None:
        """Issues a proposed slip and hands it over."""
        self.do(su.IssueSlip(slip_id=slip_id), "chief")
        self.do(su.ServeSlip(slip_id=slip_id, receiver="接收人"), "courier")
        self.react()

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What the analyst tables say."""
        self.runtime.catch_up()
        with self.runtime.engine.client() as client:
            return [tuple(row) for row in client.query(sql).result_rows]

    def events(self, kind: str) -> list[tuple[str, Any]]:
        """Key and event of everything that happened to a kind of stream."""
        return [(e.key, e.event) for e in self.runtime.store.load_kind(kind)]


@contextmanager
def told(
    folder: Path,
    preset: str,
    units: Mapping[str, Unit],
    begins: str,
    changes: Sequence[tuple[str, str]] = (),
    opening: Callable[[Settings, Clock], Runtime] = embedded,
) -> Iterator[Story]:
    """A city under the policies of ``preset``, whose texts may be changed; ``units`` by id."""
    texts = preset_folder(preset)
    for old, new in changes:
        assert any(old in text for text in texts.values()), old
        texts = {name: text.replace(old, new) for name, text in texts.items()}
    zone = load(next(iter(texts.values()))).timezone
    began = datetime.fromisoformat(begins).replace(tzinfo=ZoneInfo(zone))
    clock = SimulatedClock(began.astimezone(UTC))
    with closing(opening(Settings(data_dir=folder), clock)) as runtime:
        story = Story(runtime, clock, ZoneInfo(zone))
        for text in texts.values():
            story.do(AdoptPolicy(body=text), "office")
        founding = RegisterUnit(
            unit_id="city", code="city", name="市", kind="city", timezone=zone, language="zh"
        )
        story.do(founding, "office")
        for unit, (kind, parent) in units.items():
            made: Any = {"unit_id": unit, "code": unit, "name": unit, "kind": kind}
            story.do(RegisterUnit(**made, parent=parent), "office")
        yield story
