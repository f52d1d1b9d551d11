"""Units: the two trees to walk through, and one unit with all that belongs to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Query, Response

from api.pages.cases import STATUSES, TOGETHER
from api.pages.colours import of_unit
from api.pages.instruments import REGISTERS, Line, columns, lines
from api.pages.periods import Turning, ruling, turning
from api.pages.rendering import Look, View
from api.pages.sheets import Sheet, sheet
from api.pages.telling import Fact, Telling
from api.pages.trends import Trend, row
from api.paging import cursor_of, keys_of
from domain.periods import Period
from domain.policies.composite import CompositePolicy
from domain.policies.model import Board
from projections import case_list, dossiers, unit_list
from projections.dossiers import NODES, UnitSheet
from projections.instruments import Wanted
from projections.instruments import page as page_of_register
from projections.standings import By, ranking
from projections.unit_list import UnitFilter

PAGE = 50
# How many periods the chart of places goes back.
BACK = 12
RUNNING_CASES = 10
NEWEST = 5
FACTS = ("code", "address", "registered_at", "unit_id")

Text = Annotated[str, Query(max_length=200)]


@dataclass(frozen=True, slots=True)
class Part:
    """The part of a register that is about a unit."""

    name: str
    href: str
    columns: Sequence[tuple[str, bool]]
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class Coloured:
    """The colour of a unit by the supervision policy, and why."""

    colour: str
    called: str
    why: str
    clause: str
    policy: str


def listing(
    view: Look,
    search: Text = "",
    kind: Text = "",
    under: Text = "",
    colour: Text = "",
    after: Annotated[str, Query(alias="cursor", max_length=1000)] = "",
) -> Response:
    """Without any wish it begins at the top of the city."""
    reader = view.services.reader
    top = "" if search or kind or under or colour else view.city.unit_id
    wanted = UnitFilter(search.strip(), kind, under or top, colour)
    cursor = keys_of(after, tuple[str, str]) if after else None
    found = unit_list.page(reader, wanted, cursor, PAGE)
    counts = unit_list.counts(reader, wanted)
    node = dossiers.unit_dossier(reader, wanted.under, 0) if wanted.under else None
    return view.render(
        "units.html",
        section="units",
        rows=found.rows,
        more=view.here(cursor=cursor_of(*found.next)) if found.next else None,
        total=counts.get(kind, 0) if kind else sum(counts.values()),
        kinds=list(unit_list.counts(reader, UnitFilter()).items()),
        search=search,
        kind=kind,
        colour=colour,
        above=[*node.above[::-1], node.unit] if node else [],
    )


def page(view: Look, unit_id: str, period: Text = "") -> Response:
    reader = view.services.reader
    dossier = dossiers.unit_dossier(reader, unit_id)
    unit = dossier.unit
    turned = turning(view, period)
    policy = ruling(view, turned.period)
    running = case_list.CaseFilter(unit=unit_id, statuses=TOGETHER["running"])
    telling = Telling(view, (unit.line,))
    return view.render(
        "unit.html",
        section="units",
        unit=unit,
        above=dossier.above[::-1],
        children=dossier.children,
        line=[telling.units[unit.line]] if unit.line in telling.units else [],
        colour=dossier.inspections[0].colour if dossier.inspections else "",
        facts=[*telling.facts(unit, FACTS), *_place(view, unit)],
        statuses=[(s, n) for s in STATUSES if (n := dossier.cases.by_status.get(s, 0))],
        period=turned,
        entries=_sheet(view, policy, unit, turned.period) if policy else None,
        trend=_places(view, policy, unit, turned),
        cases=case_list.page(reader, running, limit=RUNNING_CASES).rows,
        inspections=dossier.inspections,
        penalties=dossier.penalties,
        registers=_registers(view, unit_id),
        by_policy=_colour(view, unit_id),
    )


def _colour(view: View, unit_id: str) -> Coloured | None:
    found = of_unit(view, unit_id)
    if found is None:
        return None
    why = found.zh if view.t.language == "zh" else found.en
    called = view.t.of("slip_colour", found.colour)
    return Coloured(found.colour, called, why, found.clause, found.policy)


def _registers(view: View, unit_id: str) -> list[Part]:
    """The newest of each register that is about the unit or one below it."""
    found: list[Part] = []
    for shown in REGISTERS.values():
        rows = page_of_register(
            view.services.reader, shown.kind, Wanted(unit=unit_id), limit=NEWEST
        )
        if rows:
            href = f"{shown.path}?{urlencode({'unit': unit_id})}"
            found.append(
                Part(shown.kind.name, href, columns(view, shown), lines(view, shown, rows))
            )
    return found


def level_of(policy: Board, unit: UnitSheet) -> By:
    """Where the unit is ranked: among its peers, or as a node with all that is under it. A board
    of boards ranks peers alone."""
    if isinstance(policy, CompositePolicy):
        return "peers"
    kinds = policy.peer_groups.kinds
    return "peers" if kinds is None or unit.kind in kinds else NODES.get(unit.kind, "peers")


def _sheet(view: View, policy: Board, unit: UnitSheet, period: Period) -> Sheet:
    ranked = ranking(view.services.reader, policy, period, level_of(policy, unit), now=view.now)
    return sheet(view, policy, ranked, period, unit.unit_id)


def _places(view: View, policy: Board | None, unit: UnitSheet, turned: Turning) -> Trend:
    told: Sequence[dossiers.PeriodPlace] = ()
    if policy:
        told = dossiers.places_over_time(
            view.services.reader, policy, unit, turned.period, BACK, view.now
        )
    ranked = told if any(one.place for one in told) else ()
    return Trend(
        title=view.t("unit.over_time"),
        span="",
        by="",
        choices=(),
        series=(view.t("unit.place"),),
        rows=[row(view, Period.parse(one.period), (one.place,)) for one in ranked],
        inverse=True,
        low=True,
    )


def _place(view: View, unit: UnitSheet) -> list[Fact]:
    if unit.latitude is None or unit.longitude is None:
        return []
    return [Fact(view.t("field.place"), f"{unit.latitude:.5f}, {unit.longitude:.5f}")]
