"""Carries the events of the store to where other processes read them: each once, in order.

Where the relay stands is written together with the events, so that neither is there without the
other. Whatever goes wrong, it takes over anew and asks where it stands: what it remembers counts
for nothing then.
"""

import logging
import threading
from collections.abc import Sequence
from typing import Protocol

import msgspec

from domain.errors import Refused
from projections.leaves import hash_of, leaf_of
from streams.ports import RawEvent, RawLog
from streams.records import Record, to_record

BATCH = 2000
WAIT_SECONDS = 0.5
SHORTEST_PAUSE = 0.2
LONGEST_PAUSE = 5.0
# Another try may find the store again; every other refusal of it is final.
PASSING = frozenset({"store.unavailable", "store.busy"})

log = logging.getLogger("duban.relay")


class Place(msgspec.Struct, frozen=True):
    """How far the events of a store have been carried, and the hash of the last of them."""

    store_id: str
    epoch: str
    position: int
    leaf: str


class PublishingUnavailable(Exception):
    """Nothing of the batch is published; taking over again may help."""


class Superseded(Exception):
    """Another relay has taken over: this one must not write any more."""


class Publishing(Protocol):
    """Both methods may raise ``PublishingUnavailable`` and ``Superseded``."""

    def take_over(self) -> Place | None:
        """Shuts out whoever published before, undoes what they left half done, and only then says
        where they stood; None: nobody ever published."""

    def publish(self, records: Sequence[Record], place: Place) -> None:
        """All records and the place, or nothing."""

    def close(self) -> None: ...


class Source(RawLog, Protocol):
    """The log with its names: of the store, and of its life since the last restore."""

    def store_id(self) -> str: ...

    def epoch(self) -> str: ...


class Relay:
    """Runs in one thread; ``position``, ``published`` and ``problem`` may be read from others."""

    def __init__(self, source: Source, publishing: Publishing) -> None:
        self._source = source
        self._publishing = publishing
        self._place: Place | None = None
        self.position = 0
        self.published = 0
        self.problem = "not started"

    def run(self, stopping: threading.Event) -> None:
        """Until ``stopping``. Raises ``Superseded``, and ``Refused`` (``relay.store_restored``,
        ``relay.other_store``, ``relay.too_large``)."""
        pause = SHORTEST_PAUSE
        try:
            while not stopping.is_set():
                try:
                    self.step()
                    pause = SHORTEST_PAUSE
                except PublishingUnavailable as error:
                    self._lose(str(error))
                    stopping.wait(pause)
                    pause = min(pause * 2, LONGEST_PAUSE)
                except Refused as refusal:
                    if refusal.code not in PASSING:
                        raise
                    self._lose(refusal.message)
                    stopping.wait(pause)
                    pause = min(pause * 2, LONGEST_PAUSE)
        finally:
            self.problem = self.problem or "stopped"
            self._publishing.close()

    def step(self) -> None:
        """One batch, or a short wait for one."""
        place = self._place or self._take_over()
        if not self._source.wait(place.position, WAIT_SECONDS):
            return
        events = self._source.read_raw(place.position, BATCH)
        if not events:
            return
        store_id = place.store_id
        after = Place(store_id, place.epoch, events[-1][0], _leaf(events[-1]))
        self._publishing.publish([to_record(event, store_id) for event in events], after)
        self._place, self.position = after, after.position
        self.published += len(events)

    def _take_over(self) -> Place:
        store_id, epoch = self._source.store_id(), self._source.epoch()
        found = self._publishing.take_over()
        place = Place(store_id, epoch, 0, "")
        if found is not None:
            self._require_same_history(found, store_id)
            # After a restore that lost nothing the history goes on under the new epoch.
            place = msgspec.structs.replace(found, epoch=epoch)
        self._place, self.position, self.problem = place, place.position, ""
        log.info("carrying events on", extra={"position": place.position, "store": store_id})
        return place

    def _require_same_history(self, found: Place, store_id: str) -> None:
        if found.store_id != store_id:
            raise Refused(
                "relay.other_store",
                f"these topics hold the events of the store {found.store_id} and this is "
                f"{store_id}: choose other topics with DUBAN_TOPIC_PREFIX",
            )
        last = self._source.last_position()
        events = self._source.read_raw(found.position - 1, 1) if found.position <= last else ()
        if found.position and [_leaf(event) for event in events] != [found.leaf]:
            raise Refused(
                "relay.store_restored",
                f"the topics hold events up to {found.position} and the store, now at {last}, has "
                "another history: it was restored and has lost what came last. Choose new topics "
                "with DUBAN_TOPIC_PREFIX, so that everything is carried again, and rebuild the "
                "tables",
            )

    def _lose(self, problem: str) -> None:
        self._place = None
        if not self.problem or self.problem == "not started":
            log.warning("waiting: %s", problem, extra={"position": self.position})
        self.problem = problem


def _leaf(event: RawEvent) -> str:
    return hash_of(leaf_of(*event))
