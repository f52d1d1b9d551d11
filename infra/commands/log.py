"""``duban log``: signed checkpoints of the log, and proofs by them."""

import argparse

from domain.errors import NotFound
from infra.commands.choosing import add_data_option, chosen_settings
from infra.commands.opening import existing
from infra.commands.progress import answer, progress_bar
from infra.settings import Settings
from infra.stores import require_city
from infra.transparency.kept import looked_at
from projections.transparency.checkpoints import Inclusion, proof_file
from projections.transparency.notes import encoded

EXAMPLES = (
    "duban log checkpoint --data ./data           # the newest, with all who signed it",
    "duban log checkpoint --new                   # sign now what the log holds",
    "duban log proof 1234 > 1234.tlog-proof       # that event 1234 is in the newest checkpoint",
    "duban log consistency 1000 2000",
    "duban log rebuild                            # make the tree anew from the events",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    checkpoint = actions.add_parser("checkpoint", help="what the log holds, signed")
    checkpoint.add_argument("--size", type=int, metavar="N", help="the one of exactly N events")
    checkpoint.add_argument("--new", action="store_true", help="sign now what the log holds")
    proof = actions.add_parser("proof", help="that an event is in a checkpoint (C2SP tlog-proof)")
    proof.add_argument("position", type=int)
    proof.add_argument("--size", type=int, metavar="N", help="in the checkpoint of N events")
    consistency = actions.add_parser("consistency", help="that the log only grew (RFC 9162)")
    consistency.add_argument("old", type=int, metavar="FROM")
    consistency.add_argument("new", type=int, metavar="TO", nargs="?")
    rebuild = actions.add_parser("rebuild", help="make the tree anew from the events")
    for action in (checkpoint, proof, consistency, rebuild):
        add_data_option(action)


def run(chosen: argparse.Namespace, settings: Settings) -> int:
    if chosen.action == "rebuild":
        return _rebuild(chosen, settings)
    if chosen.action == "checkpoint" and chosen.new:
        _sign(chosen, settings)
    settings = chosen_settings(chosen, settings)
    require_city(settings)
    with looked_at(settings) as (log, _):
        match chosen.action:
            case "checkpoint":
                answer(log.checkpoint(chosen.size))
            case "proof":
                answer(_proof(log.inclusion(chosen.position, chosen.size)))
            case _:
                found = log.consistency(chosen.old, chosen.new)
                answer(f"{found.old} {encoded(found.old_root)}")
                answer(f"{found.new} {encoded(found.new_root)}")
                for raw in found.hashes:
                    answer(encoded(raw))
    return 0


def _proof(found: Inclusion) -> str:
    if not found.checkpoint:
        raise NotFound("log.no_checkpoint", f"no checkpoint of {found.size} events was ever issued")
    return proof_file(found.position - 1, found.hashes, found.checkpoint)


def _sign(chosen: argparse.Namespace, settings: Settings) -> None:
    with existing(chosen, settings) as runtime:
        if runtime.kept.notary.issue() is None:
            raise NotFound("key.none", "there is no key to sign with: duban keys make")


def _rebuild(chosen: argparse.Namespace, settings: Settings) -> int:
    with existing(chosen, settings) as runtime, progress_bar("events into the tree") as report:
        count = runtime.kept.notary.rebuild(report)
    answer(f"the tree was made anew from {count:,} events")
    return 0
