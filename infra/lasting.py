"""Runs the work of a process that lasts: until it is told to stop, or cannot go on."""

import signal
import threading
from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager
from logging import Logger
from types import FrameType
from typing import TypeVar

from domain.errors import Refused

GRACE_SECONDS = 4.0
RETRY_SECONDS = 1.0

Work = Callable[[threading.Event], None]
T = TypeVar("T")


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


@contextmanager
def working_beside(work: Work, name: str) -> Iterator[None]:
    """For the length of the block ``work`` goes on in a thread; its event is set at the end."""
    stopping = threading.Event()
    thread = threading.Thread(target=work, args=(stopping,), name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join()


def when_there(
    opening: Callable[[], T], passing: Container[str], stopping: threading.Event, log: Logger
) -> T | None:
    """What ``opening`` answers once nothing is in its way that waiting cures (``passing``: the
    codes of such refusals), each of which is said once; None: told to stop meanwhile. Raises
    ``Refused`` for anything else."""
    waiting = ""
    while not stopping.is_set():
        try:
            return opening()
        except Refused as refusal:
            if refusal.code not in passing:
                raise
            if waiting != refusal.message:
                log.warning("waiting: %s", refusal.message)
            waiting = refusal.message
            stopping.wait(RETRY_SECONDS)
    return None


def require(value: str, variable: str, what: str) -> str:
    """Raises ``Refused`` (``settings.invalid``) for a setting this process cannot do without."""
    if not value:
        raise Refused("settings.invalid", f"set {variable} ({what})")
    return value
