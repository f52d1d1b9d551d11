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
from projections.persons import PERSONS
from projections.projection import Snapshot
from projections.readings import READINGS
from projections.slips import SLIPS
from projections.units import UNITS


@dataclass(frozen=True, slots=True)
class Kind:
    """``things`` is its place under /api/v1; its name is what its streams begin with. ``which``
    is the column that tells things of the kind apart at first sight."""

    things: str
    snapshot: Snapshot[Any]
    which: str

    @property
    def name(self) -> str:
        return self.snapshot.kind

    @property
    def key(self) -> str:
        return self.snapshot.key


KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("cases", CASES, "source"),
        Kind("units", UNITS, "kind"),
        Kind("persons", PERSONS, "category"),
        Kind("inspections", INSPECTIONS, "result"),
        Kind("penalties", PENALTIES, "kind"),
        Kind("rankings", BULLETINS, "period"),
        Kind("slips", SLIPS, "colour"),
        Kind("money", MONEY, "direction"),
        Kind("listings", LISTINGS, "list"),
        Kind("accountability", ACCOUNTABILITY, "action"),
        Kind("appeals", APPEALS, "against"),
        Kind("readings", READINGS, "indicator"),
        Kind("policies", POLICY, "policy_id"),
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
