"""Writes a package: its files one after another, and nothing that could be otherwise."""

import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, NamedTuple

from domain.errors import Refused
from infra.casefiles.verify import END, headers

LARGEST = (1 << 32) - 1
MOST_FILES = (1 << 16) - 1


class Written(NamedTuple):
    name: str
    size: int
    sha256: str


class Container:
    """A ZIP without compression, times or anything else that differs from machine to machine."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._at = 0
        self._directory: list[bytes] = []
        self.written: list[Written] = []

    def add(self, name: str, data: bytes) -> None:
        """Raises ``Refused`` (``package.too_large``)."""
        local, line = headers(name, len(data), zlib.crc32(data), self._at)
        if self._at + len(local) + len(data) > LARGEST or len(self.written) == MOST_FILES:
            raise Refused(
                "package.too_large",
                "a package holds 4 GiB and 65,535 files at most: leave its evidence out with "
                "--without-evidence, or export its cases one by one",
            )
        self._file.write(local)
        self._file.write(data)
        self._at += len(local) + len(data)
        self._directory.append(line)
        self.written.append(Written(name, len(data), sha256(data).hexdigest()))

    def close(self) -> int:
        """Writes the directory; answers how large the package is."""
        listed, count = b"".join(self._directory), len(self._directory)
        end = END.pack(b"PK\5\6", 0, 0, count, count, len(listed), self._at, 0)
        self._file.write(listed + end)
        return self._at + len(listed) + len(end)


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A file beside ``path`` that takes its place when all of it is durable, or leaves no trace.
    Raises ``Refused`` (``package.unwritable``)."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with beside.open("wb+") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except OSError as error:
        raise Refused(
            "package.unwritable", f"{path} cannot be written: {error.strerror or error}"
        ) from error
    finally:
        beside.unlink(missing_ok=True)
