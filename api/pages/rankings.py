"""Rankings: a period, a level, a peer group, and behind every place the entries that made it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any, get_args

from fastapi import Depends, Query, Response

from api.pages import standing
from api.pages.asked import moment_in, whole_in
from api.pages.bulletin import bulletin
from api.pages.forms import units_offered
from api.pages.periods import Turning, ruling, turning
from api.pages.rendering import Look, View
from api.pages.sheets import Sheet, sheet
from domain.errors import Invalid
from domain.periods import Period
from domain.policies.composite import CompositePolicy
from domain.policies.model import Board
from projections import explanations, unit_list
from projections.bulletins import BULLETINS
from projections.dossiers import names
from projections.histories import history
from projections.standings import By, Publication, Ranking, Standing, boards_for, published, ranking
from projections.unit_list import UnitFilter

LEVELS: tuple[By, ...] = get_args(By)
PAGE = 100

Text = Annotated[str, Query(max_length=200)]


@dataclass(frozen=True, slots=True)
class Wish:
    """What the reader chose; empty means the usual. ``ranking`` names board, period and group at
    once. ``start`` is how many lines they have seen, ``frozen`` whether they want the ranking as it
    was published, ``draft`` as it waits for approval."""

    board: Text = ""
    ranking: Text = ""
    period: Text = ""
    level: Text = ""
    group: Text = ""
    as_of: Text = ""
    unit: Text = ""
    start: Annotated[str, Query(alias="from", max_length=20)] = ""
    frozen: Annotated[str, Query(alias="published", max_length=5)] = ""
    draft: Annotated[str, Query(max_length=5)] = ""


Wished = Annotated[Wish, Depends(Wish)]


@dataclass(frozen=True, slots=True)
class Found:
    """What the wish leads to; without a policy in force there is no ranking."""

    turned: Turning
    by: By
    as_of: datetime | None
    policy: Board | None
    ranked: Ranking | None

    def sheet(self, view: View, unit: str) -> Sheet | None:
        if not unit or self.policy is None or self.ranked is None:
            return None
        return sheet(view, self.policy, self.ranked, self.turned.period, unit)


def page(view: Look, wish: Wished) -> Response:
    return _shown(view, _resolved(view, wish))


def about(view: View, ranking_id: str) -> Response:
    """The page of a ranking by its id."""
    return _shown(view, _resolved(view, Wish(ranking=ranking_id)))


def _resolved(view: View, wish: Wish) -> Wish:
    """Raises ``NotFound`` (``ranking.unknown``)."""
    if not wish.ranking:
        return wish
    row = history(view.services.store, BULLETINS, wish.ranking).row
    assert row is not None  # without events there is no history
    return replace(wish, ranking="", board=row.board, period=row.period, group=row.peer_group)


def _shown(view: View, wish: Wish) -> Response:
    found = _found(view, wish)
    turned, by = found.turned, found.by
    groups = standing.groups_of(found.ranked) if found.ranked else []
    chosen = standing.group_named(groups, wish.group)
    printed = _printed(view, found, chosen.name)
    frozen = bool(wish.frozen and printed)
    first = whole_in(wish.start, 0)
    following = first + PAGE
    out = None
    if found.policy and by == "peers" and found.as_of is None:
        out = bulletin(view, found.policy, turned.period, chosen.name, bool(chosen.rows))
    draft = bool(wish.draft and out and out.draft)
    rows = out.draft if out and draft else printed
    return view.render(
        "rankings.html",
        view.attempt.status if view.attempt else 200,
        section="rankings",
        **_choices(view, wish, found, groups, chosen),
        out=out,
        draft=draft,
        offered=units_offered(view) if out and out.forms else [],
        lines=(
            standing.frozen(rows, names(view.services.reader, [row.unit for row in rows]))
            if frozen or draft
            else _lines(wish, turned, chosen, chosen.rows[first:following])
        ),
        printed=printed[0] if printed else None,
        frozen=frozen,
        total=len(chosen.rows),
        more=(
            view.here(**{"from": following})
            if following < len(chosen.rows) and not frozen and not draft
            else None
        ),
        chosen=wish.unit,
        latest=None if chosen.rows else _latest(view, found.policy, turned),
        entries=found.sheet(view, wish.unit),
    )


def _lines(
    wish: Wish, turned: Turning, chosen: standing.Group, shown: Sequence[Standing]
) -> list[standing.Line]:
    query = standing.query_of(turned, wish.level, chosen, wish.as_of, wish.board)
    return standing.lines(shown, standing.best_of(chosen), **query)


def _choices(
    view: View, wish: Wish, found: Found, groups: Sequence[standing.Group], chosen: standing.Group
) -> dict[str, Any]:
    """What is chosen on the page, and what else can be."""
    return {
        "boards": _boards(view, found.turned.period),
        "board": found.policy.id if found.policy else "",
        "period": found.turned,
        "policy": found.policy,
        "levels": _levels(view, found.by, found.policy),
        "level": wish.level,
        "groups": _named(view, found.policy, groups),
        "group": chosen.name,
        "as_of": found.as_of,
        "as_of_field": view.f.field(found.as_of) if found.as_of else "",
    }


def entries(view: Look, wish: Wished) -> Response:
    """The drill-down alone, for the panel beside the ranking."""
    found = _found(view, wish)
    opened = found.sheet(view, wish.unit)
    return view.render("entries.html", section="rankings", period=found.turned, entries=opened)


def level_in(text: str) -> By:
    """Raises ``Invalid`` (``level.unknown``)."""
    for level in LEVELS:
        if text in ("", level):
            return level
    known = ", ".join(LEVELS)
    raise Invalid("level.unknown", f"there is no ranking by {text[:40]!r}: take one of {known}")


def _found(view: View, wish: Wish) -> Found:
    turned, by = turning(view, wish.period), level_in(wish.level)
    as_of = moment_in(wish.as_of, view.city.zone)
    policy = ruling(view, turned.period, wish.board)
    if isinstance(policy, CompositePolicy):
        by = "peers"
    ranked = None
    if policy:
        reader, period = view.services.reader, turned.period
        ranked = ranking(reader, policy, period, by, as_of=as_of, now=as_of or view.now)
    return Found(turned, by, as_of, policy, ranked)


def _printed(view: View, found: Found, group: str) -> list[Publication]:
    """The published ranking of the group, as far as it was known then: its newest correction."""
    if found.by != "peers" or found.policy is None:
        return []
    rows = published(view.services.reader, found.turned.period, group, found.as_of)
    mine = [row for row in rows if row.board == found.policy.id]
    newest = max((row.correction for row in mine), default=0)
    return [row for row in mine if row.correction == newest]


def _boards(view: View, period: Period) -> list[tuple[str, str]]:
    found = boards_for(view.services.desk.standing.policies, period, view.city.zone, view.now)
    chinese = view.t.language == "zh"
    return [(each.id, each.title.zh if chinese else each.title.en) for each in found]


def _levels(view: View, by: By, board: Board | None) -> list[tuple[str, str]]:
    """The peers, and the kinds of nodes that this city has; a board of boards ranks peers alone."""
    if isinstance(board, CompositePolicy):
        return [("", view.t("level.peers"))]
    present = {*unit_list.counts(view.services.reader, UnitFilter()), by} - {"peers"}
    nodes = [(kind, view.t(f"level.{kind}")) for kind in LEVELS if kind in present]
    return [("", view.t("level.peers")), *nodes]


def _named(
    view: View, policy: Board | None, groups: Sequence[standing.Group]
) -> list[tuple[str, str, int]]:
    """Each group with what to call it: a kind, a unit, or the city's own word."""
    of_units = policy is not None and policy.peer_groups.by in ("district", "parent")
    units = names(view.services.reader, [group.name for group in groups]) if of_units else {}
    return [
        (g.name, units[g.name].name if g.name in units else view.t.of("kind", g.name), len(g.rows))
        for g in groups
    ]


def _latest(view: View, policy: Board | None, turned: Turning) -> dict[str, str] | None:
    """Where to go from a period in which nobody is ranked."""
    days = explanations.scored_days(view.services.reader, policy) if policy else None
    if days is None:
        return None
    period = turned.period.on(turned.period.kind, days[1])
    return {"label": period.label(view.t.language), "href": view.here(period=str(period))}
