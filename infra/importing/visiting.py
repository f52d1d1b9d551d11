"""What one visit asks of the city: its record, what became of old cases, new cases, penalties."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, partial
from typing import cast
from zoneinfo import ZoneInfo

from domain.cases import commands as c
from domain.cases.events import Limit, Source
from domain.errors import Conflict
from domain.inspections.commands import RecordInspection
from domain.inspections.events import Finding, Result
from domain.messages import Command
from domain.penalties.commands import DecidePenalty, OpenPenalty, WithdrawPenalty
from domain.penalties.events import Decision
from infra.importing.jobs import Asking, Planned
from infra.importing.known import Known, OpenCase, OpenCases, moment
from infra.importing.model import Findings, Inspections, Mapping
from infra.importing.units import entries, registration
from infra.importing.visit_rows import Line, Visit


@dataclass
class VisitJob:
    """A ``jobs.Job``."""

    mapping: Mapping
    words: Inspections
    visit: Visit

    @property
    def command_id(self) -> str:
        return f"import/{self.mapping.name}/{self.visit.visit_id}"

    @cached_property
    def digest(self) -> str:
        return self.visit.digest

    @property
    def touches(self) -> str:
        return self.visit.unit.unit_id

    @property
    def at(self) -> datetime:
        return self.visit.at

    @property
    def rows(self) -> Iterable[tuple[int, int]]:
        return [(self.visit.file, line.number) for line in self.visit.lines]

    def plan(self, known: Known) -> Planned:
        visit = self.visit
        findings = self.words.findings
        if findings is not None and findings.builds_on_earlier_visits:
            _check_in_order(visit, known, self.mapping.city.timezone)
        cause = f"import:{self.mapping.name}:{visit.visit_id}"
        asking = Asking(self.mapping.actor, visit.at, cause)
        for entry in entries(visit.unit, known.units.get(visit.unit.unit_id)):
            asking.ask(entry)
        story = _Story(visit, self.words, dict(known.open_cases.get(visit.unit.unit_id, {})))
        for command in story.commands():
            # Who puts it right is the unit; who looks is not.
            unit = f"unit:{visit.unit.unit_id}" if isinstance(command, c.RectifyCase) else ""
            asking.ask(command, actor=unit)
        home = visit.unit.home
        first = [registration(home, self.mapping.city.code)] if home.kind else []
        return Planned(asking.requests, first, partial(_learn, visit, story), story.duplicates)


@dataclass
class _Story:
    """The cases and penalties of one visit; ``open_cases`` moves on as it is told."""

    visit: Visit
    words: Inspections
    open_cases: OpenCases
    duplicates: int = 0
    findings: list[Finding] = field(default_factory=list)

    def commands(self) -> Iterator[Command]:
        story = [*self._rechecks(), *self._lines()]
        visit = self.visit
        yield RecordInspection(
            inspection_id=visit.visit_id,
            unit=visit.unit.unit_id,
            source=cast(Source, visit.source),
            result=cast(Result, visit.result),
            closure_ordered=visit.closure,
            score=visit.score,
            findings=tuple(self.findings),
        )
        yield from story

    def _rechecks(self) -> Iterator[Command]:
        """Cases of earlier visits: gone, or found again."""
        findings = self.words.findings
        if findings is None or not findings.builds_on_earlier_visits:
            self.open_cases = {}
            return
        visit_id = self.visit.visit_id
        found = {line.key: line.text for line in self.visit.lines if line.text}
        for text, case in list(self.open_cases.items()):
            key = {"case_id": case.case_id}
            if case.standing == "elsewhere" or (case.standing == "verified" and text in found):
                continue
            if text in found:
                yield c.OrderRework(**key, reason=found[text], inspection_id=visit_id)
                continue
            if case.standing == "checkable":
                yield c.VerifyCase(**key, inspection_id=visit_id)
            yield c.CloseCase(**key)
            del self.open_cases[text]

    def _lines(self) -> Iterator[Command]:
        earlier = set(self.open_cases)
        for ordinal, line in enumerate(self.visit.lines, 1):
            own_id = f"{self.visit.visit_id}-{ordinal}"
            case_id = ""
            if line.text and self.words.findings is not None:
                case = self.open_cases.get(line.key)
                if case is None:
                    case = self.open_cases[line.key] = OpenCase(own_id, "checkable")
                    yield from self._new_case(own_id, line, self.words.findings)
                elif line.key not in earlier:
                    self.duplicates += 1
                case_id = case.case_id
                if line.on_the_spot and case.standing == "checkable":
                    yield from self._put_right(case_id, line)
                    del self.open_cases[line.key]
                    earlier.discard(line.key)
                self.findings.append(Finding(line.text, line.severity, line.action, case_id))
            if line.penalty and self.words.penalties is not None:
                yield from self._penalty(own_id, case_id, line, self.words.penalties.currency)

    def _new_case(self, case_id: str, line: Line, words: Findings) -> Iterator[Command]:
        visit = self.visit
        yield c.ReportCase(
            case_id=case_id,
            source=cast(Source, visit.source),
            category=line.category,
            text=line.text,
            severity=line.severity,
            about=visit.unit.unit_id,
            inspection_id=visit.visit_id,
        )
        yield c.FileCase(case_id=case_id, standard=line.standard)
        limit = words.limit and Limit(words.limit.amount, words.limit.clock)
        yield c.DispatchCase(case_id=case_id, unit=visit.unit.unit_id, limit=limit)

    def _put_right(self, case_id: str, line: Line) -> Iterator[Command]:
        yield c.RectifyCase(case_id=case_id, note=line.action or line.text)
        yield c.VerifyCase(case_id=case_id, inspection_id=self.visit.visit_id)
        yield c.CloseCase(case_id=case_id, on_the_spot=True)

    def _penalty(
        self, penalty_id: str, case_id: str, line: Line, currency: str
    ) -> Iterator[Command]:
        key = {"penalty_id": penalty_id}
        yield OpenPenalty(
            **key,
            unit=self.visit.unit.unit_id,
            kind=line.penalty,
            currency=currency,
            grounds=line.text,
            amount=line.amount,
            inspection_id=self.visit.visit_id,
            case_id=case_id,
        )
        note = line.note or line.outcome
        match line.outcome:
            case "" | "open":
                return
            case "withdrawn":
                yield WithdrawPenalty(**key, reason=note)
            case "fined" if line.amount is not None:
                yield DecidePenalty(**key, decision="fined", amount=line.amount, note=note)
            case "fined":  # of which the source does not tell how much
                yield DecidePenalty(**key, decision="other", note=note)
            case decision:
                yield DecidePenalty(**key, decision=cast(Decision, decision), note=note)


def _learn(visit: Visit, story: _Story, known: Known) -> None:
    known.open_cases[visit.unit.unit_id] = story.open_cases
    known.latest[visit.unit.unit_id] = moment(visit.at, visit.visit_id)


def _check_in_order(visit: Visit, known: Known, timezone: str) -> None:
    """Raises ``Conflict`` (``import.late``): what an earlier visit would have changed about the
    later one can no longer be told."""
    latest = known.latest.get(visit.unit.unit_id)
    if latest is not None and moment(visit.at, visit.visit_id) < latest:
        day = latest[0].astimezone(ZoneInfo(timezone)).date()
        raise Conflict(
            "import.late",
            f"unit {visit.unit.unit_id} already has an inspection of {day}: import older files "
            "first, into a fresh directory, or all files in one command",
        )
