"""``duban keys``: the keys that sign the log, and those of its witnesses."""

import argparse
import os
import time
from contextlib import closing
from pathlib import Path

from domain.errors import Invalid, NotFound
from domain.units.events import UnitRegistered
from infra.commands.choosing import add_data_option, chosen_settings
from infra.commands.progress import answer
from infra.settings import Settings
from infra.stores import SharedStore, open_store, require_city
from infra.transparency.kept import looked_at
from infra.transparency.signing import make_key, read_key
from projections.transparency.notes import COSIGNATURE, ED25519, KINDS, NAME, parse_key
from projections.transparency.trust import End, KeyEntry
from streams.transparency import Ledger

EXAMPLES = (
    "duban keys make --data ./data                # the log's; prints the public one",
    "DUBAN_SIGNING_KEY=/etc/duban/log.key duban keys make      # better kept elsewhere",
    "duban keys witness audit.key --name audit-office.example",
    "duban keys trust 'audit-office.example+0123abcd+…'        # keep this witness's cosignatures",
    "duban keys rotate              duban keys rotate --revoked   # after a leak",
)
LONGEST_CITY = 60


def arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    making = actions.add_parser("make", help="make the log's key and print its public half")
    witness = actions.add_parser("witness", help="make a witness's key, on the witness's machine")
    witness.add_argument("file", type=Path, help="a new file for the private key")
    witness.add_argument("--name", required=True, help="who the witness is, such as a host name")
    trusting = actions.add_parser("trust", help="keep the cosignatures of a witness")
    trusting.add_argument("key", help="the witness's public key")
    rotating = actions.add_parser("rotate", help="end the log's key and make another")
    ending = actions.add_parser("end", help="end a witness's key, or an older one of the log")
    ending.add_argument("key", help="the public key")
    for action in (rotating, ending):
        action.add_argument(
            "--revoked", action="store_true", help="it is or may be in the hands of others"
        )
    listing = actions.add_parser("list", help="all public keys there ever were")
    for action in (making, trusting, rotating, ending, listing):
        add_data_option(action)


def run(chosen: argparse.Namespace, settings: Settings) -> int:
    if chosen.action == "witness":
        answer(str(make_key(chosen.file, chosen.name, COSIGNATURE).key))
        return 0
    settings = chosen_settings(chosen, settings)
    require_city(settings)
    with looked_at(settings) as (_, ledger):
        match chosen.action:
            case "make":
                _make(settings, ledger)
            case "trust":
                _trust(ledger, chosen.key)
            case "rotate":
                _rotate(settings, ledger, "revoked" if chosen.revoked else "rotated")
            case "end":
                _end(ledger, chosen.key, "revoked" if chosen.revoked else "rotated")
            case _:
                _list(ledger)
    return 0


def _make(settings: Settings, ledger: Ledger) -> None:
    with closing(open_store(settings)) as store:
        origin = _origin(store)
    key = make_key(settings.key_file, origin, ED25519).key
    ledger.keep_key(KeyEntry(str(key), int(time.time())))
    answer(str(key))


def _trust(ledger: Ledger, text: str) -> None:
    key = parse_key(text)
    if key.kind != COSIGNATURE:
        raise Invalid("key.kind", f"this is {KINDS[key.kind]}, not a witness's")
    ledger.keep_key(KeyEntry(str(key), int(time.time())))
    answer(f"cosignatures of {key.name} are kept from now on")


def _rotate(settings: Settings, ledger: Ledger, how: End) -> None:
    """The new key is in place before the old one ends, so that signing never stops."""
    path = settings.key_file
    old = read_key(path, ED25519).key
    fresh = path.with_name(f"{path.name}.next")
    key = make_key(fresh, old.name, ED25519).key
    ledger.keep_key(KeyEntry(str(key), int(time.time())))
    os.replace(fresh, path)
    _end(ledger, str(old), how)
    answer(str(key))


def _end(ledger: Ledger, text: str, how: End) -> None:
    key = str(parse_key(text))
    if key not in {entry.key for entry in ledger.key_list()}:
        raise NotFound("key.unlisted", "this key is not in the list of this log's")
    newest = ledger.newest()
    size = newest.size if newest else 0
    ledger.keep_key(KeyEntry(key, int(time.time()), how, size))
    answer(f"{how}: what it signs beyond {size} events does not count")


def _list(ledger: Ledger) -> None:
    ended = {entry.key: entry for entry in ledger.key_list() if entry.end}
    for text in dict.fromkeys(entry.key for entry in ledger.key_list()):
        over = ended.get(text)
        state = f"{over.end} at {over.size} events" if over else "in force"
        answer(f"{text}  {KINDS[parse_key(text).kind]}, {state}")


def _origin(store: SharedStore) -> str:
    """What the log calls itself: the city's id and the store's, which no other has."""
    for envelope in store.load_kind("unit"):
        match envelope.event:
            case UnitRegistered(kind="city"):
                city = envelope.key
                if NAME.fullmatch(city) and len(city) <= LONGEST_CITY:
                    return f"{city}/{store.store_id()}"
    return f"duban/{store.store_id()}"
