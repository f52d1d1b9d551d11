"""A tree kept in tiles of 256 hashes, every eighth level of it: what lies between is folded."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Protocol

from projections.transparency.merkle import (
    HASH_BYTES,
    consistency_proof,
    fold,
    inclusion_proof,
    root,
)

HEIGHT = 8
WIDTH = 1 << HEIGHT
TILE_BYTES = WIDTH * HASH_BYTES
_NODES_KEPT = 4096


class Tiles(Protocol):
    """Level 0 holds the hashes of the leaves, level 1 the root of every 256 of them that are
    complete, level 2 of every 65,536, and so on."""

    def read(self, level: int, start: int, count: int) -> bytes:
        """``count`` hashes of a level side by side; they lie in one tile."""


class TiledTree:
    """The tree of the first ``size`` leaves. Raises ``ValueError`` for proofs of what it has not,
    and when the tiles hold less than they should."""

    def __init__(self, tiles: Tiles, size: int) -> None:
        self._tiles = tiles
        self._node = lru_cache(_NODES_KEPT)(self._complete)  # what is complete never changes
        self.size = size

    def leaf(self, index: int) -> bytes:
        return self._node(0, index)

    def leaves(self, start: int, count: int) -> bytes:
        """Hashes of leaves in one tile, side by side."""
        return self._tiles.read(0, start, count)

    def root(self, size: int | None = None) -> bytes:
        wanted = self.size if size is None else size
        self._require(wanted)
        return root(wanted, self._node)

    def inclusion(self, index: int, size: int) -> list[bytes]:
        self._require(size)
        return inclusion_proof(index, size, self._node)

    def consistency(self, old: int, new: int) -> list[bytes]:
        self._require(new)
        return consistency_proof(old, new, self._node)

    def _require(self, size: int) -> None:
        if not 0 <= size <= self.size:
            raise ValueError(f"the tree has {self.size} leaves, not {size}")

    def _complete(self, level: int, index: int) -> bytes:
        tiled, height = divmod(level, HEIGHT)
        count = 1 << height
        hashes = self._tiles.read(tiled, index * count, count)
        if len(hashes) != count * HASH_BYTES:
            raise ValueError(f"the tree lacks hashes of level {tiled} from {index * count} on")
        return fold(hashes)


def levels_of(size: int) -> list[int]:
    """How many hashes each level holds for so many leaves."""
    counts = [size]
    while counts[-1] >= WIDTH:
        counts.append(counts[-1] // WIDTH)
    return counts


def grow(tails: Sequence[bytes], leaves: Sequence[bytes]) -> tuple[list[bytes], list[bytes]]:
    """What each level gains by new leaf hashes, given what its incomplete tile holds (``tails``,
    level by level), and the tails afterwards."""
    gains, ends = [], []
    gain, level = b"".join(leaves), 0
    while gain or level < len(tails):
        open_tile = (tails[level] if level < len(tails) else b"") + gain
        complete = len(open_tile) - len(open_tile) % TILE_BYTES
        gains.append(gain)
        ends.append(open_tile[complete:])
        gain = b"".join(
            fold(open_tile[start : start + TILE_BYTES]) for start in range(0, complete, TILE_BYTES)
        )
        level += 1
    return gains, ends


class MemoryTiles:
    """Tiles that nobody keeps: for checking."""

    def __init__(self, leaves: Sequence[bytes] = ()) -> None:
        self._levels: list[bytearray] = []
        self._tails: list[bytes] = []
        self.add(leaves)

    @property
    def size(self) -> int:
        return len(self._levels[0]) // HASH_BYTES if self._levels else 0

    def add(self, leaves: Sequence[bytes]) -> None:
        gains, self._tails = grow(self._tails, leaves)
        for level, gain in enumerate(gains):
            if level == len(self._levels):
                self._levels.append(bytearray())
            self._levels[level] += gain

    def read(self, level: int, start: int, count: int) -> bytes:
        if level >= len(self._levels):
            return b""
        return bytes(self._levels[level][start * HASH_BYTES : (start + count) * HASH_BYTES])
