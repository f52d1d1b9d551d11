"""``duban unit``: all that a unit did, received, was asked and was late with, at any moment."""

import argparse

from api.past import sources_of
from infra.commands.dossiers import add_choice, record_opening, show_dossier
from infra.commands.exporting import add_export, export
from infra.commands.moments import add_moments, then_of
from infra.commands.opening import add_data_option, existing
from infra.commands.progress import answer
from infra.settings import Settings
from projections.indicators import units_under
from projections.past.colours import colour_then
from projections.past.differences import past
from projections.past.dossiers import Subject
from projections.past.kinds import KINDS

EXAMPLES = (
    "duban unit show lake",
    "duban unit show lake --as-of 2026-03-31 --part late     # what it was late with by then",
    "duban unit show east --under --kind case --from 2026-03-01 --to 2026-04-01 --json",
    "duban unit export ID -o unit.zip --actor 'Li Wei' --purpose 'yearly audit'",
    "duban unit export ID --as-of 2026-03-31 --lang en",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="show|export")
    show = actions.add_parser("show", help="the dossier of a unit")
    show.add_argument("unit_id", metavar="ID")
    show.add_argument("--under", action="store_true", help="with all units under it now")
    add_moments(show)
    add_choice(show)
    add_data_option(show)
    add_export(actions, "unit")


def run(chosen: argparse.Namespace, settings: Settings) -> int:
    if chosen.action == "export":
        return export(chosen, settings)
    with existing(chosen, settings) as runtime:
        services, unit = runtime.services, chosen.unit_id
        record_opening(services, "units", unit, chosen)
        zone, now = services.city().zone, services.clock.now()
        then = then_of(services.store, zone, now, chosen.as_of, chosen.at)
        row = past(services.store, KINDS["unit"], unit, then).state
        colour = colour_then(sources_of(services), unit, then)
        ids = units_under(services.reader, unit) or (unit,) if chosen.under else (unit,)
        if not chosen.json:
            named = f"{row.name}  {row.kind}" if row else "it was not known then"
            answer(f"{unit}  {named}  {f'{colour.colour}: {colour.en}' if colour else ''}".rstrip())
        head = {"unit": row, "colour": colour}
        return show_dossier(services, Subject("unit", ids), then, chosen, head)
