"""Whether this process still has what the group gave it, by a clock that never stands still."""

import time

from streams.ports import TablesUnavailable


def steady() -> float:
    """Seconds of a clock that goes on while this process, or the whole machine, stands still."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class Lease:
    """For how long nobody else can have been given our partitions: counted from the sending of
    the last message that the group's coordinator has answered as to a member. A process that was
    stopped finds it run out, whatever it was doing."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._until = 0.0

    @property
    def left(self) -> float:
        return self._until - steady()

    def renew(self, sent: float) -> None:
        self._until = max(self._until, sent + self._seconds)

    def end(self) -> None:
        self._until = 0.0

    def require(self) -> None:
        """Raises ``TablesUnavailable``."""
        if self.left <= 0:
            raise TablesUnavailable("this process may have lost its partitions: it asks first")
