"""The clocks of the outside: the machine's, and one that a simulation moves by hand."""

import os
import time
from datetime import UTC, datetime


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class SimulatedClock:
    """Stands still until it is told the time."""

    def __init__(self, moment: datetime) -> None:
        self._moment = moment

    def now(self) -> datetime:
        return self._moment

    def move_to(self, moment: datetime) -> None:
        self._moment = moment


ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: nothing that is misread aloud


def new_id() -> str:
    """13 characters that sort by time of making: 41 bits of milliseconds, 24 random bits."""
    number = time.time_ns() // 1_000_000 << 24 | int.from_bytes(os.urandom(3), "big")
    return "".join(ALPHABET[number >> shift & 31] for shift in range(60, -1, -5))
