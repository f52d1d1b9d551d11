"""Packages that are made while somebody watches: one thread each, kept for a while for download."""

import tempfile
import threading
import weakref
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import BinaryIO, cast

from api.preparing import read_up_to_now
from api.services import Services
from domain.errors import Conflict, NotFound, Refused
from projections.packages import Order, Packed

MOST = 8
KEPT_FOR = timedelta(minutes=30)


@dataclass(slots=True, weakref_slot=True)
class Job:
    """``error`` and ``code`` say why there is no package; ``made`` that there is one."""

    id: str
    order: Order
    begun_at: datetime
    file: BinaryIO
    done: int = 0
    total: int = 1
    made: Packed | None = None
    error: str = ""
    code: str = ""

    @property
    def over(self) -> bool:
        return self.made is not None or bool(self.error)


class PackingRoom:
    """The jobs of this process. An id is known to whoever began the job alone."""

    def __init__(self, services: Services, new_id: Callable[[], str]) -> None:
        self._services, self._new_id = services, new_id
        self._jobs: dict[str, Job] = {}
        self._turn = threading.Lock()

    def begin(self, order: Order) -> Job:
        """Raises ``Conflict`` (``package.busy``)."""
        now = self._services.clock.now()
        with self._turn:
            self._clear(now)
            if sum(not job.over for job in self._jobs.values()) >= MOST:
                raise Conflict(
                    "package.busy", f"{MOST} packages are being made: try again in a minute"
                )
            job = Job(self._new_id(), order, now, _file())
            self._jobs[job.id] = job
            weakref.finalize(job, job.file.close)
        threading.Thread(target=self._make, args=(job,), name="packing", daemon=True).start()
        return job

    def look(self, job_id: str) -> Job:
        """Raises ``NotFound`` (``package.gone``)."""
        with self._turn:
            job = self._jobs.get(job_id)
        if job is None:
            raise NotFound(
                "package.gone", "this package is not kept here any more: have it made again"
            )
        return job

    def read(self, job: Job) -> bytes:
        """The whole package. Raises ``Conflict`` (``package.unfinished``)."""
        if job.made is None:
            raise Conflict("package.unfinished", "this package is not finished: wait for it")
        with self._turn:
            job.file.seek(0)
            return job.file.read()

    def _make(self, job: Job) -> None:
        def report(done: int, total: int) -> None:
            job.done, job.total = done, total

        made, error, code = None, "it broke off: have it made again", "package.broken"
        try:
            read_up_to_now(self._services)
            made = self._services.packages.pack(job.order, job.file, report)
        except Refused as refusal:
            error, code = refusal.message, refusal.code
        finally:
            if made is None:
                job.error, job.code = error, code
            job.made = made

    def _clear(self, now: datetime) -> None:
        over = [job for job in self._jobs.values() if job.over]
        gone = [job for job in over if now - job.begun_at > KEPT_FOR]
        gone += sorted(over, key=lambda job: job.begun_at)[: max(0, len(over) - MOST)]
        for job in gone:
            if self._jobs.pop(job.id, None):
                job.file.close()


def _file() -> BinaryIO:
    """Gone with its last reader, whatever happens."""
    with ExitStack() as opened:
        file = cast(BinaryIO, opened.enter_context(tempfile.TemporaryFile()))
        opened.pop_all()
    return file
