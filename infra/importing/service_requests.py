"""Rows of a table of service requests: each is one case, from its opening to its end."""

from infra.importing.binding import Values
from infra.importing.jobs import Collected, Job, Rejection
from infra.importing.known import moment
from infra.importing.model import Mapping, Requests
from infra.importing.request_rows import RequestReader, RequestRow
from infra.importing.requesting import Opening, endings
from infra.importing.tables import BadRow


class ServiceRequests:
    """Each row is judged by itself."""

    def __init__(self, mapping: Mapping, words: Requests) -> None:
        self._mapping = mapping
        self._reader = RequestReader(mapping, words)
        self._rows: dict[str, RequestRow] = {}
        self._rejections: list[Rejection] = []
        self._repeated = 0

    def add_bad(self, file: int, row: BadRow) -> None:
        self._rejections.append(Rejection(file, row.number, row.code, row.reason))

    def add(self, file: int, number: int, values: Values) -> None:
        faults = "; ".join(self._reader.faults(values))
        if faults:
            self._rejections.append(Rejection(file, number, "import.value", faults))
            return
        row = self._reader.row(file, number, values)
        first = self._rows.setdefault(row.request_id, row)
        if first is row:
            return
        if _jobs_of(self._mapping, first) == _jobs_of(self._mapping, row):
            self._repeated += 1
        else:
            reason = f"request {row.request_id} stands otherwise in row {first.number}"
            self._rejections.append(Rejection(file, number, "import.changed", reason))

    def finish(self) -> Collected:
        jobs: list[Job] = []
        for row in sorted(self._rows.values(), key=lambda row: moment(row.opened, row.request_id)):
            jobs += [Opening(self._mapping, row), *endings(self._mapping, row)]
        jobs.sort(key=lambda job: job.at)
        return Collected(jobs, self._rejections, self._repeated)


def _jobs_of(mapping: Mapping, row: RequestRow) -> list[str]:
    return [Opening(mapping, row).digest, *(end.digest for end in endings(mapping, row))]
