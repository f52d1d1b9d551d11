"""What a serving process does beside answering: takes in what waits, forgets whose time is over."""

import logging
import threading
import time
from contextlib import AbstractContextManager
from functools import partial

from domain.errors import Refused
from infra.access.waiting import take_in
from infra.lasting import working_beside
from infra.runtime import Runtime
from infra.vault.retaining import retain

GLANCE_SECONDS = 1.0
RETAIN_SECONDS = 3600.0

log = logging.getLogger("duban.access")


def ticking(runtime: Runtime) -> AbstractContextManager[None]:
    """Meanwhile a thread does both."""
    return working_beside(partial(_run, runtime), "access")


def _run(runtime: Runtime, stopping: threading.Event) -> None:
    due, told = time.monotonic(), ""
    while not stopping.wait(GLANCE_SECONDS):
        try:
            if runtime.settings.mode == "embedded":
                take_in(runtime.settings, runtime.services.accesses.record)
            if runtime.settings.retention and time.monotonic() >= due:
                due = time.monotonic() + RETAIN_SECONDS
                retain(runtime.services, runtime.settings.retention)
            told = ""
        except Refused as refusal:
            if refusal.message != told:  # once, not every second
                log.warning("%s [%s]", refusal.message, refusal.code)
            told = refusal.message
