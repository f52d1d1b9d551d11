"""The big screen of the command hall: a live ranking, the three colours, what happens now."""

from typing import Annotated

from fastapi import Query, Response

from api.pages import happenings, standing
from api.pages.colours import counted
from api.pages.overview import RUNNING_LIGHTS
from api.pages.periods import ruling, turning
from api.pages.rankings import level_in
from api.pages.rendering import Look
from domain.policies.composite import CompositePolicy
from projections import boards
from projections.standings import ranking

# What fits on the wall without scrolling: the best, and the last ones, who matter most.
TOP, BOTTOM = 14, 5
NEWEST = 9

Text = Annotated[str, Query(max_length=200)]


def page(view: Look, period: Text = "", level: Text = "", group: Text = "") -> Response:
    services, by = view.services, level_in(level)
    turned = turning(view, period)
    policy = ruling(view, turned.period)
    if isinstance(policy, CompositePolicy):
        by = "peers"
    ranked = ranking(services.reader, policy, turned.period, by, now=view.now) if policy else None
    chosen = standing.group_named(standing.groups_of(ranked) if ranked else [], group)
    best, rest = standing.best_of(chosen), max(0, len(chosen.rows) - TOP)
    bottom = chosen.rows[-min(BOTTOM, rest) :] if rest else ()
    lights = boards.lights(services.reader)
    latest = boards.latest(services.reader, services.live.position(), NEWEST)
    return view.render(
        "board.html",
        section="board",
        period=turned,
        level=view.t(f"level.{by}") if by != "peers" else view.t.of("kind", chosen.name),
        total=len(chosen.rows),
        top=standing.lines(chosen.rows[:TOP], best),
        bottom=standing.lines(bottom, best),
        between=max(0, rest - len(bottom)),
        case_lights=[(light, lights[light]) for light in RUNNING_LIGHTS],
        no_limit=lights["none"],
        colours=counted(view),
        latest=happenings.lines(latest),
    )
