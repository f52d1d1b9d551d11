"""Things of every kind for the auditor: how they are called, their facts, and their pages."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from api.packages import THINGS
from api.pages.cells import called
from api.pages.happenings import page_of
from api.pages.instruments import REGISTERS
from api.pages.rendering import View
from api.pages.telling import Fact, Telling, units_in
from projections.histories import UNSAID
from projections.past.kinds import KINDS, Kind

ROOM = "/audit"
# Which place of the room things of a kind are packed in.
PACKED: Mapping[str, str] = {
    "case": "cases", "unit": "units", "person": "persons", "ranking": "rankings",
    "accountability": "accountability",
}  # fmt: skip
ORDERS = {things: kind for things, _, kind in THINGS}
DOSSIERS = ("unit", "person")
# Long lists and texts that have pages of their own, and what only programmes read.
UNTOLD = UNSAID | {
    "policies", "because", "entries", "contested", "body", "latitude", "longitude", "fields",
    "first_day", "last_day",
}  # fmt: skip
_SHOWN = {shown.one: shown for shown in REGISTERS.values()}


def room_of(kind: str, key: str, place: str) -> str:
    """Where the room shows a thing: its past, its proof, …; empty for what it does not know."""
    if kind not in KINDS or not key:
        return ""
    return f"{ROOM}/{KINDS[kind].things}/{quote(key, safe='')}/{place}"


def ways_of(kind: str, key: str) -> list[tuple[str, str]]:
    """The pages about a thing, by name."""
    ways = [("past", room_of(kind, key, "past")), ("difference", room_of(kind, key, "difference"))]
    if kind in DOSSIERS:
        ways.append(("dossier", room_of(kind, key, "dossier")))
    ways.append(("proof", room_of(kind, key, "proof")))
    if kind in PACKED:
        ways.append(("pack", room_of(kind, key, "pack")))
    own = f"/persons/{quote(key, safe='')}" if kind == "person" else page_of(kind, key)
    return [*ways, ("own", own)] if own else ways


def ways_of_actor(key: str) -> list[tuple[str, str]]:
    """Of somebody who is known by acting alone."""
    return [(place, room_of("person", key, place)) for place in ("dossier", "pack")]


def telling_of(view: View, kind: Kind, rows: list[Any]) -> Telling:
    shown = _SHOWN.get(kind.name)
    units = units_in(row for row in rows if row is not None)
    if shown is not None:
        return Telling(view, units, shown.codes, shown.labels)
    codes = {"ranking": "bulletin_status", "penalty": "penalty_status", "person": "person_status"}
    group = codes.get(kind.name)
    return Telling(view, units, {"status": group} if group else None)


def name_of(row: Any, kind: Kind, key: str) -> str:
    if row is None:
        return key
    return str(getattr(row, "name", "") or getattr(row, "case_no", "") or called(row, kind.key))


def fields_of(kind: Kind) -> list[str]:
    fields = kind.snapshot.row.__struct_fields__
    return [field for field in fields if field not in UNTOLD and field != kind.key]


def facts_of(telling: Telling, kind: Kind, row: Any) -> list[tuple[str, Fact]]:
    """Every field that says something, by its name."""
    found = []
    for field in fields_of(kind) if row is not None else ():
        found += [(field, fact) for fact in telling.facts(row, [field])]
    return found
