"""Stores jobs in batches, each on top of what the ones before it have changed."""

from collections.abc import Mapping as Map

from pydantic import ValidationError

from domain.deciding import Decided, Desk
from domain.errors import Refused
from domain.messages import Appended
from domain.ports import EventStore
from domain.requests import Group, Request
from domain.units.commands import RegisterUnit
from infra.importing.jobs import Collected, Job, Planned, Rejection, digest_of, sentence
from infra.importing.known import Known
from infra.importing.model import Mapping
from infra.importing.summary import Report, Summary

CHANGED = "it was imported before with other contents: what is stored is corrected, not replaced"
BATCH = 256
LOOKED_UP = 1024


class Storing:
    """``rejections`` are all rows that did not go in, by file and row number."""

    def __init__(
        self, desk: Desk, store: EventStore, mapping: Mapping, known: Known, summary: Summary
    ) -> None:
        self._desk = desk
        self._store = store
        self._mapping = mapping
        self._known = known
        self._summary = summary
        self._batch: list[tuple[Job | None, Planned, Group]] = []
        self._touched: set[str] = set()
        self.rejections: dict[tuple[int, int], Rejection] = {}

    def store(self, collected: Collected, progress: Report) -> None:
        jobs, total = collected.jobs, len(collected.jobs)
        self._summary.jobs = total
        self._summary.repeated_rows = collected.repeated
        for rejection in collected.rejections:
            self._reject(rejection)
        for start in range(0, total, LOOKED_UP):
            progress("store", start, total)
            chunk = jobs[start : start + LOOKED_UP]
            stored = self._store.commands([job.command_id for job in chunk])
            for job in chunk:
                self._take(job, stored)
        self._flush()
        progress("store", total, total)

    def _take(self, job: Job, stored: Map[str, Appended]) -> None:
        if any(row in self.rejections for row in job.rows):
            return  # how a request ended says nothing when its opening did not go in
        found = stored.get(job.command_id)
        if found is not None and found.digest == job.digest:
            self._summary.already_there += 1
        elif found is not None:
            self._reject_job(job, "import.changed", f"{CHANGED} ({job.command_id})")
        else:
            if len(self._batch) >= BATCH or job.touches in self._touched:
                self._flush()
            self._plan(job)

    def _plan(self, job: Job) -> None:
        try:
            with self._summary.timed("decide"):
                planned = job.plan(self._known)
        except Refused as refusal:
            self._reject_job(job, refusal.code, refusal.message)
        except ValidationError as error:
            self._reject_job(job, "import.value", sentence(error))
        else:
            for unit in planned.first:
                self._register(unit, job)
            self._batch.append((job, planned, (planned.requests, job.command_id, job.digest)))
            if job.touches:
                self._touched.add(job.touches)

    def _register(self, unit: RegisterUnit, job: Job) -> None:
        """A group of its own, so that no other job depends on whether this one goes in."""
        if unit.unit_id in self._known.units or unit.unit_id in self._touched:
            return
        name = self._mapping.name
        request = Request(unit, self._mapping.actor, job.at, f"import:{name}:{unit.unit_id}")
        group = [request], f"import/{name}/unit/{unit.unit_id}", digest_of(unit.unit_id)
        self._batch.append((None, Planned([request]), group))
        self._touched.add(unit.unit_id)

    def _flush(self) -> None:
        with self._summary.timed("decide"):
            decided = self._desk.decide_all([group for _, _, group in self._batch])
        with self._summary.timed("append"):
            answers = self._desk.store_all(decided)
        lengths = {
            index: sum(len(stream.events) for stream in append.streams)
            for index, append in decided.appends
        }
        for index, ((job, planned, _), answer) in enumerate(zip(self._batch, answers, strict=True)):
            if isinstance(answer, Appended):
                self._stored(job, planned, lengths.get(index, 0), decided)
            elif job is not None:
                self._reject_job(job, answer.code, answer.message)
        self._batch, self._touched = [], set()

    def _stored(self, job: Job | None, planned: Planned, events: int, decided: Decided) -> None:
        """A job that led to no event tells what was known already, from wherever."""
        self._summary.events += events
        for request in planned.requests:
            stream_id = request.command.stream_id
            if stream_id.startswith("unit-") and stream_id in decided.ahead:
                self._known.units[request.command.stream_key] = decided.ahead[stream_id][1]
        if job is not None:
            self._summary.imported += events > 0
            self._summary.already_there += events == 0
            self._summary.duplicate_findings += planned.duplicates
            planned.learn(self._known)

    def _reject_job(self, job: Job, code: str, reason: str) -> None:
        for file, number in job.rows:
            self._reject(Rejection(file, number, code, reason))

    def _reject(self, rejection: Rejection) -> None:
        self.rejections.setdefault((rejection.file, rejection.number), rejection)
