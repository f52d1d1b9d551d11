"""Lets the tree follow the log and signs, now and then, what the log holds.

The tree is derived: it can be made again from the events at any time. What was signed cannot, and
nothing is signed that does not continue it.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Protocol

from domain.errors import Refused
from projections.leaves import leaf_of
from projections.transparency.checkpoints import Checkpoint, read_checkpoint
from projections.transparency.merkle import leaf_hash
from projections.transparency.notes import Key, Note, Signature
from projections.transparency.tiles import WIDTH, TiledTree, grow, levels_of
from streams.ports import RawEvent, RawLog
from streams.transparency import Issued, Ledger, TreeStore

BATCH = 10_000
SYNC_SECONDS = 5.0
WAIT_SECONDS = 0.5
RETRY_SECONDS = 1.0
# What is published is signed with it at once.
PUBLICATIONS = ("ranking.published/", "ranking.corrected/", "listing.published/")

log = logging.getLogger("duban.log")


class Signer(Protocol):
    @property
    def key(self) -> Key: ...

    def sign(self, message: bytes) -> bytes: ...


def hashed(event: RawEvent) -> bytes:
    return leaf_hash(leaf_of(*event))


class Notary:
    """Safe for several threads of the one process that writes the tree. ``signer`` is asked for
    each time, None: nobody has made a key yet. ``problem`` is for people, "" if there is none.
    ``now``: seconds since 1970."""

    def __init__(
        self, log: RawLog, tree: TreeStore, ledger: Ledger, signer: Callable[[], Signer | None],
        now: Callable[[], int], interval: float,
    ) -> None:  # fmt: skip
        self._log, self._tree, self._ledger = log, tree, ledger
        self._signer, self._now, self._interval = signer, now, interval
        self._turn = threading.RLock()
        self._tails: list[bytes] | None = None
        self._size = self._synced = 0
        self._synced_at = time.monotonic()
        self._issued: Issued | None = None
        self._wanted = False
        self.problem = ""

    @property
    def size(self) -> int:
        return self._size

    def take(self, raws: Sequence[RawEvent]) -> None:
        """The newest events, as whoever else follows the log has just read them. Whatever is
        missing before them is read from the log, what was taken already is passed over."""
        self._guarded(lambda: self._take(raws))

    def rest(self) -> None:
        """Nothing new at the moment: time for what was missed, and to sign what is due."""
        self._guarded(self._rest)

    def catch_up(self, report: Callable[[int, int], None] = lambda done, total: None) -> None:
        """Raises ``Refused`` (``log.*``, ``store.*``)."""
        with self._turn:
            self._open()
            last = self._log.last_position()
            while self._size < last:
                self._grow(self._log.read_raw(self._size, BATCH))
                report(self._size, last)

    def issue(self) -> Issued | None:
        """Signs now what the log holds; None: there is no key. What is signed already is not
        signed again. Raises ``Refused`` (``log.forked``, ``log.io``, ``key.*``)."""
        with self._turn:
            self.catch_up()
            signer = self._signer()
            return None if signer is None else self._sign(signer)

    def rebuild(self, report: Callable[[int, int], None] = lambda done, total: None) -> int:
        """Makes the tree anew from the events and answers how many there are."""
        with self._turn:
            self._forget()
            self._tree.clear()
            self.catch_up(report)
            self._sync()
            return self._size

    @contextmanager
    def still(self) -> Iterator[None]:
        """The tree holds all events of the log and meanwhile gets no more. What keeps it from that
        is left to whoever looks at it then."""
        with self._turn:
            with suppress(Refused):
                self.catch_up()
            yield

    def follow(self, stopping: threading.Event) -> None:
        """Until ``stopping``, where there is no follower to ride with."""
        told = ""
        while not stopping.is_set():
            self.rest()
            if self.problem and self.problem != told:
                log.warning("nothing is signed: %s", self.problem)
            told = self.problem
            with suppress(Refused):  # the log is away: resting says so
                self._log.wait(self._size, WAIT_SECONDS)
            if told:
                stopping.wait(RETRY_SECONDS)

    def close(self) -> None:
        """Leaves the tree durable."""
        self._guarded(self._sync)

    def _guarded(self, work: Callable[[], None]) -> None:
        """Events are never held up by their tree: what is wrong is said, and tried again."""
        with self._turn:
            try:
                work()
            except Refused as refusal:
                self.problem = refusal.message
                self._forget()
            else:
                self.problem = ""

    def _take(self, raws: Sequence[RawEvent]) -> None:
        self._open()
        first = raws[0][0]
        while self._size < first - 1:
            self._grow(self._log.read_raw(self._size, min(BATCH, first - 1 - self._size)))
        if new := raws[self._size + 1 - first :]:
            self._grow(new)
        self._tend()

    def _rest(self) -> None:
        self._open()
        if self._size < self._log.last_position():
            self._grow(self._log.read_raw(self._size, BATCH))
        self._tend()

    def _open(self) -> None:
        if self._tails is not None:
            return
        size = self._tree.size()
        if size and not self._fits(size):
            if self._ledger.newest() is not None:
                raise Refused(
                    "log.forked",
                    f"the log is not the one whose {size} events are in its tree: it was changed "
                    "or restored without them; run duban verify, and duban log rebuild to go on",
                )
            self._tree.clear()
            size = 0
        counts = levels_of(size)
        tails = [
            self._tree.read(level, count - count % WIDTH, count % WIDTH)
            for level, count in enumerate(counts)
        ]
        self._tails, self._size, self._synced = tails, size, size

    def _fits(self, size: int) -> bool:
        """Whether the last event in the tree is the log's."""
        if size > self._log.last_position():
            return False
        found = self._log.read_raw(size - 1, 1)
        return [hashed(event) for event in found] == [TiledTree(self._tree, size).leaf(size - 1)]

    def _forget(self) -> None:
        """After a failure: where the tree stands is read again."""
        self._tails, self._size, self._issued = None, 0, None

    def _grow(self, raws: Sequence[RawEvent]) -> None:
        assert self._tails is not None
        if not raws or raws[0][0] != self._size + 1 or raws[-1][0] != self._size + len(raws):
            raise Refused("log.gap", f"event {self._size + 1} is missing: run duban verify")
        gains, tails = grow(self._tails, [hashed(event) for event in raws])
        self._tree.append(self._size, gains)
        self._tails, self._size = tails, raws[-1][0]
        self._wanted = self._wanted or any(raw[3].startswith(PUBLICATIONS) for raw in raws)

    def _tend(self) -> None:
        self._open()
        if self._due() and (signer := self._signer()) is not None:
            self._sign(signer)
        elif self._size > self._synced and time.monotonic() - self._synced_at >= SYNC_SECONDS:
            self._sync()

    def _due(self) -> bool:
        if self._issued is None:
            self._issued = self._ledger.newest()
        if self._issued is None or self._issued.size >= self._size:
            return self._issued is None and self._size > 0
        return self._wanted or self._now() - self._issued.at >= self._interval

    def _sign(self, signer: Signer) -> Issued:
        before = self._ledger.newest()
        if before is not None:
            self._require_continues(before)
            if before.size == self._size:
                return before
        root = TiledTree(self._tree, self._size).root()
        self._sync(root)
        text = Checkpoint(signer.key.name, self._size, root).text
        signature = Signature(signer.key.name, signer.key.id, signer.sign(text.encode()))
        issued = Issued(self._size, str(Note(text, (signature,))), self._now())
        self._ledger.keep(issued)
        self._issued, self._wanted = issued, False
        return issued

    def _require_continues(self, before: Issued) -> None:
        _, checkpoint = read_checkpoint(before.note)
        if self._size < before.size:
            said = f"and only {self._size} events are there"
        elif TiledTree(self._tree, self._size).root(before.size) != checkpoint.root:
            said = "and the events up to there are not the same any more"
        else:
            return
        raise Refused(
            "log.forked",
            f"a checkpoint of {before.size} events was signed, {said}: nothing more is signed; "
            "run duban verify",
        )

    def _sync(self, root: bytes | None = None) -> None:
        self._open()
        self._tree.sync(self._size, root or TiledTree(self._tree, self._size).root())
        self._synced, self._synced_at = self._size, time.monotonic()
