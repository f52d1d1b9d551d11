"""Rows of a table of inspections, gathered visit by visit."""

from collections.abc import Iterator

from infra.importing.binding import Values
from infra.importing.jobs import Collected, Rejection
from infra.importing.known import moment
from infra.importing.model import Inspections, Mapping
from infra.importing.tables import BadRow
from infra.importing.visit_rows import Visit, VisitReader
from infra.importing.visiting import VisitJob

Place = tuple[int, str]  # the file and the inspection's id


class Visits:
    """A visit with one bad row is rejected whole: half a visit would tell another story."""

    def __init__(self, mapping: Mapping, words: Inspections) -> None:
        self._mapping = mapping
        self._words = words
        self._reader = VisitReader(mapping, words)
        self._visits: dict[Place, Visit] = {}
        self._rows: dict[Place, list[int]] = {}
        self._faulty: dict[Place, list[Rejection]] = {}
        self._rejections: list[Rejection] = []

    def add_bad(self, file: int, row: BadRow) -> None:
        self._rejections.append(Rejection(file, row.number, row.code, row.reason))

    def add(self, file: int, number: int, values: Values) -> None:
        place = file, values.text(self._words.id)
        faults = "; ".join(self._reader.faults(values))
        if not place[1]:
            self._rejections.append(Rejection(file, number, "import.value", faults))
            return
        self._rows.setdefault(place, []).append(number)
        if faults:
            self._fault(place, number, "import.value", faults)
            return
        visit = self._reader.visit(file, values)
        first = self._visits.setdefault(place, visit)
        if first.head != visit.head:
            reason = f"the rows of inspection {place[1]} disagree about date, unit or result"
            self._fault(place, number, "import.contradiction", reason)
        first.closure |= visit.closure
        first.lines.append(self._reader.line(number, values))

    def finish(self) -> Collected:
        rejections = [*self._rejections, *self._rejected_whole()]
        jobs: dict[str, VisitJob] = {}
        repeated = 0
        for place, visit in self._visits.items():
            if place in self._faulty:
                continue
            visit.lines.sort(key=lambda line: (line.order, line.number))
            job = VisitJob(self._mapping, self._words, visit)
            first = jobs.setdefault(visit.visit_id, job)
            if first is job:
                continue
            if first.digest == job.digest:
                repeated += len(visit.lines)
            else:
                reason = f"inspection {visit.visit_id} stands otherwise in an earlier file"
                rejections += [Rejection(*row, "import.changed", reason) for row in job.rows]
        ordered = sorted(jobs.values(), key=lambda job: moment(job.at, job.visit.visit_id))
        return Collected(ordered, rejections, repeated)

    def _fault(self, place: Place, number: int, code: str, reason: str) -> None:
        found = self._faulty.setdefault(place, [])
        found.append(Rejection(place[0], number, code, reason))

    def _rejected_whole(self) -> Iterator[Rejection]:
        for (file, visit_id), faults in self._faulty.items():
            yield from faults
            named = {fault.number for fault in faults}
            reason = f"row {faults[0].number} of the same inspection {visit_id} was rejected"
            for number in self._rows[file, visit_id]:
                if number not in named:
                    yield Rejection(file, number, "import.same_inspection", reason)
