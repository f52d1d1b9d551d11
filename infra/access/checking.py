"""Whether records of reading wait to be taken into the log."""

import time

from domain.errors import Refused
from infra.access.waiting import waiting
from infra.settings import Settings

LONGEST_SECONDS = 60.0


def readers(settings: Settings) -> str:
    """Raises ``Refused`` (``access.waiting``)."""
    found = list(waiting(settings))
    old = [path for path in found if time.time() - path.stat().st_mtime > LONGEST_SECONDS]
    if old:
        raise Refused(
            "access.waiting",
            f"{len(old)} records of reading wait in {old[0].parent} for the log: open the city "
            "with duban serve, and see its log for what it says of them",
        )
    return "what is read is recorded before it is shown" + (
        f", {len(found)} on the way" * bool(found)
    )
