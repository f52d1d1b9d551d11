"""Rows of registers as cells: what is written, where it leads, in which tone."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from api.pages.rendering import View
from api.pages.telling import Telling
from domain.two_people import is_system

# The tone of a status, whatever kind of thing it is the status of; others have none.
TONES: Mapping[str, str] = {
    "proposed": "yellow", "filed": "yellow", "composed": "yellow", "objected": "yellow",
    "reviewed": "blue", "approved": "blue", "issued": "blue", "served": "blue",
    "answered": "blue", "ordered": "blue", "packed": "blue", "receipted": "blue",
    "failed": "red",
    "lifted": "green", "settled": "green", "published": "green", "carried_out": "green",
    "concluded": "green", "upheld": "green",
}  # fmt: skip

# The steps that people take with a thing, and the field that names who took each.
HANDS: Sequence[tuple[str, str]] = (
    ("proposed", "proposed_by"), ("filed", "filed_by"), ("composed", "composed_by"),
    ("issued", "issued_by"), ("reviewed", "reviewed_by"), ("approved", "approved_by"),
    ("decided", "decided_by"), ("published", "published_by"),
)  # fmt: skip


DERIVED = re.compile(r"[0-9a-f]{20}")
# Written in one line, however narrow the column.
WHOLE = frozenset({"period", "direction", "action", "against"})


@dataclass(frozen=True, slots=True)
class Cell:
    """``tag`` is the tone of a label, ``light`` the colour of a sign; ``below`` a second line."""

    label: str
    text: str
    href: str = ""
    tag: str | None = None
    light: str = ""
    number: bool = False
    lead: bool = False
    whole: bool = False
    below: str = ""
    moment: datetime | None = None


@dataclass(frozen=True, slots=True)
class Hand:
    """Somebody who took a step; "the system" where it followed by rule."""

    step: str
    actor: str


def cell(view: View, telling: Telling, row: Any, name: str) -> Cell:
    value = getattr(row, name)
    label = telling.label(name)
    text = telling.value(name, value) or "—"
    match name:
        case "unit":
            return Cell(label, text, f"/units/{quote(value, safe='')}" if value else "")
        case "status":
            return Cell(label, text, tag=TONES.get(value, ""))
        case "colour" | "list":
            return Cell(label, text, light=value)
        case "amount":
            return Cell(label, view.f.money(value, row.currency), number=True)
        case "settled":
            return Cell(label, view.f.money(value, row.currency) if value else "—", number=True)
    if isinstance(value, datetime):
        return Cell(label, text, moment=value)
    number = isinstance(value, int) and not isinstance(value, bool)
    return Cell(label, text, number=number, whole=name in WHOLE)


def called(row: Any, key: str) -> str:
    """The number on paper; without one the id, of a derived one as much as tells it apart."""
    name = str(getattr(row, "number", "") or getattr(row, key))
    return DERIVED.sub(lambda found: found[0][:8], name)


def lead(view: View, row: Any, key: str, page: str) -> Cell:
    """What a row is called, with the sentence that says why it is there."""
    name = called(row, key)
    return Cell(view.t.of("field", key), name, page, lead=True, below=reason_of(view, row))


def reason_of(view: View, row: Any) -> str:
    """The sentence in the reader's language, else in the other; of an appeal, its grounds."""
    if hasattr(row, "grounds"):
        return str(row.grounds)
    zh, en = row.reason, row.reason_en
    return str((zh or en) if view.t.language == "zh" else (en or zh))


def hands_of(view: View, row: Any) -> list[Hand]:
    return [
        Hand(view.t(f"hands.{step}"), view.t("hands.system") if is_system(actor) else actor)
        for step, field in HANDS
        if (actor := getattr(row, field, ""))
    ]
