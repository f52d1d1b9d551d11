"""``duban person``: all that is on record about a person, who stands under a pseudonym."""

import argparse

from domain.errors import NotFound
from infra.commands.dossiers import add_choice, record_opening, show_dossier
from infra.commands.exporting import add_export, export
from infra.commands.moments import add_moments, then_of
from infra.commands.opening import add_data_option, existing
from infra.settings import Settings
from projections.past.dossiers import Subject, lines

EXAMPLES = (
    "duban person show p-3f9c0a1b2c4d5e6f",
    "duban person show p-3f9c0a1b2c4d5e6f --part did --as-of 2026-03-31",
    "duban person export ID -o person.zip --actor 'Li Wei' --purpose 'yearly audit'",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="show|export")
    show = actions.add_parser("show", help="the dossier of a person")
    show.add_argument("person_id", metavar="PSEUDONYM")
    add_moments(show)
    add_choice(show)
    add_data_option(show)
    add_export(actions, "person")


def run(chosen: argparse.Namespace, settings: Settings) -> int:
    if chosen.action == "export":
        return export(chosen, settings)
    with existing(chosen, settings) as runtime:
        services, subject = runtime.services, Subject("person", (chosen.person_id,))
        record_opening(services, "persons", chosen.person_id, chosen)
        zone, now = services.city().zone, services.clock.now()
        then = then_of(services.store, zone, now, chosen.as_of, chosen.at)
        if not lines(services.reader, subject, then, limit=1):
            raise NotFound(
                "person.unknown",
                f"nothing is on record about {chosen.person_id}: persons stand under pseudonyms "
                "here",
            )
        return show_dossier(services, subject, then, chosen, {"person": chosen.person_id})
