"""Units by their colour: as the supervision policy says, else by their last inspection."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlencode

from api.pages.rendering import View
from domain.consequences.colours import Colour, colour_of
from domain.errors import NotFound
from domain.periods import Period
from domain.policies.supervision import SupervisionPolicy
from projections import boards, unit_colours, unit_list
from projections.standings import policy_for, ranking
from projections.unit_list import UnitFilter


@dataclass(frozen=True, slots=True)
class Coloured:
    """How many units have a colour, and where they are."""

    colour: str
    called: str
    units: int
    href: str


@dataclass(frozen=True, slots=True)
class Colours:
    """``title`` says what gives units their colours."""

    title: str
    units: Sequence[Coloured]


def in_force(view: View) -> SupervisionPolicy | None:
    services = view.services
    return unit_colours.supervision(services.desk.standing.policies, view.now)


def of_unit(view: View, unit_id: str) -> Colour | None:
    """The colour of a unit and why; ``None``: no supervision policy is in force."""
    policy = in_force(view)
    if policy is None:
        return None
    points = _points(view, policy)
    return unit_colours.colours(view.services.reader, policy, [unit_id], points)[unit_id]


def counted(view: View) -> Colours:
    reader, policy = view.services.reader, in_force(view)
    if policy is None or policy.unit_colour.by == "latest_inspection":
        visited = boards.colours(reader)
        return Colours(
            view.t("overview.units_by_colour"),
            [
                Coloured(colour, view.t(f"colour.{colour}"), n, f"/units?colour={colour}")
                for colour, n in visited.items()
            ],
        )
    found = _counts(view, policy)
    scale = [step.colour for ladder in policy.ladders for step in ladder.steps]
    scale += [band.colour for band in policy.unit_colour.bands]
    other = policy.unit_colour.otherwise
    # The colour of units that nothing speaks against, then from the mildest to the gravest.
    order = [other, *(colour for colour in dict.fromkeys(scale) if colour != other)]
    return Colours(
        view.t("overview.units_by_policy"),
        [
            Coloured(colour, view.t.of("slip_colour", colour), found.get(colour, 0),
                     _where(colour, other))
            for colour in order
        ],
    )  # fmt: skip


def _counts(view: View, policy: SupervisionPolicy) -> Mapping[str, int]:
    reader, rule = view.services.reader, policy.unit_colour
    found: dict[str, int] = {}
    if rule.by == "open_slips":
        found = dict(unit_colours.counts(reader, policy))
    for unit, points in (_points(view, policy) or {}).items():
        colour = colour_of(policy, unit, points=points).colour
        found[colour] = found.get(colour, 0) + 1
    everybody = sum(unit_list.counts(reader, UnitFilter()).values())
    coloured = sum(n for colour, n in found.items() if colour != rule.otherwise)
    return found | {rule.otherwise: max(0, everybody - coloured)}


def _points(view: View, policy: SupervisionPolicy) -> Mapping[str, Decimal] | None:
    """The points of the running period, for a policy that goes by them."""
    rule = policy.unit_colour
    if rule.by != "points" or rule.period is None:
        return None
    period, zone = Period.of(rule.period, view.now, view.city.zone), view.city.zone
    book = view.services.desk.standing.policies
    try:
        board = policy_for(book, period, zone, view.now, rule.board or "")
    except NotFound:
        return {}
    rows = ranking(view.services.reader, board, period, now=view.now).rows
    return {row.unit: row.points for row in rows}


def _where(colour: str, otherwise: str) -> str:
    return "/units" if colour == otherwise else f"/slips?{urlencode({'which': colour})}"
