"""``duban witness``: watch another body's log, on a machine and with a key of one's own."""

import argparse
import threading
from pathlib import Path

from domain.errors import Refused
from infra.commands.progress import answer, say
from infra.lasting import run_until_stopped
from infra.settings import Settings
from infra.transparency.signing import read_key
from infra.transparency.witnessing import HttpLog, Witness
from projections.transparency.notes import COSIGNATURE, parse_key

EXAMPLES = (
    "duban keys witness audit.key --name audit-office.example    # once; give the printed key away",
    "duban witness --log http://10.0.0.5:8000 --key audit.key --log-key 'city/…+0123abcd+…'",
    "duban witness --log … --key … --log-key … --every 600       # until it is stopped",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--log", required=True, metavar="URL", help="where the city is served")
    parser.add_argument(
        "--key", type=Path, required=True, metavar="FILE", help="this witness's private key"
    )
    parser.add_argument(
        "--log-key",
        action="append",
        required=True,
        metavar="KEY",
        help="the log's public key, given to you on another way; again for an older or newer one",
    )
    parser.add_argument(
        "--memory", type=Path, metavar="FILE", help="the last checkpoint seen (default KEY.seen)"
    )
    parser.add_argument("--every", type=float, metavar="SECONDS", help="go on, at this interval")


def run(chosen: argparse.Namespace, settings: Settings) -> int:
    memory = chosen.memory or chosen.key.with_name(f"{chosen.key.name}.seen")
    keys = [parse_key(text) for text in chosen.log_key]
    witness = Witness(read_key(chosen.key, COSIGNATURE), keys, memory)
    log = HttpLog(chosen.log)
    if chosen.every is None:
        _look(witness, log)
    else:
        run_until_stopped(lambda stopping: _watch(witness, log, chosen.every, stopping))
    return 0


def _watch(witness: Witness, log: HttpLog, seconds: float, stopping: threading.Event) -> None:
    """A log that is away for a while is waited for; one that was rewritten ends it."""
    told = ""
    while not stopping.is_set():
        try:
            _look(witness, log)
            told = ""
        except Refused as refusal:
            if refusal.code not in ("witness.unreachable", "witness.not_answered"):
                raise
            if refusal.message != told:
                say(f"duban: {refusal.message} [{refusal.code}]")
            told = refusal.message
        stopping.wait(seconds)


def _look(witness: Witness, log: HttpLog) -> None:
    checkpoint = witness.look(log)
    answer(f"signed: {checkpoint.origin} holds {checkpoint.size} events and only grew")
