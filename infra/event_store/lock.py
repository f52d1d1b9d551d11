"""One process per data directory: a lock that the kernel gives back however the process ends."""

import contextlib
import fcntl
import os
from pathlib import Path

from domain.errors import Refused

FILE_NAME = "duban.lock"


class DirectoryLock:
    """Held from construction to ``release``. The file stays; only the lock on it counts."""

    def __init__(self, directory: Path) -> None:
        try:
            directory.mkdir(parents=True, exist_ok=True)
            self._file = os.open(directory / FILE_NAME, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise Refused(
                "data.unusable", f"the data directory {directory} cannot be used: {error.strerror}"
            ) from error
        # flock, not lockf: it also keeps out a second opening inside the same process.
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            owner = os.pread(self._file, 20, 0).decode("ascii", "replace").strip()
            os.close(self._file)
            raise Refused(
                "data.in_use",
                f"the data directory {directory} is in use by process {owner or 'unknown'}: "
                "stop it first or choose another directory",
            ) from error
        # A full disk must not keep us from opening: the number only serves the message above.
        with contextlib.suppress(OSError):
            os.ftruncate(self._file, 0)
            os.pwrite(self._file, str(os.getpid()).encode(), 0)

    def release(self) -> None:
        os.close(self._file)
