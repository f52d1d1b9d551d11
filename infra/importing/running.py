"""One import from files to stored events: read everything, then store it in order of time."""

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from domain.deciding import Desk
from domain.errors import Invalid
from domain.policies.commands import AdoptPolicy
from domain.ports import EventStore
from domain.requests import Request
from domain.units.commands import RegisterUnit
from infra.bundled import preset_folder
from infra.clocks import SystemClock
from infra.importing.binding import Binding
from infra.importing.files import table
from infra.importing.jobs import Collected, Collector
from infra.importing.known import Known, read_known, read_units
from infra.importing.model import Mapping
from infra.importing.readings import ReadingTable
from infra.importing.rejects import RejectedFiles
from infra.importing.scratch import ScratchStore
from infra.importing.service_requests import ServiceRequests
from infra.importing.storing import Storing
from infra.importing.summary import Report, Summary, silent
from infra.importing.tables import BadRow
from infra.importing.visits import Visits

REPORT_EVERY = 1000  # rows


@contextmanager
def _no_cycles() -> Iterator[None]:
    """Nothing that an import makes refers back to itself, and looking for what does among
    millions of rows takes as long as all the rest."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@_no_cycles()
def run_import(
    files: Sequence[Path],
    mapping: Mapping,
    desk: Desk,
    store: EventStore,
    progress: Report = silent,
    *,
    dry_run: bool = False,
    rejected_folder: Path | None = None,
) -> Summary:
    """Imports all files together, in order of time whatever the order they are given in.

    A row that does not go in is written to ``<file>.rejected.csv`` (beside its file, or in
    ``rejected_folder``) and the others go in. What is wrong with a whole file raises ``Refused``
    before anything is stored. After an interruption the same call goes on where it stopped. With
    ``dry_run`` all is decided and reported and nothing is stored.
    """
    paths = list({path.resolve(): path for path in files}.values())
    summary = Summary(mapping.name, paths, dry_run, _what(mapping))
    rejected = RejectedFiles(mapping, paths, rejected_folder)
    rejected.check()
    if dry_run:
        store = ScratchStore(store, SystemClock())
        desk = desk.over(store)
    with summary.timed("read"):
        collected = read_files(paths, mapping, summary, progress)
    with summary.timed("known"):
        known = _known(store, mapping)
        _check_city(known, mapping)
    storing = Storing(desk, store, mapping, known, summary)
    if collected.jobs:
        _found_city(desk, mapping, known, collected.jobs[0].at, summary)
    storing.store(collected, progress)
    with summary.timed("read"):
        summary.rejected_files = rejected.write(storing.rejections)
    summary.rejected.update(rejection.code for rejection in storing.rejections.values())
    return summary


def read_files(
    paths: Sequence[Path], mapping: Mapping, summary: Summary, progress: Report
) -> Collected:
    """Raises ``Refused`` for a file that cannot be used as a whole."""
    binding = Binding(mapping)
    collector = _collector(mapping)
    tables = [table(path, mapping) for path in paths]
    for each in tables:
        each.check(binding.required, binding.optional)
    for file, each in enumerate(tables):
        for row in each.rows(binding.headings):
            summary.rows += 1
            if isinstance(row, BadRow):
                collector.add_bad(file, row)
            else:
                collector.add(file, row.number, binding.values(row.cells))
            if summary.rows % REPORT_EVERY == 0:
                progress("read", summary.rows, 0)
    progress("read", summary.rows, summary.rows)
    return collector.finish()


def _collector(mapping: Mapping) -> Collector:
    if mapping.inspections is not None:
        return Visits(mapping, mapping.inspections)
    if mapping.requests is not None:
        return ServiceRequests(mapping, mapping.requests)
    assert mapping.readings is not None  # a mapping has one of the three
    return ReadingTable(mapping, mapping.readings)


def _what(mapping: Mapping) -> str:
    """What the jobs of such a table are, in the words of the summary."""
    if mapping.readings is not None:
        return "readings"
    return "inspections" if mapping.inspections else "steps of service requests"


def _known(store: EventStore, mapping: Mapping) -> Known:
    findings = mapping.inspections.findings if mapping.inspections else None
    if findings is None or not findings.builds_on_earlier_visits:
        return read_units(store)
    return read_known(store, findings.compare)


def _check_city(known: Known, mapping: Mapping) -> None:
    if known.city not in ("", mapping.city.code):
        raise Invalid(
            "import.other_city",
            f"the mapping is for {mapping.city.name} ({mapping.city.code}), and this directory "
            f"holds {known.units[known.city].name} ({known.city}): use a directory of its own",
        )


def _found_city(desk: Desk, mapping: Mapping, known: Known, at: datetime, summary: Summary) -> None:
    """The city and the policies its facts are judged by, before the first of them."""
    if known.city:
        return
    city = mapping.city
    policies = preset_folder(mapping.policy) if mapping.policy else {}
    commands = [
        RegisterUnit(
            unit_id=city.code, code=city.code, name=city.name, kind="city",
            timezone=city.timezone, language=city.language,
        ),
        *(AdoptPolicy(body=text) for text in policies.values()),
    ]  # fmt: skip
    cause = f"import:{mapping.name}:city"
    requests = [Request(command, mapping.actor, at, cause) for command in commands]
    stored = desk.handle(requests, f"import/{mapping.name}/city")
    summary.events += stored.last_position - stored.first_position + 1
    known.units[city.code] = desk.state(f"unit-{city.code}")[1]
