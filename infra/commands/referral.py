"""``duban referral``: carry a referral out by packing it, and pack it again."""

import argparse

from api.preparing import group
from domain.accountability.commands import PackReferral
from domain.requests import Request, digest_of
from infra.commands.exporting import add_export, add_package_options, check_purpose, export, write
from infra.commands.opening import existing
from infra.commands.progress import answer
from infra.commands.reading import reader_named
from infra.settings import Settings

EXAMPLES = (
    "duban referral pack R-2026-3 --actor 'Li Wei' -o referral.zip    # carries it out",
    "duban referral export R-2026-3 -o referral.zip                   # packed already",
    "duban verify referral.zip --key 'city/…+0123abcd+…'",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="pack|export")
    pack = actions.add_parser("pack", help="record what the referral rests on, and write it out")
    add_package_options(pack, "referral")
    add_export(actions, "referral")


def run(chosen: argparse.Namespace, settings: Settings) -> int:
    if chosen.action == "export":
        return export(chosen, settings)
    check_purpose(chosen)
    with existing(chosen, settings) as runtime:
        asked = Request(PackReferral(accountability_id=chosen.key), reader_named(chosen.actor))
        name = f"pack:{chosen.key}"
        done = runtime.desk.handle(
            group(runtime.services, asked, name), name, digest_of([asked])
        )
        answer(f"packed: what the referral {chosen.key} rests on, at position {done.last_position}")
        write(runtime, chosen, "referral")
    return 0
