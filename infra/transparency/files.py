"""Keeps the tree and the ledger of a city in files of its directory."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import BinaryIO, Generic, TypeVar

import msgspec

from domain.errors import Refused
from projections.transparency.merkle import HASH_BYTES
from projections.transparency.tiles import TiledTree, levels_of
from projections.transparency.trust import KeyEntry
from streams.transparency import Cosignature, Issued

FOLDER = "log"
CHECKPOINTS = "checkpoints.jsonl"
COSIGNATURES = "cosignatures.jsonl"
KEYS = "keys.jsonl"
MARK = "tree.size"

Entry = TypeVar("Entry")


class FileTree:
    """``streams.transparency.TreeStore``: one file of hashes for each level, and a mark of how
    many leaves are durable. What does not fit its mark is made again from the events.
    ``writing``: by the one process that has the city open."""

    def __init__(self, folder: Path, store_id: str, writing: bool = True) -> None:
        self._folder = folder
        self._mark = folder / MARK
        self._store_id = store_id
        self._writing = writing
        self._files: dict[int, int] = {}
        with _told(folder):
            if writing:
                folder.mkdir(parents=True, exist_ok=True)
        self._size = self._marked()

    def size(self) -> int:
        if not self._writing:
            self._size = self._marked()
        return self._size

    def read(self, level: int, start: int, count: int) -> bytes:
        file = self._file(level)
        if file is None:
            return b""
        with _told(self._folder):
            return os.pread(file, count * HASH_BYTES, start * HASH_BYTES)

    def append(self, size: int, gains: Sequence[bytes]) -> None:
        counts = levels_of(size)
        with _told(self._folder):
            for level, gain in enumerate(gains):
                if gain:
                    file = self._file(level)
                    assert file is not None
                    at = (counts[level] if level < len(counts) else 0) * HASH_BYTES
                    _write(file, gain, at)
        self._size = size + len(gains[0]) // HASH_BYTES

    def sync(self, size: int, root: bytes) -> None:
        with _told(self._folder):
            for file in self._files.values():
                os.fsync(file)
            beside = self._mark.with_suffix(".new")
            with beside.open("w", encoding="utf-8") as opened:
                opened.write(f"{self._store_id} {size} {root.hex()}\n")
                opened.flush()
                os.fsync(opened.fileno())
            os.replace(beside, self._mark)

    def clear(self) -> None:
        """The mark goes first: what is left of the hashes counts for nothing without it."""
        with _told(self._folder):
            self._mark.unlink(missing_ok=True)
            for file in self._files.values():
                os.ftruncate(file, 0)
        self._size = 0

    def close(self) -> None:
        while self._files:
            os.close(self._files.popitem()[1])

    def _file(self, level: int) -> int | None:
        if level not in self._files:
            path = self._folder / f"tree.{level}"
            flags = os.O_RDWR | os.O_CREAT if self._writing else os.O_RDONLY
            with _told(path):
                try:
                    self._files[level] = os.open(path, flags, 0o644)
                except FileNotFoundError:
                    return None
        return self._files[level]

    def _marked(self) -> int:
        """How many leaves the mark vouches for; 0 where the hashes are not those it was made
        over, or are another store's."""
        try:
            store_id, size, root = self._mark.read_text(encoding="utf-8").split()
            known = store_id == self._store_id and size.isdecimal()
            whole = known and TiledTree(self, int(size)).root().hex() == root
        except (FileNotFoundError, ValueError):
            return 0
        return int(size) if whole else 0


class FileLedger:
    """``streams.transparency.Ledger``: a line of JSON for each. A line that a crash left
    half-written was never told to anybody; whoever writes next takes it away."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._issued = _Lines(folder / CHECKPOINTS, Issued)
        self._cosignatures = _Lines(folder / COSIGNATURES, Cosignature)
        self._keys = _Lines(folder / KEYS, KeyEntry)

    def newest(self) -> Issued | None:
        return next(iter(self._issued.read()[-1:]), None)

    def at(self, size: int) -> Issued | None:
        return next((i for i in reversed(self._issued.read()) if i.size == size), None)

    def issued(self) -> Sequence[Issued]:
        return self._issued.read()

    def keep(self, issued: Issued) -> None:
        self._issued.add(issued)

    def cosignatures(self, size: int | None = None) -> Sequence[Cosignature]:
        found = self._cosignatures.read()
        return found if size is None else [c for c in found if c.size == size]

    def cosign(self, cosignature: Cosignature) -> None:
        self._cosignatures.add(cosignature)

    def key_list(self) -> Sequence[KeyEntry]:
        return self._keys.read()

    def keep_key(self, entry: KeyEntry) -> None:
        self._keys.add(entry)


class _Lines(Generic[Entry]):
    """A file that only grows, read as far as it is new; another process may add to it."""

    def __init__(self, path: Path, shape: type[Entry]) -> None:
        self._path = path
        self._decode = msgspec.json.Decoder(shape).decode
        self._entries: list[Entry] = []
        self._offset = 0
        self._turn = Lock()

    def read(self) -> Sequence[Entry]:
        """Raises ``Refused`` (``log.damaged``)."""
        with self._turn, _told(self._path):
            try:
                with self._path.open("rb") as file:
                    file.seek(self._offset)
                    whole = file.read().rpartition(b"\n")[0]
            except FileNotFoundError:
                return []
            for line in whole.split(b"\n") if whole else ():
                self._entries.append(self._entry(line))
                self._offset += len(line) + 1
            return list(self._entries)

    def add(self, entry: Entry) -> None:
        with self._turn, _told(self._path):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("a+b") as file:
                _cut_half_line(file)
                file.write(msgspec.json.encode(entry) + b"\n")
                file.flush()
                os.fsync(file.fileno())

    def _entry(self, line: bytes) -> Entry:
        try:
            return self._decode(line)
        except (msgspec.MsgspecError, UnicodeError) as error:
            raise Refused(
                "log.damaged",
                f"line {len(self._entries) + 1} of {self._path} cannot be read: restore the file "
                "from a copy",
            ) from error


def _cut_half_line(file: BinaryIO) -> None:
    end = file.seek(0, os.SEEK_END)
    file.seek(max(0, end - 1))
    if end and file.read(1) != b"\n":
        file.seek(0)
        file.truncate(file.read().rfind(b"\n") + 1)


def _write(file: int, data: bytes, at: int) -> None:
    while data:
        written = os.pwrite(file, data, at)
        data, at = data[written:], at + written


@contextmanager
def _told(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Refused(
            "log.io", f"{place} cannot be read or written: {error.strerror or error}"
        ) from error
