"""The one table of what has a past: where each kind lies in the log, and how it is folded."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from domain.errors import NotFound
from projections.accountability import ACCOUNTABILITY
from projections.appeals import APPEALS
from projections.bulletins import BULLETINS
from projections.cases import CASES
from projections.inspections import INSPECTIONS
from projections.listings import LISTINGS
from projections.money import MONEY
from projections.past.policies import POLICY
from projections.penalties import PENALTIES
from projections.projection import Snapshot
from projections.readings import READINGS
from projections.slips import SLIPS
from projections.units import UNITS


@dataclass(frozen=True, slots=True)
class Kind:
    """``things`` is its place under /api/v1; its name is what its streams begin with."""

    things: str
    snapshot: Snapshot[Any]

    @property
    def name(self) -> str:
        return self.snapshot.kind

    @property
    def key(self) -> str:
        return self.snapshot.key


KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("cases", CASES),
        Kind("units", UNITS),
        Kind("inspections", INSPECTIONS),
        Kind("penalties", PENALTIES),
        Kind("rankings", BULLETINS),
        Kind("slips", SLIPS),
        Kind("money", MONEY),
        Kind("listings", LISTINGS),
        Kind("accountability", ACCOUNTABILITY),
        Kind("appeals", APPEALS),
        Kind("readings", READINGS),
        Kind("policies", POLICY),
    )
}


def kind_named(name: str) -> Kind:
    """By its name or the name of its things. Raises ``NotFound`` (``kind.unknown``)."""
    for kind in KINDS.values():
        if name in (kind.name, kind.things):
            return kind
    raise NotFound(
        "kind.unknown", f"nothing here is called {name[:40]}: there are {', '.join(KINDS)}"
    )
