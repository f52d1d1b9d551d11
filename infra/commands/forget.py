"""``duban forget``: destroy the data of a person for ever; statistics and proofs stay valid."""

import argparse

from infra.commands.opening import add_data_option, existing
from infra.commands.progress import answer
from infra.commands.reading import add_reader, reader_named
from infra.settings import Settings

EXAMPLES = ("duban forget p-5f0c0123456789ab --basis 'PIPL 47(1)(3): consent withdrawn'",)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "person_id", metavar="PERSON", help="pseudonym; duban persons find finds it"
    )
    parser.add_argument("--basis", required=True, help="legal ground for destroying the data")
    add_reader(parser)
    add_data_option(parser)


def run(chosen: argparse.Namespace, settings: Settings) -> int:
    with existing(chosen, settings) as city:
        key = f"cli:{city.services.new_id()}"
        appended = city.services.persons.forget(
            reader_named(chosen.actor), key, chosen.person_id, chosen.basis
        )
    before = appended.first_position > appended.last_position
    done = "had been forgotten before" if before else "is forgotten: key and data are destroyed"
    answer(f"{chosen.person_id} {done}")
    return 0
