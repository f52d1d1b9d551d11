"""Search over everything: by number, unit, pseudonym, place and words, Chinese ones too.

search(reader, Wanted("井盖 湖滨"))     cases, units, slips, … the best first

Words with blanks between them must all be found. Chinese is written without blanks, so a longer
Chinese word is also found by most of the pairs of characters that it is made of: 缺失井盖 finds
井盖缺失. What a thing said earlier is found too: nothing that was recorded is lost to a search.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Any, Literal, get_args

from domain.errors import Invalid
from domain.moments import FIRST_MOMENT, LAST_MOMENT
from domain.personal_data import personal_data_in
from projections.dossiers import names
from projections.reading import Reader, Row
from projections.words import plain

Kind = Literal[
    "case", "unit", "person", "actor", "inspection", "penalty", "slip", "money", "listing",
    "accountability", "appeal", "ranking", "reading", "policy", "evidence",
]  # fmt: skip
KINDS: tuple[Kind, ...] = get_args(Kind)
LONGEST = 200
MOST_TERMS, MOST_NEEDLES = 8, 60  # the needles of a question are the bits of one number
MOST_PAGED = 10_000
MOST_ACTORS = 20
# How much of a Chinese word must be there, in pairs of characters.
ENOUGH = 0.6
NEVER = 255
_CHINESE = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]{2,}")
_SHORT = 2


@dataclass(frozen=True, slots=True)
class Wanted:
    """``text`` as it was typed; empty ``kinds`` mean any. Of what began from (included) to
    (excluded)."""

    text: str
    kinds: tuple[Kind, ...] = ()
    start: datetime = FIRST_MOMENT
    end: datetime = LAST_MOMENT


@dataclass(frozen=True, slots=True)
class Hit:
    """``key`` is its id (of evidence: of its case; of an actor: the name), ``name`` what it is
    called, ``words`` what it was found by, ``at`` when that happened, ``position`` the event."""

    kind: Kind
    key: str
    name: str
    words: str
    unit: str
    unit_name: str
    at: datetime
    position: int
    score: int


@dataclass(frozen=True, slots=True)
class Found:
    """A page; ``counts`` are of all that was found, by the kinds that stand on it; ``more``: there
    is a following page."""

    hits: tuple[Hit, ...]
    counts: Mapping[str, int]
    more: bool


@dataclass(frozen=True, slots=True)
class Needles:
    """What is looked for. ``whole`` is the question itself, ``terms`` its words, ``pairs`` the
    pairs of characters of the Chinese ones, ``plain`` which of the words are not Chinese."""

    whole: str
    terms: tuple[str, ...]
    pairs: tuple[str, ...]
    plain: tuple[bool, ...]

    @property
    def every(self) -> tuple[str, ...]:
        return (*self.terms, *self.pairs)


def needles_in(text: str) -> Needles:
    """Full-width letters count as plain ones, capitals as small ones. Raises ``Invalid``
    (``search.empty``, ``search.too_long``, ``search.personal``)."""
    whole = " ".join(plain(text).split())
    if not whole:
        raise Invalid("search.empty", "say what is searched for: a number, a unit, a place, words")
    if len(whole) > LONGEST:
        raise Invalid("search.too_long", f"a search is at most {LONGEST} characters long")
    if personal_data_in(whole):
        raise Invalid(
            "search.personal",
            "numbers of identity cards and telephones are not searched for in the open: find the "
            "person by the number, with a purpose (POST /api/v1/persons/find, duban persons find)",
        )
    terms = tuple(dict.fromkeys(whole.split()))[:MOST_TERMS]
    runs = [[run for run in _CHINESE.findall(term) if len(run) > _SHORT] for term in terms]
    pairs = dict.fromkeys(
        run[at : at + _SHORT] for found in runs for run in found for at in range(len(run) - 1)
    )
    not_chinese = tuple(not found for found in runs)
    return Needles(whole, terms, tuple(pairs)[: MOST_NEEDLES - len(terms)], not_chinese)


def search(reader: Reader, wanted: Wanted, offset: int = 0, limit: int = 50) -> Found:
    """Raises like ``needles_in``."""
    needles = needles_in(wanted.text)
    hits, counts = _actors(reader, wanted, needles) if offset == 0 else ([], {})
    rows: list[Row] = []
    if things := [kind for kind in wanted.kinds or KINDS if kind != "actor"]:
        asked = _asked(reader, wanted, needles) | {"kinds": things if wanted.kinds else []}
        asked |= {"offset": min(offset, MOST_PAGED), "limit": limit + 1}
        rows = reader.rows("words.found", asked)
    counts |= {row["kind"]: row["of_kind"] for row in rows}
    return Found((*hits, *_hits(reader, rows[:limit])), counts, len(rows) > limit)


def _actors(reader: Reader, wanted: Wanted, needles: Needles) -> tuple[list[Hit], dict[str, int]]:
    """Whoever did something and is called so; they are few."""
    if wanted.kinds and "actor" not in wanted.kinds:
        return [], {}
    rows = reader.rows("words.actors", {"whole": needles.whole, "limit": MOST_ACTORS})
    hits = [
        Hit("actor", row["name"], "", "", "", "", row["at"], row["position"], 100)
        for row in rows
        if wanted.start <= row["at"] < wanted.end
    ]
    return hits, {"actor": len(hits)} if hits else {}


def _hits(reader: Reader, rows: Sequence[Row]) -> Iterator[Hit]:
    if not rows:
        return
    asked = {
        "kinds": [row["kind"] for row in rows],
        "keys": [row["key"] for row in rows],
        "positions": [row["position"] for row in rows],
    }
    told = {(row["kind"], row["key"]): row for row in reader.rows("words.told", asked)}
    called = names(reader, {row["unit"] for row in rows})
    for row in rows:
        unit, mine = row["unit"], told[row["kind"], row["key"]]
        yield Hit(
            row["kind"], row["key"], mine["name"], mine["words"], unit,
            called[unit].name if unit in called else unit, row["at"], row["position"],
            row["score"],
        )  # fmt: skip


def _asked(reader: Reader, wanted: Wanted, needles: Needles) -> dict[str, Any]:
    terms, pairs = len(needles.terms), len(needles.pairs)
    looked_for = {
        "needles": list(needles.every),
        "bits": [1 << at for at in range(terms + pairs)],
    }
    # ClickHouse takes no empty table to look up in; no thing has the unit that stands for none.
    units = [("\0", 0), *map(_named, reader.rows("words.named", looked_for))]
    return looked_for | {
        "units": [unit for unit, _ in units],
        "masks": [mask for _, mask in units],
        "by_unit": len(units) > 1,
        "whole": needles.whole,
        "terms": (1 << terms) - 1,
        "pairs": ((1 << pairs) - 1) << terms,
        "plain": sum(1 << at for at, is_plain in enumerate(needles.plain) if is_plain),
        "enough": ceil(ENOUGH * pairs) if pairs else NEVER,
        "start": wanted.start,
        "end": wanted.end,
    }


def _named(row: Row) -> tuple[str, int]:
    return row["unit_id"], row["mask"]
