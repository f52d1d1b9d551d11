"""What colour a unit has by the supervision policy in force, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from domain.policies.supervision import SupervisionPolicy


@dataclass(frozen=True, slots=True)
class OpenSlip:
    """An issued slip that is neither lifted nor withdrawn; ``position`` is that of its last event
    in the log."""

    slip_id: str
    ladder: str
    colour: str
    number: str
    position: int


@dataclass(frozen=True, slots=True)
class Visit:
    """The last inspection of a unit."""

    inspection_id: str
    colour: str
    position: int


@dataclass(frozen=True, slots=True)
class Colour:
    """``clause`` is the word of ``policy`` that speaks; ``events`` are positions in the log."""

    unit: str
    colour: str
    zh: str
    en: str
    policy: str
    clause: str
    events: tuple[int, ...] = ()


def colour_of(
    policy: SupervisionPolicy,
    unit: str,
    slips: Sequence[OpenSlip] = (),
    visit: Visit | None = None,
    points: Decimal | None = None,
) -> Colour:
    """``points`` are those of the running period on the policy's board (``None``: not ranked)."""
    rule = policy.unit_colour
    match rule.by:
        case "open_slips" if slips:
            return _by_slips(policy, unit, slips)
        case "latest_inspection" if visit is not None and visit.colour:
            return Colour(
                unit, visit.colour,
                f"最近一次检查（{visit.inspection_id}）留下的标志",
                f"the sign of its last visit ({visit.inspection_id})",
                policy.ref, "unit_colour.latest_inspection", (visit.position,),
            )  # fmt: skip
        case "points" if points is not None:
            band = next((band for band in rule.bands if points < band.below), None)
            if band is not None:
                return Colour(
                    unit, band.colour,
                    f"本期得分{points.normalize():f}，低于{band.below.normalize():f}",
                    f"{points.normalize():f} points so far, below {band.below.normalize():f}",
                    policy.ref, "unit_colour.bands",
                )  # fmt: skip
    return Colour(
        unit, rule.otherwise, "没有使其变色的情形", "nothing speaks against it",
        policy.ref, "unit_colour.otherwise",
    )  # fmt: skip


def _by_slips(policy: SupervisionPolicy, unit: str, slips: Sequence[OpenSlip]) -> Colour:
    """The gravest colour among its open slips; of ladders of different lengths the nearer to the
    top is the graver."""
    gravest = max(slips, key=lambda slip: (_gravity(policy, slip), slip.position))
    same = [slip for slip in slips if slip.colour == gravest.colour]
    numbers = [slip.number or slip.slip_id for slip in same]
    return Colour(
        unit, gravest.colour,
        f"未解除的督办单{len(slips)}张，其中最重的是{'、'.join(numbers)}",
        f"open slips: {len(slips)}, the gravest of them {', '.join(numbers)}",
        policy.ref, f"ladders.{gravest.ladder}", tuple(sorted(slip.position for slip in same)),
    )  # fmt: skip


def _gravity(policy: SupervisionPolicy, slip: OpenSlip) -> Decimal:
    """1 for the top of its ladder; 0 for a colour that the policy does not know any more."""
    for ladder in policy.ladders:
        colours = [step.colour for step in ladder.steps]
        if ladder.id == slip.ladder and slip.colour in colours:
            return Decimal(colours.index(slip.colour) + 1) / len(colours)
    return Decimal(0)
