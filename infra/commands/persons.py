"""``duban persons``: the register of persons, its vault and its retention schedule."""

import argparse
import json
import sys

import msgspec

from domain.errors import Invalid, NotFound
from domain.persons.registering import FIELDS
from infra.commands.opening import add_data_option, existing
from infra.commands.progress import answer
from infra.commands.reading import add_reader, reader_named, record_reading
from infra.runtime import Runtime
from infra.settings import Settings
from infra.vault.retaining import overdue, retain
from projections.persons import persons

EXAMPLES = (
    "duban persons register --category reporter --basis 'PIPL 13(3)' < person.json",
    '                          # {"name": "…", "phone": "…", "id_number": "…"}',
    "duban persons show p-5f0c0123456789ab --purpose 'call back about case A1'",
    "duban persons find --purpose 'a request to be forgotten' < number.txt",
    "duban persons list --category reporter",
    "DUBAN_RETENTION=reporter=730 duban persons retain --dry-run",
    "duban persons make-key                    # server mode: once, then copy it to each replica",
    "duban persons rotate-key                  # old backups then open with the old key alone",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    register = actions.add_parser("register", help="keep a person's data, read as JSON from stdin")
    register.add_argument("--category", required=True, help="reporter, witness, official, …")
    register.add_argument("--basis", required=True, help="legal ground for keeping it")
    correct = actions.add_parser("correct", help="put data right, read as JSON from stdin")
    correct.add_argument("person_id", metavar="PERSON")
    correct.add_argument("--reason", required=True)
    show = actions.add_parser("show", help="who a pseudonym is")
    show.add_argument("person_id", metavar="PERSON")
    find = actions.add_parser("find", help="the pseudonym of an identity number, read from stdin")
    listed = actions.add_parser("list", help="all pseudonyms")
    listed.add_argument("--category", default="")
    retained = actions.add_parser("retain", help="forget whose time is over by DUBAN_RETENTION")
    retained.add_argument("--dry-run", action="store_true", help="only say whom")
    making = actions.add_parser("make-key", help="make the key of a new vault")
    rotating = actions.add_parser("rotate-key", help="replace the key that wraps persons' keys")
    for action in (register, correct, show, find, listed):
        add_reader(action)
    for action in (register, correct, show, find, listed, retained, making, rotating):
        add_data_option(action)


def run(chosen: argparse.Namespace, settings: Settings) -> int:
    with existing(chosen, settings) as city:
        match chosen.action:
            case "register" | "correct":
                _write(city, chosen)
            case "show":
                _show(city, chosen)
            case "find":
                _find(city, chosen)
            case "list":
                _list(city, chosen)
            case "retain":
                _retain(city, chosen.dry_run)
            case "make-key":
                city.vault.make_key()
                answer(f"the vault's key is in {city.settings.vault_key_file}: keep a copy apart")
            case _:
                count = city.vault.rotate()
                answer(f"{count} keys are wrapped anew: destroy all copies of the old key")
    return 0


def _write(city: Runtime, chosen: argparse.Namespace) -> None:
    fields = _fields(sys.stdin.buffer.read())
    actor, key = reader_named(chosen.actor), f"cli:{city.services.new_id()}"
    if chosen.action == "register":
        person_id, _ = city.services.persons.register(
            actor, key, chosen.category, chosen.basis, fields
        )
        answer(person_id)
    else:
        city.services.persons.correct(actor, key, chosen.person_id, chosen.reason, fields)
        answer(f"{chosen.person_id}: corrected")


def _show(city: Runtime, chosen: argparse.Namespace) -> None:
    _require_purpose(chosen)
    record_reading(city.services, chosen, "persons", chosen.person_id)
    known = city.services.persons.look(chosen.person_id)
    if known.erased:
        answer(f"{known.person_id}  {known.category}  已删除 erased")
        return
    shown = {"person_id": known.person_id, "category": known.category, **known.fields}
    answer(json.dumps(shown, ensure_ascii=False, indent=1))


def _find(city: Runtime, chosen: argparse.Namespace) -> None:
    _require_purpose(chosen)
    number = sys.stdin.readline().strip()
    record_reading(city.services, chosen, "persons", act="search")
    found = city.services.persons.find(number)
    if found is None:
        raise NotFound("person.unknown", "nobody is registered with that identity number")
    record_reading(city.services, chosen, "persons", found, act="search")
    answer(found)


def _list(city: Runtime, chosen: argparse.Namespace) -> None:
    record_reading(city.services, chosen, "persons", act="list")
    after = ""
    while page := persons(city.services.reader, chosen.category, after=after, limit=1_000):
        for row in page:
            answer(f"{row.person_id}  {row.category}  {row.status}  {row.registered_at:%Y-%m-%d}")
        after = page[-1].person_id


def _retain(city: Runtime, dry: bool) -> None:
    schedule = city.settings.retention
    if not schedule:
        raise Invalid(
            "retention.none", "there is no schedule: set DUBAN_RETENTION, such as reporter=730"
        )
    if dry:
        for rule, each in overdue(city.services, schedule):
            answer(f"{each.person_id}  {rule}  last needed {each.since:%Y-%m-%d}")
        return
    answer(f"{retain(city.services, schedule)} persons forgotten")


def _require_purpose(chosen: argparse.Namespace) -> None:
    if not chosen.purpose.strip():
        raise Invalid("purpose.missing", "say with --purpose what the data is needed for")


def _fields(raw: bytes) -> dict[str, str]:
    """Raises ``Invalid`` (``person.fields``), without repeating what was sent."""
    try:
        fields = msgspec.json.decode(raw, type=dict[str, str])
    except msgspec.MsgspecError:
        fields = {"": ""}
    if unknown := fields.keys() - set(FIELDS):
        raise Invalid(
            "person.fields",
            f"the data is one JSON object of texts named {', '.join(FIELDS)}"
            + (f", not {', '.join(sorted(unknown))}" if any(unknown) else ""),
        )
    return fields
