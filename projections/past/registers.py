"""Lists as they stood at any moment: every thing of a kind, folded from the log as far as known.

page(store, reader, KINDS["listing"], Then(as_of=moment), Chosen(which="black"))
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.moments import LAST_MOMENT, Then
from domain.ports import EventStore
from projections.histories import state
from projections.past.kinds import Kind
from projections.reading import Reader, Row
from projections.sums import NO_POSITION

AT_ONCE = 200
# Streams looked at for one page: where few of many are wanted, the cursor goes on behind them.
MOST_LOOKED_AT = 2_000


@dataclass(frozen=True, slots=True)
class Chosen:
    """Empty means any. ``which`` is the column that tells things of the kind apart at first sight:
    a slip's colour, an entry's list, a reading's indicator."""

    statuses: tuple[str, ...] = ()
    unit: str = ""
    which: str = ""

    def fits(self, kind: Kind, row: Any) -> bool:
        return (
            (not self.statuses or getattr(row, "status", "") in self.statuses)
            and self.unit in ("", getattr(row, "unit", ""))
            and self.which in ("", getattr(row, kind.which, ""))
        )


ANY = Chosen()


@dataclass(frozen=True, slots=True)
class Page:
    """Whole rows, the newest thing first; ``next`` is where to go on (``None``: that was all)."""

    rows: list[Any]
    next: tuple[datetime, int] | None


def page(
    store: EventStore,
    reader: Reader,
    kind: Kind,
    then: Then,
    chosen: Chosen = ANY,
    before: tuple[datetime, int] = (LAST_MOMENT, NO_POSITION),
    limit: int = 100,
) -> Page:
    found: list[Any] = []
    looked_at = 0
    while looked_at < MOST_LOOKED_AT:
        begun = _begun(reader, kind, then, before)
        for row, stands in _standing(store, kind, then, begun):
            if stands is not None and chosen.fits(kind, stands):
                if len(found) == limit:
                    return Page(found, before)
                found.append(stands)
            before = row["occurred_at"], row["position"]
        looked_at += len(begun)
        if len(begun) < AT_ONCE:
            return Page(found, None)
    return Page(found, before)


def _begun(reader: Reader, kind: Kind, then: Then, before: tuple[datetime, int]) -> Sequence[Row]:
    return reader.rows(
        "events.begun",
        {
            "kind": kind.name,
            "as_of": then.as_of or LAST_MOMENT,
            # A policy holds since it is effective, whenever it was adopted.
            "at": LAST_MOMENT if kind.name == "policy" else then.at or LAST_MOMENT,
            "up_to": NO_POSITION if then.up_to is None else then.up_to,
            "before": before[0],
            "before_position": before[1],
            "limit": AT_ONCE,
        },
    )


def _standing(
    store: EventStore, kind: Kind, then: Then, begun: Sequence[Row]
) -> Iterator[tuple[Row, Any]]:
    streams = store.load_all([row["stream_id"] for row in begun])
    for row in begun:
        yield row, state(streams[row["stream_id"]], kind.snapshot, then)
