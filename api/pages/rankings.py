"""Rankings: a period, a level, a peer group, and behind every place the entries that made it."""

from collections.abc import Sequence
from typing import Annotated, get_args

from fastapi import Query, Response

from api.pages import standing
from api.pages.asked import moment_in, whole_in
from api.pages.periods import Turning, ruling, turning
from api.pages.rendering import Look, View
from api.pages.sheets import sheet
from domain.errors import Invalid
from domain.policies.model import ScoringPolicy
from projections import explanations, unit_list
from projections.dossiers import names
from projections.standings import By, ranking
from projections.unit_list import UnitFilter

LEVELS: tuple[By, ...] = get_args(By)
PAGE = 100

Text = Annotated[str, Query(max_length=200)]


def page(
    view: Look,
    period: Text = "",
    level: Text = "",
    group: Text = "",
    as_of: Text = "",
    unit: Text = "",
    start: Annotated[str, Query(alias="from", max_length=20)] = "",
) -> Response:
    reader, by = view.services.reader, level_in(level)
    moment = moment_in(as_of, view.city.zone)
    turned = turning(view, period)
    policy = ruling(view, turned.period)
    ranked = ranking(reader, policy, turned.period, by, as_of=moment) if policy else None
    groups = standing.groups_of(ranked) if ranked else []
    chosen = standing.group_named(groups, group)
    query = standing.query_of(turned, "" if by == "peers" else by, chosen, as_of)
    first = whole_in(start, 0)
    following = first + PAGE
    rows = standing.lines(chosen.rows[first:following], standing.best_of(chosen), **query)
    return view.render(
        "rankings.html",
        section="rankings",
        period=turned,
        policy=policy,
        levels=_levels(view, by),
        level=level,
        groups=_named(view, policy, groups),
        group=chosen.name,
        as_of=moment,
        as_of_field=view.f.field(moment) if moment else "",
        lines=rows,
        total=len(chosen.rows),
        more=view.here(**{"from": following}) if following < len(chosen.rows) else None,
        chosen=unit,
        latest=None if chosen.rows else _latest(view, policy, turned),
        entries=(
            sheet(view, policy, ranked, turned.period, unit) if unit and policy and ranked else None
        ),
    )


def entries(
    view: Look, unit: Text = "", period: Text = "", level: Text = "", as_of: Text = ""
) -> Response:
    """The drill-down alone, for the panel beside the ranking."""
    turned = turning(view, period)
    moment = moment_in(as_of, view.city.zone)
    policy = ruling(view, turned.period)
    opened = None
    if policy:
        by = level_in(level)
        ranked = ranking(view.services.reader, policy, turned.period, by, as_of=moment)
        opened = sheet(view, policy, ranked, turned.period, unit)
    return view.render("entries.html", section="rankings", period=turned, entries=opened)


def _levels(view: View, by: By) -> list[tuple[str, str]]:
    """The peers, and the kinds of nodes that this city has."""
    present = {*unit_list.counts(view.services.reader, UnitFilter()), by} - {"peers"}
    nodes = [(kind, view.t(f"level.{kind}")) for kind in LEVELS if kind in present]
    return [("", view.t("level.peers")), *nodes]


def level_in(text: str) -> By:
    for level in LEVELS:
        if text in ("", level):
            return level
    raise Invalid("level.unknown", f"there is no ranking by {text[:40]!r}: take one of {LEVELS}")


def _named(
    view: View, policy: ScoringPolicy | None, groups: Sequence[standing.Group]
) -> list[tuple[str, str, int]]:
    """Each group with what to call it: a kind, a unit, or the city's own word."""
    of_units = policy is not None and policy.peer_groups.by in ("district", "parent")
    units = names(view.services.reader, [group.name for group in groups]) if of_units else {}
    return [
        (g.name, units[g.name].name if g.name in units else view.t.of("kind", g.name), len(g.rows))
        for g in groups
    ]


def _latest(view: View, policy: ScoringPolicy | None, turned: Turning) -> dict[str, str] | None:
    """Where to go from a period in which nobody is ranked."""
    days = explanations.scored_days(view.services.reader, policy) if policy else None
    if days is None:
        return None
    period = turned.period.on(turned.period.kind, days[1])
    return {"label": period.label(view.t.language), "href": view.here(period=str(period))}
