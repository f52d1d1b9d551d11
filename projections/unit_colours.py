"""The colour of units by the supervision policy in force, read from the tables.

colours(reader, policy, ["u1"], points)    each of these units with its colour and why
counts(reader, policy)                     how many units have which colour (others: ``otherwise``)
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from domain.consequences.colours import Colour, OpenSlip, Visit, colour_of
from domain.policies.book import PolicyBook
from domain.policies.supervision import SupervisionPolicy
from projections.reading import Reader


def supervision(book: PolicyBook, at: datetime) -> SupervisionPolicy | None:
    """The first supervision policy in force at a moment."""
    files = book.files(book.in_force(at))
    return next((each for each in files if isinstance(each, SupervisionPolicy)), None)


def colours(
    reader: Reader,
    policy: SupervisionPolicy,
    units: Sequence[str],
    points: Mapping[str, Decimal] | None = None,
) -> dict[str, Colour]:
    """``points`` of the running period, for a policy that goes by them."""
    slips: dict[str, list[OpenSlip]] = {}
    visits: dict[str, Visit] = {}
    asked = {"units": list(units), "everybody": False}
    if policy.unit_colour.by == "open_slips":
        for row in reader.rows("unit_colours.open_slips", asked):
            slips.setdefault(row.pop("unit"), []).append(OpenSlip(**row))
    if policy.unit_colour.by == "latest_inspection":
        for row in reader.rows("unit_colours.last_visits", asked):
            unit = row.pop("unit")
            visits[unit] = Visit(**row)
    known = points or {}
    return {
        unit: colour_of(policy, unit, slips.get(unit, ()), visits.get(unit), known.get(unit))
        for unit in units
    }


def counts(reader: Reader, policy: SupervisionPolicy) -> dict[str, int]:
    """Units by colour, for those that open slips give one."""
    slips: dict[str, list[OpenSlip]] = {}
    for row in reader.rows("unit_colours.open_slips", {"units": [], "everybody": True}):
        slips.setdefault(row.pop("unit"), []).append(OpenSlip(**row))
    found: dict[str, int] = {}
    for unit, open_slips in slips.items():
        colour = colour_of(policy, unit, open_slips).colour
        found[colour] = found.get(colour, 0) + 1
    return found
