"""The newest events as a line each, with a way to what they are about."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlencode

from projections.boards import Happening

# Kinds of streams that have a page of their own.
PAGES = {
    "case": "/cases",
    "inspection": "/inspections",
    "unit": "/units",
    "slip": "/slips",
    "money": "/money",
    "listing": "/lists",
    "accountability": "/accountability",
    "appeal": "/appeals",
}


@dataclass(frozen=True, slots=True)
class Line:
    position: int
    name: str
    subject: str
    href: str
    unit: str
    unit_name: str
    occurred_at: datetime


def lines(happenings: Iterable[Happening]) -> list[Line]:
    return [line(happening) for happening in happenings]


def line(happening: Happening) -> Line:
    kind, _, key = happening.stream.partition("-")
    return Line(
        position=happening.position,
        name=happening.name,
        subject=happening.unit_name if kind == "unit" else key,
        href=page_of(kind, key),
        unit="" if kind == "unit" else happening.unit,
        unit_name=happening.unit_name,
        occurred_at=happening.occurred_at,
    )


def page_of(kind: str, key: str) -> str:
    """The address of a thing's page; empty if it has none."""
    if kind == "ranking" and key:
        return f"/rankings?{urlencode({'ranking': key})}"
    return f"{PAGES[kind]}/{quote(key, safe='')}" if kind in PAGES and key else ""
