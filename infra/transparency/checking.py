"""Hashes the whole store again and holds it against its tree and against all that was signed."""

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass

from infra.event_store.address import StoreAddress
from infra.transparency.signing import verify
from projections.transparency.merkle import HASH_BYTES
from projections.transparency.notes import ED25519, parse_key
from projections.transparency.tiles import MemoryTiles, TiledTree
from projections.transparency.trust import KeyEntry, Trust
from streams.notary import hashed
from streams.proving import (
    Outside,
    broken_checkpoints,
    changed_events,
    newest_cosigned,
    unmet_demands,
)
from streams.transparency import Ledger, TreeStore

Report = Callable[[int, int], None]

PART = 50_000  # events: starting worker processes takes as long as hashing so many
READ = 2_000


@dataclass(frozen=True, slots=True)
class Proven:
    """``signed`` and ``cosigned``: how many events the newest checkpoint, and the newest that a
    witness has seen, vouch for."""

    events: int
    checkpoints: int
    signed: int
    cosigned: int
    wrong: Sequence[str]

    def line(self) -> str:
        if not self.checkpoints:
            return (
                f"{self.events:,} events hashed again, as they are in the tree; no checkpoint was "
                "ever signed (duban keys)"
            )
        return (
            f"{self.events:,} events hashed again, as they are in the tree and in "
            f"{self.checkpoints:,} signed checkpoints; signed up to {self.signed:,}, witnessed up "
            f"to {self.cosigned:,}"
        )


def check(
    address: StoreAddress, last_position: Callable[[], int], tree: TreeStore, ledger: Ledger,
    store_id: str, outside: Outside, report: Report = lambda done, total: None,
) -> Proven:  # fmt: skip
    """Others may go on recording and signing: what was there at the beginning is looked at."""
    size, issued, cosignatures = tree.size(), ledger.issued(), ledger.cosignatures()
    until = last_position()
    tiles = MemoryTiles()
    for part in _hashes(address, until, report):
        tiles.add([part[at : at + HASH_BYTES] for at in range(0, len(part), HASH_BYTES)])
    derived = TiledTree(tiles, tiles.size)
    wrong = list(changed_events(tree, size, derived))
    trust = Trust(_believed(ledger.key_list(), outside), verify)
    wrong += (
        f"the checkpoints are of the log {origin}, and this is the store {store_id}"
        for origin in sorted(trust.origins)
        if not origin.endswith(store_id)
    )
    wrong += broken_checkpoints(issued, cosignatures, trust, derived)
    wrong += unmet_demands(outside, issued, cosignatures, trust, derived)
    return Proven(
        derived.size, len(issued), issued[-1].size if issued else 0,
        0 if wrong else newest_cosigned(issued, cosignatures, trust), wrong,
    )  # fmt: skip


def _believed(entries: Sequence[KeyEntry], outside: Outside) -> list[KeyEntry]:
    """The list of keys, with what the auditor knows better."""
    brought = {str(key) for key in outside.log_keys}
    kept = [
        entry
        for entry in entries
        if not brought or entry.key in brought or parse_key(entry.key).kind != ED25519
    ]
    known = {entry.key for entry in kept}
    added = [*map(str, outside.log_keys), *map(str, outside.witnesses)]
    return [*kept, *(KeyEntry(key, 0) for key in added if key not in known)]


def _hashes(address: StoreAddress, until: int, report: Report) -> Iterator[bytes]:
    """The leaf hashes of all events side by side, part by part in their order."""
    parts = [(address, start, min(start + PART, until)) for start in range(0, until, PART)]
    if len(parts) <= 1:
        yield from map(_hash_part, parts)
    else:
        # Not forked: the engine's threads would be missing in the child.
        spawning = multiprocessing.get_context("spawn")
        workers = min(len(parts), os.cpu_count() or 1)
        with ProcessPoolExecutor(workers, mp_context=spawning) as pool:
            for (_, _, high), hashes in zip(parts, pool.map(_hash_part, parts), strict=True):
                yield hashes
                report(high, until)
    report(until, until)


def _hash_part(part: tuple[StoreAddress, int, int]) -> bytes:
    """The events of a stretch as they lie there, whatever their positions say: those are in the
    leaves."""
    address, position, until = part
    hashes: list[bytes] = []
    with closing(address.open_share(0, 1, until)) as log:
        while events := log.read_raw(position, READ):
            hashes += map(hashed, events)
            position = events[-1][0]
    return b"".join(hashes)
