"""Checkpoints of C2SP: how large the log was and what it held, in three lines that are signed."""

import re
import struct
from collections.abc import Sequence
from typing import NamedTuple

from domain.errors import Invalid
from projections.transparency.merkle import HASH_BYTES
from projections.transparency.notes import Note, Signature, decoded, encoded, parse_note

_SIZE = re.compile(r"0|[1-9][0-9]{0,17}")
_TIME = struct.Struct(">Q")
_TIMED_BYTES = _TIME.size + 64
PROOF_HEADER = "c2sp.org/tlog-proof@v1"


class Checkpoint(NamedTuple):
    """``origin`` names the log."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        return f"{self.origin}\n{self.size}\n{encoded(self.root)}\n"


def parse_checkpoint(text: str) -> Checkpoint:
    """Of a note's text. Raises ``Invalid`` (``note.unreadable``)."""
    lines = text.split("\n")
    root = decoded(lines[2]) if len(lines) > 3 else None
    if not lines[0] or root is None or len(root) != HASH_BYTES or not _SIZE.fullmatch(lines[1]):
        raise Invalid(
            "note.unreadable",
            "this is no checkpoint: its lines are the log's name, its size and its root",
        )
    return Checkpoint(lines[0], int(lines[1]), root)


def read_checkpoint(text: str) -> tuple[Note, Checkpoint]:
    """A signed checkpoint as it was handed on. Raises ``Invalid`` (``note.unreadable``)."""
    note = parse_note(text)
    return note, parse_checkpoint(note.text)


def cosigned(text: str, seconds: int) -> bytes:
    """What a witness signs, with the time since 1970 at which it does."""
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()


def timed(seconds: int, signature: bytes) -> bytes:
    """The signature of a witness as it stands in a note."""
    return _TIME.pack(seconds) + signature


def untimed(signature: Signature) -> tuple[int, bytes] | None:
    """The time and the signature itself; None for what is no cosignature."""
    if len(signature.bytes) != _TIMED_BYTES:
        return None
    (seconds,) = _TIME.unpack(signature.bytes[: _TIME.size])
    return seconds, signature.bytes[_TIME.size :]


def proof_file(index: int, hashes: Sequence[bytes], checkpoint: str) -> str:
    """A C2SP tlog-proof: that leaf ``index`` (from 0) is in the tree of the signed checkpoint."""
    lines = [PROOF_HEADER, f"index {index}", *map(encoded, hashes)]
    return "\n".join(lines) + "\n\n" + checkpoint


def read_proof_file(text: str) -> tuple[int, list[bytes], str]:
    """Index, hashes and signed checkpoint. Raises ``Invalid`` (``proof.unreadable``)."""
    head, _, checkpoint = text.partition("\n\n")
    kind, *lines = head.split("\n")
    if lines and lines[0].startswith("extra "):
        del lines[0]
    index = lines[0].removeprefix("index ") if lines else ""
    hashes = [raw for line in lines[1:] if (raw := decoded(line)) and len(raw) == HASH_BYTES]
    if kind != PROOF_HEADER or not _SIZE.fullmatch(index) or len(hashes) != len(lines) - 1:
        raise Invalid("proof.unreadable", "this is not a whole proof: it was cut off or changed")
    return int(index), hashes, checkpoint


class Inclusion(NamedTuple):
    """That the event at ``position`` (from 1) is among the first ``size``; ``checkpoint`` is the
    signed one of that size, "" where none was issued."""

    position: int
    size: int
    leaf: bytes
    root: bytes
    hashes: Sequence[bytes]
    checkpoint: str


class Consistency(NamedTuple):
    """That the first ``old`` events are those that the first ``new`` begin with."""

    old: int
    new: int
    old_root: bytes
    new_root: bytes
    hashes: Sequence[bytes]


class Signatures(NamedTuple):
    """Who signed a checkpoint, as far as the log knows their keys: the log itself, and witnesses
    with when they did, in seconds since 1970. ``wrong`` is what is wrong with it, in words."""

    by_log: bool
    witnesses: tuple[tuple[str, int], ...]
    wrong: tuple[str, ...]
