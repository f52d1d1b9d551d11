"""Lists, rankings and indicators of any moment, and two moments of them side by side."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Annotated

from fastapi import Query, Response

from api.measures import policy_for
from api.pages.cells import Cell, cell
from api.pages.named import name_of, room_of, telling_of
from api.pages.periods import Turning, turning
from api.pages.rendering import Look, View
from api.pages.then import Moment, TwoMoments, Typed, moment_of
from api.paging import cursor_of, keys_of
from api.rankings import ruling
from domain.errors import NotFound
from domain.policies.measures import COUNTS as ALL_COUNTS
from domain.policies.measures import Count, IndicatorPolicy
from projections import indicators, standings
from projections.dossiers import names
from projections.past import registers
from projections.past.kinds import KINDS, Kind
from projections.past.rankings import side_by_side
from projections.past.registers import Chosen
from projections.standings import Ranking

PAGE = 50
MOST_RANKED = 200
# The columns of a list, by kind: what tells things apart at first sight.
COLUMNS = {
    "case": ("status", "category", "unit", "opened_at", "due_at", "closed_at"),
    "unit": ("kind", "parent", "peer_group", "registered_at"),
    "person": ("category", "status", "registered_at"),
    "inspection": ("result", "unit", "source", "occurred_at"),
    "penalty": ("status", "unit", "kind", "opened_at", "decided_at"),
    "ranking": ("board", "period", "peer_group", "status", "published_at"),
    "slip": ("colour", "status", "unit", "authority", "served_at", "due_at"),
    "money": ("direction", "amount", "unit", "period", "status", "proposed_at"),
    "listing": ("list", "unit", "period", "status", "published_at", "until"),
    "accountability": ("action", "unit", "organ", "status", "decided_at"),
    "appeal": ("against", "unit", "status", "filed_at", "decided_at"),
    "reading": ("indicator", "unit", "period", "value", "occurred_at"),
    "policy": ("revision", "effective_from", "adopted_by", "adopted_at"),
}
COUNTS: Sequence[Count] = (
    "reported", "filed", "dispatched", "due_to_handle", "handled", "handled_in_time", "overdue",
    "pending", "closed",
)  # fmt: skip
Word = Annotated[str, Query(max_length=200)]


@dataclass(frozen=True, slots=True)
class Line:
    id: str
    called: str
    href: str
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Number:
    label: str
    before: str
    after: str

    @property
    def changed(self) -> bool:
        return self.before != self.after


def listing(kind: Kind) -> Callable[..., Response]:
    def shown(
        view: Look, as_of: Typed = "", was_at: Typed = "", status: Word = "", unit: Word = "",
        which: Word = "", after: Annotated[str, Query(alias="cursor", max_length=1000)] = "",
    ) -> Response:  # fmt: skip
        asked = moment_of(view, as_of, was_at)
        chosen = Chosen((status,) if status else (), unit.strip(), which.strip())
        more = {"before": keys_of(after, tuple[datetime, int])} if after else {}
        found = registers.page(
            view.services.store, view.services.reader, kind, asked.then, chosen, limit=PAGE, **more
        )
        telling = telling_of(view, kind, found.rows)
        following = found.next and cursor_of(found.next[0].isoformat(), found.next[1])
        return view.render(
            "then_list.html",
            asked.status,
            section="audit",
            kind=kind.name,
            kinds=[(each.things, each.name) for each in KINDS.values()],
            things=kind.things,
            asked=asked,
            typed={"status": status, "unit": unit, "which": which},
            heads=[telling.label(name) for name in COLUMNS[kind.name]],
            lines=[
                Line(
                    getattr(row, kind.key), name_of(row, kind, getattr(row, kind.key)),
                    room_of(kind.name, getattr(row, kind.key), "past"),
                    [cell(view, telling, row, name) for name in COLUMNS[kind.name]],
                )
                for row in found.rows
            ],
            more=view.here(cursor=following) if following else None,
        )  # fmt: skip

    return shown


def standings_then(
    view: Look, moments: TwoMoments, period: Word = "", board: Word = ""
) -> Response:
    turned = turning(view, period)
    sides = moments.read(view)
    told = [_ranking(view, turned, board, side) for side in sides]
    places = side_by_side(*told)
    changed = [place for place in places if place.changed]
    return view.render(
        "then_standings.html",
        max(side.status for side in sides),
        section="audit",
        period=turned,
        board=board,
        sides=sides,
        policies=[ranked.policy if ranked else "" for ranked in told],
        places=[*changed, *(p for p in places if not p.changed)][:MOST_RANKED],
        total=len(places),
        changed=len(changed),
    )


def _ranking(view: View, turned: Turning, board: str, side: Moment) -> Ranking | None:
    """``None``: no board ranked the period, as far as was known then."""
    services, then = view.services, side.then
    try:
        rules = ruling(services, turned.text, policy_id=board, then=then)
    except NotFound:
        return None
    return standings.ranking(
        services.reader, rules.policy, rules.period, "peers", None, then.as_of,
        now=then.business(services.clock.now()), at=then.at,
    )  # fmt: skip


def indicators_then(
    view: Look, moments: TwoMoments, period: Word = "", unit: Word = ""
) -> Response:
    turned, unit = turning(view, period), unit.strip() or view.city.unit_id
    sides = moments.read(view)
    try:
        policy = policy_for(view.services, turned.period)
    except NotFound:
        policy = None
    told = [_counts(view, turned, policy, unit, side) if policy else {} for side in sides]
    named = names(view.services.reader, [unit]).get(unit)
    return view.render(
        "then_indicators.html",
        max(side.status for side in sides),
        section="audit",
        period=turned,
        sides=sides,
        policy=policy,
        unit=unit,
        unit_name=named.name if named else unit,
        numbers=_numbers(view, policy, told[0], told[1]) if policy else [],
    )


def _counts(
    view: View, turned: Turning, policy: IndicatorPolicy, unit: str, side: Moment
) -> dict[Count, int]:
    then = side.then
    now = then.business(view.now)
    found = indicators.unit_counts(
        view.services.reader, policy, turned.period, now, then.as_of, then.up_to, then.at
    )
    return dict(found[unit].counts) if unit in found else {}


def _numbers(
    view: View, policy: IndicatorPolicy, before: dict[Count, int], after: dict[Count, int]
) -> list[Number]:
    told = [
        Number(
            view.t(f"count.{name}"), view.f.number(before.get(name, 0)),
            view.f.number(after.get(name, 0)),
        )
        for name in COUNTS
    ]  # fmt: skip
    rates = [
        indicators.rates_of(policy, {**dict.fromkeys(ALL_COUNTS, 0), **side})
        for side in (before, after)
    ]
    for rule, old, new in zip(policy.rates, rates[0], rates[1], strict=True):
        title = rule.title.zh if view.t.language == "zh" else rule.title.en
        told.append(Number(title, _percent(view, old.value), _percent(view, new.value)))
    return told


def _percent(view: View, value: Decimal | None) -> str:
    return view.t("room.not_applicable") if value is None else f"{view.f.number(value)}%"
