"""Runs the work of a process that lasts: until it is told to stop, or cannot go on."""

import signal
import threading
from collections.abc import Callable
from types import FrameType

from domain.errors import Refused

GRACE_SECONDS = 4.0

Work = Callable[[threading.Event], None]


def run_until_stopped(work: Work, grace: float = GRACE_SECONDS) -> None:
    """Calls ``work`` with an event that SIGTERM or SIGINT sets; raises what it raises. Work that
    waits for somebody who does not answer is left after ``grace`` seconds: all of it can be cut
    off at any point."""
    stopping, ended = threading.Event(), threading.Event()
    failed: list[BaseException] = []

    def stop(number: int, frame: FrameType | None) -> None:
        stopping.set()

    def working() -> None:
        try:
            work(stopping)
        except BaseException as error:  # raised again below, in the main thread
            failed.append(error)
        finally:
            ended.set()
            stopping.set()

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        threading.Thread(target=working, name="work", daemon=True).start()
        stopping.wait()
        ended.wait(grace)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if failed:
        raise failed[0]


def require(value: str, variable: str, what: str) -> str:
    """Raises ``Refused`` (``settings.invalid``) for a setting this process cannot do without."""
    if not value:
        raise Refused("settings.invalid", f"set {variable} ({what})")
    return value
