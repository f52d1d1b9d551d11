"""What SQLite says when it fails, as one clear sentence with a stable code."""

import shutil
from pathlib import Path

import apsw

from domain.errors import Refused

_FULL_BELOW = 1 << 20


def explain(error: apsw.Error, path: Path) -> Refused:
    """``store.full``, ``store.io``, ``store.corrupt``, ``store.busy``, ``store.unopened`` or
    ``store.failed``; whatever was being written has been rolled back."""
    match error:
        case apsw.FullError():
            return _full(path)
        # On a full disk SQLite also reports a shared-memory file that cannot grow as I/O error.
        case apsw.IOError() if shutil.disk_usage(path.parent).free < _FULL_BELOW:
            return _full(path)
        case apsw.IOError():
            return Refused(
                "store.io",
                f"the disk failed while reading or writing {path} ({error}); nothing was "
                "stored: check the disk and its limits, then try again",
            )
        case apsw.NotADBError() | apsw.CorruptError():
            return Refused(
                "store.corrupt",
                f"{path} is damaged or is not an event store ({error}): restore it from a backup",
            )
        case apsw.BusyError() | apsw.LockedError():
            return Refused(
                "store.busy",
                f"another program is writing to {path}: stop it, then try again",
            )
        case apsw.CantOpenError() | apsw.PermissionsError() | apsw.ReadOnlyError():
            return Refused("store.unopened", f"{path} cannot be opened ({error})")
        case _:
            return Refused("store.failed", f"the event store {path} failed: {error}")


def _full(path: Path) -> Refused:
    return Refused(
        "store.full",
        f"the disk of {path.parent} is full, nothing was stored: free some space, then try again",
    )
