"""Real records of a city go in and come out as the numbers that were counted by hand."""

import csv
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import Workbook

from domain.cases.events import CaseReported
from domain.inspections.events import InspectionRecorded
from domain.messages import Envelope
from tests.support.importing import (
    DINESAFE,
    YEAR_2011,
    YEAR_2012,
    City,
    counted,
    fined,
    opened,
    records,
    reworked_then_put_right,
)
from tests.support.program import environment


@pytest.fixture(scope="module")
def year_2012(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    with opened(tmp_path_factory.mktemp("year")) as city:
        summary = city.take(DINESAFE, YEAR_2012)
        assert (summary.rows, summary.imported, summary.rejected_rows) == (17_188, 10_647, 0)
        yield city


@pytest.fixture(scope="module")
def log_2012(year_2012: City) -> list[Envelope]:
    return year_2012.log()


def check_2012(log: list[Envelope]) -> None:
    counts = counted(log)
    assert counts["inspection.recorded"] == 10_647
    assert (counts["pass"], counts["conditional_pass"], counts["closed"]) == (10_617, 30, 0)
    assert counts["company"] == 4_849
    assert counts["case.reported"] == 9_609
    assert counts["on the spot"] == 2_692 + 3
    assert reworked_then_put_right(log) == 3
    assert counts["at re-inspection"] == 4_476
    assert counts["case.rework_ordered"] == 1_232
    assert counts["open"] == 2_438
    assert (counts["ticket"], counts["summons"], counts["other"]) == (197, 38, 0)
    assert (fined(log), counts["with an amount"]) == (Decimal("42171.00"), 132)


def check_both(log: list[Envelope]) -> None:
    counts = counted(log)
    assert counts["case.reported"] == 18_589
    assert counts["on the spot"] == 5_489 + 8
    assert reworked_then_put_right(log) == 8
    assert counts["at re-inspection"] == 10_475
    assert counts["case.rework_ordered"] == 2_996
    assert counts["open"] == 2_617
    assert fined(log) == Decimal("72238.00")


def test_one_year_gives_the_numbers_counted_by_hand(log_2012: list[Envelope]) -> None:
    check_2012(log_2012)


def test_every_infraction_is_a_finding_of_its_inspection(log_2012: list[Envelope]) -> None:
    findings = [
        finding
        for envelope in log_2012
        if isinstance(envelope.event, InspectionRecorded)
        for finding in envelope.event.findings
    ]
    assert len(findings) == 10_841
    assert all(finding.case_id for finding in findings)


def test_a_closure_order_is_red_whatever_the_sign_says(log_2012: list[Envelope]) -> None:
    counts = counted(log_2012)
    assert (counts["green"], counts["yellow"], counts["red"]) == (10_615, 30, 2)


def test_the_severity_stays_on_the_case(log_2012: list[Envelope]) -> None:
    kept = {e.event.severity for e in log_2012 if isinstance(e.event, CaseReported)}
    assert kept == {"minor", "significant", "crucial", "na"}


def test_each_fact_happened_at_local_midnight_and_names_its_record(
    log_2012: list[Envelope],
) -> None:
    (visit,) = [e for e in log_2012 if e.stream_id == "inspection-102737432"]
    assert visit.occurred_at.isoformat() == "2012-04-12T04:00:00+00:00"
    assert visit.metadata.cause == "import:dinesafe:102737432"
    assert visit.metadata.policies  # judged by the policy that was adopted first


def test_importing_the_same_file_twice_adds_nothing(
    year_2012: City, log_2012: list[Envelope]
) -> None:
    again = year_2012.take(DINESAFE, YEAR_2012)
    assert (again.events, again.imported, again.already_there) == (0, 0, 10_647)
    assert year_2012.store.last_position() == log_2012[-1].position
    assert any("nothing was added" in line for line in again.lines())


def test_two_years_give_the_same_in_one_command_and_in_two(tmp_path: Path) -> None:
    with opened(tmp_path / "one") as one, opened(tmp_path / "two") as two:
        one.take(DINESAFE, YEAR_2012, YEAR_2011)  # the order on the command line is nothing
        two.take(DINESAFE, YEAR_2011)
        two.take(DINESAFE, YEAR_2012)
        check_both(one.log())
        assert one.facts() == two.facts()


def test_the_older_year_after_the_newer_is_refused_where_it_would_rewrite_history(
    year_2012: City, tmp_path: Path
) -> None:
    known = {r["Establishment ID"] for r in records(YEAR_2012)}
    late = sum(r["Establishment ID"] in known for r in records(YEAR_2011))
    with opened(tmp_path / "city") as city:
        city.take(DINESAFE, YEAR_2012)
        summary = city.take(DINESAFE, YEAR_2011, rejected_folder=tmp_path)
        log = city.log()
    assert summary.rejected == {"import.late": late} == {"import.late": 15_664}
    assert summary.imported == 645
    before = [e for e in log if e.position <= year_2012.store.last_position()]
    check_2012(before)
    with (tmp_path / "dinesafe.2011.csv.gz.rejected.csv").open(encoding="utf-8") as stream:
        rejected = list(csv.DictReader(stream))
    assert len(rejected) == 15_664
    assert {r["rejected_code"] for r in rejected} == {"import.late"}
    assert "import older files first" in rejected[0]["rejected_reason"]


IMPORT = """
import sys
from pathlib import Path
from tests.support.importing import opened
with opened(Path(sys.argv[1])) as city:
    city.take("dinesafe", Path(sys.argv[2]), progress=lambda *seen: print(*seen, flush=True))
"""


def test_an_import_killed_at_any_moment_ends_the_same_when_run_again(
    tmp_path: Path, year_2012: City
) -> None:
    for stage_at_kill in ("store 1024", "store 5120"):
        process = subprocess.Popen(
            [sys.executable, "-c", IMPORT, tmp_path / "city", YEAR_2012],
            stdout=subprocess.PIPE, text=True, env=environment(),
        )  # fmt: skip
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith(stage_at_kill):
                break
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
    with opened(tmp_path / "city") as city:
        assert 0 < city.store.last_position() < year_2012.store.last_position()
        summary = city.take(DINESAFE, YEAR_2012)
        assert summary.already_there > 0
        assert summary.imported + summary.already_there == 10_647
        assert city.facts() == year_2012.facts()


def test_a_workbook_and_json_lines_tell_the_same_as_the_table(tmp_path: Path) -> None:
    rows = records(YEAR_2012)[:2000]
    whole = {r["Inspection ID"] for r in rows}
    with (tmp_path / "t.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    with (tmp_path / "t.jsonl").open("w", encoding="utf-8") as stream:
        for row in rows:
            typed = {**row, "Rec #": int(row["Rec #"]), "Latitude": float(row["Latitude"])}
            stream.write(json.dumps({k: v for k, v in typed.items() if v != ""}) + "\n")
    book = Workbook(write_only=True)
    sheet = book.create_sheet("records")
    sheet.append(list(rows[0]))
    for row in rows:
        day = datetime.fromisoformat(row["Inspection Date"])
        sheet.append([*{**row, "Rec #": int(row["Rec #"]), "Inspection Date": day}.values()])
    book.save(tmp_path / "t.xlsx")
    stories = []
    for name in ("t.csv", "t.jsonl", "t.xlsx"):
        with opened(tmp_path / name.replace(".", "-")) as city:
            assert city.take(DINESAFE, tmp_path / name).imported == len(whole)
            stories.append(city.facts())
    assert stories[0] == stories[1] == stories[2]
