"""The boxes of an MP4 file, and a copy without what the camera wrote about place and owner."""

import struct
from collections.abc import Iterator
from typing import NamedTuple

# Boxes that hold nothing but what is said about the film (where, with what, by whom).
_TELLING = frozenset({b"udta", b"meta", b"uuid"})
_HOLDING = frozenset({b"moov", b"trak"})
_PADDING = b"free"


class Box(NamedTuple):
    """``start`` is where its length stands, ``inside`` where its content begins."""

    name: bytes
    start: int
    inside: int
    end: int


def boxes(data: bytes | bytearray, start: int, end: int) -> Iterator[Box]:
    """Side by side from ``start`` to ``end``. Raises ``struct.error`` where they do not fit."""
    at = start
    while at < end:
        length, name = struct.unpack_from(">I4s", data, at)
        inside = at + 8
        if length == 1:
            (length,) = struct.unpack_from(">Q", data, inside)
            inside += 8
        elif length == 0:  # up to the end
            length = end - at
        if length < inside - at or at + length > end:
            raise struct.error("a box is longer than what holds it")
        yield Box(name, at, inside, at + length)
        at += length


def without_metadata(data: bytes) -> bytes:
    """The same film with nothing said about it: those boxes become padding, so that every place
    in the file stays where it was."""
    copied = bytearray(data)
    _blank(copied, 0, len(copied))
    return bytes(copied)


def _blank(data: bytearray, start: int, end: int) -> None:
    for box in list(boxes(data, start, end)):
        if box.name in _TELLING:
            name_at = box.start + 4
            data[name_at : name_at + 4] = _PADDING
            data[box.inside : box.end] = bytes(box.end - box.inside)
        elif box.name in _HOLDING:
            _blank(data, box.inside, box.end)
