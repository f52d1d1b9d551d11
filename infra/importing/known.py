"""What the city knows already, as far as an import builds on it: folded from the log."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

import msgspec

from domain.cases import events as c
from domain.inspections.events import InspectionRecorded
from domain.messages import Envelope, Event
from domain.ports import EventStore
from domain.units import events as u
from domain.units.decide import UNITS, Unit
from infra.importing.cells import normalised
from infra.importing.model import Normaliser

BATCH = 16_384

# Where an open case stands for the next visit: it can be checked; it was checked and only waits
# to be closed; or it is in hands (a dispute, a suspension) that a visit does not interfere with.
Standing = Literal["checkable", "verified", "elsewhere"]

STANDINGS: Mapping[type[Event], Standing | None] = {
    c.CaseDispatched: "checkable",
    c.CaseRuled: "checkable",
    c.CaseReturned: "elsewhere",
    c.CaseDisputed: "elsewhere",
    c.CaseVerified: "verified",
    c.CaseReworkOrdered: "checkable",
    c.CaseSuspended: "elsewhere",
    c.CaseResumed: "checkable",
    c.CaseReopened: "checkable",
    c.CaseRejected: None,
    c.CaseClosed: None,
    c.CaseVoided: None,
}

# A visit's place in time: when it was, then its id, numbers by their value.
Moment = tuple[datetime, tuple[int, int, str]]


def moment(at: datetime, inspection_id: str) -> Moment:
    if inspection_id.isdecimal():
        return at, (0, int(inspection_id), "")
    return at, (1, 0, inspection_id)


class OpenCase(msgspec.Struct, frozen=True, gc=False):
    case_id: str
    standing: Standing


OpenCases = dict[str, OpenCase]  # by the text of the finding, in the form that is compared


@dataclass(slots=True)
class Known:
    """Units by id; open cases found by earlier visits and the latest visit, both by unit."""

    units: dict[str, Unit] = field(default_factory=dict)
    open_cases: dict[str, OpenCases] = field(default_factory=dict)
    latest: dict[str, Moment] = field(default_factory=dict)

    @property
    def city(self) -> str:
        """The city's unit id; "" before it is registered."""
        return next((unit.unit_id for unit in self.units.values() if unit.kind == "city"), "")


def read_units(store: EventStore) -> Known:
    """The units alone, for rows that do not build on what earlier visits found."""
    folding = _Folding()
    folding.take(store.load_kind("unit"))
    return folding.known(())


def read_known(store: EventStore, compare: Sequence[Normaliser]) -> Known:
    """``compare`` is how the texts of findings are made comparable."""
    folding = _Folding()
    position = 0
    while batch := store.read(position, BATCH):
        folding.take(batch)
        position = batch[-1].position
    return folding.known(compare)


class _Found(msgspec.Struct, gc=False):
    """A case that a visit found, open or (``standing`` is None) not."""

    unit: str
    text: str
    standing: Standing | None


class _Folding:
    """One look at every event: a log of a million of them is read in seconds."""

    def __init__(self) -> None:
        self._known = Known()
        self._cases: dict[str, _Found] = {}
        self._takers: dict[type[Event], Callable[[Envelope], None]] = {
            **dict.fromkeys(u.EVENTS, self._unit),
            c.CaseReported: self._report,
            InspectionRecorded: self._visit,
        }

    def take(self, envelopes: Sequence[Envelope]) -> None:
        cases, takers = self._cases, self._takers
        for envelope in envelopes:
            event = type(envelope.event)
            if event in STANDINGS:
                if (case := cases.get(envelope.key)) is not None:
                    case.standing = STANDINGS[event]
            elif (taker := takers.get(event)) is not None:
                taker(envelope)

    def known(self, compare: Sequence[Normaliser]) -> Known:
        for case_id, case in self._cases.items():
            if case.standing is not None:
                cases = self._known.open_cases.setdefault(case.unit, {})
                cases[normalised(case.text, compare)] = OpenCase(case_id, case.standing)
        return self._known

    def _unit(self, envelope: Envelope) -> None:
        units = self._known.units
        unit = UNITS.evolve(units.get(envelope.key), envelope)
        if unit is not None:
            units[envelope.key] = unit

    def _visit(self, envelope: Envelope) -> None:
        event = envelope.event
        assert isinstance(event, InspectionRecorded)
        found = moment(envelope.occurred_at, envelope.key)
        latest = self._known.latest.get(event.unit)
        if latest is None or found > latest:
            self._known.latest[event.unit] = found

    def _report(self, envelope: Envelope) -> None:
        event = envelope.event
        assert isinstance(event, c.CaseReported)
        if event.about and event.inspection_id:
            self._cases[envelope.key] = _Found(event.about, event.text, "elsewhere")
