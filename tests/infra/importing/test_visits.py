"""What rows of visits come to: cases opened, found again, put right, closed; units; penalties."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path

import pytest

from domain.cases import commands as c
from domain.cases.events import CaseReported
from domain.inspections.events import InspectionRecorded
from domain.penalties.events import PenaltyDecided, PenaltyOpened, PenaltyWithdrawn
from domain.requests import Request
from domain.units.commands import RegisterUnit
from domain.units.events import UnitRegistered
from infra.importing.loading import parse
from infra.importing.summary import Summary
from tests.support.importing import CHECKS, City, checks, opened, row, table

OPENED = ["case.reported", "case.filed", "case.dispatched"]
CLOSED = ["case.verified", "case.closed"]
PUT_RIGHT = ["case.rectified", *CLOSED]


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    with opened(tmp_path / "city") as city:
        yield city


def take(city: City, folder: Path, *rows: Mapping[str, str], text: str = CHECKS) -> Summary:
    summary = city.take(parse(text), table(folder / "rows.csv", rows))
    assert not summary.rejected
    return summary


def test_a_finding_becomes_a_case_given_to_the_unit(city: City, tmp_path: Path) -> None:
    take(city, tmp_path, row("V1", "2024-03-01", "Dirty  floor"))
    assert city.story("case-V1-1") == OPENED
    report = city.store.load("case-V1-1")[0]
    assert isinstance(report.event, CaseReported)
    assert (report.event.text, report.event.about) == ("Dirty  floor", "S1")
    assert (report.event.inspection_id, report.actor) == ("V1", "market-office")
    assert report.occurred_at.isoformat() == "2024-02-29T16:00:00+00:00"
    assert report.metadata.cause == "import:checks:V1"


def test_not_found_again_is_verified_and_closed_by_the_next_visit(
    city: City, tmp_path: Path
) -> None:
    take(city, tmp_path, row("V1", "2024-03-01", "Dirty floor"), row("V2", "2024-03-08"))
    assert city.story("case-V1-1") == [*OPENED, *CLOSED]


def test_found_again_is_rework_and_no_new_case(city: City, tmp_path: Path) -> None:
    again = row("V2", "2024-03-08", " DIRTY floor")
    take(city, tmp_path, row("V1", "2024-03-01", "Dirty  Floor"), again)
    assert city.story("case-V1-1") == [*OPENED, "case.rework_ordered"]
    assert city.story("case-V2-1") == []
    (visit,) = city.store.load("inspection-V2")
    assert isinstance(visit.event, InspectionRecorded)
    assert [finding.case_id for finding in visit.event.findings] == ["V1-1"]


def test_put_right_at_once_is_answered_by_the_unit_and_verified_by_the_office(
    city: City, tmp_path: Path
) -> None:
    take(city, tmp_path, row("V1", "2024-03-01", "Dirty floor", action="At once"))
    assert city.story("case-V1-1") == [*OPENED, *PUT_RIGHT]
    actors = [envelope.actor for envelope in city.store.load("case-V1-1")[3:]]
    assert actors == ["unit:S1", "market-office", "market-office"]


def test_found_again_and_then_put_right_at_once(city: City, tmp_path: Path) -> None:
    again = row("V2", "2024-03-08", "Dirty floor", action="At once")
    take(city, tmp_path, row("V1", "2024-03-01", "Dirty floor"), again)
    assert city.story("case-V1-1") == [*OPENED, "case.rework_ordered", *PUT_RIGHT]


def test_what_was_closed_and_comes_back_is_a_new_case(city: City, tmp_path: Path) -> None:
    dirty = row("V1", "2024-03-01", "Dirty floor"), row("V3", "2024-03-15", "Dirty floor")
    take(city, tmp_path, dirty[0], row("V2", "2024-03-08"), dirty[1])
    assert city.story("case-V1-1") == [*OPENED, *CLOSED]
    assert city.story("case-V3-1") == OPENED


def test_the_same_finding_twice_in_a_visit_is_one_case(city: City, tmp_path: Path) -> None:
    twice = [row("V1", "2024-03-01", "Dirty floor", line=line) for line in ("1", "2")]
    summary = take(city, tmp_path, *twice)
    assert summary.duplicate_findings == 1
    assert city.story("case-V1-1") == OPENED
    assert city.story("case-V1-2") == []


def test_rows_of_a_visit_stand_in_their_order_and_not_in_the_files(
    city: City, tmp_path: Path
) -> None:
    rows = [row("V1", "2024-03-01", text, line=n) for n, text in (("10", "B"), ("9", "A"))]
    take(city, tmp_path, *rows)
    (visit,) = city.store.load("inspection-V1")
    assert isinstance(visit.event, InspectionRecorded)
    assert [finding.text for finding in visit.event.findings] == ["A", "B"]


def test_without_recheck_every_finding_is_a_case_and_none_is_closed(
    city: City, tmp_path: Path
) -> None:
    text = CHECKS.replace("    standard: rules", "    standard: rules\n    recheck: none")
    visits = [row(f"V{n}", f"2024-03-0{n}", "Dirty floor") for n in (1, 2)]
    take(city, tmp_path, *visits, row("V3", "2024-03-03"), text=text)
    assert city.story("case-V1-1") == city.story("case-V2-1") == OPENED
    take(city, tmp_path, row("V0", "2024-02-01"), text=text)  # and none is late


def test_a_limit_gives_new_cases_a_deadline(city: City, tmp_path: Path) -> None:
    limit = "    standard: rules\n    limit: {amount: 3, clock: natural_days}"
    text = CHECKS.replace("    standard: rules", limit)
    take(city, tmp_path, row("V1", "2024-03-01", "Dirty floor"), text=text)
    _, case = city.desk.state("case-V1-1")
    assert case.deadline.due_at.isoformat() == "2024-03-03T16:00:00+00:00"


def test_a_unit_lies_in_the_cell_of_its_coordinates(city: City, tmp_path: Path) -> None:
    elsewhere = {"lat": "-0.01", "lon": "-0.02", "shop": "S2"}
    nowhere = {"lat": "", "lon": "", "shop": "S3"}
    visits = [row("V1", "2024-03-01"), row("V2", "2024-03-01", **elsewhere)]
    take(city, tmp_path, *visits, row("V3", "2024-03-01", **nowhere))
    homes = {e.key: e.event.parent for e in city.log() if isinstance(e.event, UnitRegistered)}
    assert homes == {
        "sampletown": "", "grid-31.20N-121.46E": "sampletown", "S1": "grid-31.20N-121.46E",
        "grid-0.02S-0.02W": "sampletown", "S2": "grid-0.02S-0.02W", "S3": "sampletown",
    }  # fmt: skip


def test_a_unit_is_changed_by_what_later_rows_say_and_not_by_what_they_leave_out(
    city: City, tmp_path: Path
) -> None:
    renamed = row("V2", "2024-03-02", sign="Shop 1", lat="31.19")
    silent = row("V3", "2024-03-03", sign="", lat="", lon="")
    take(city, tmp_path, row("V1", "2024-03-01"), renamed, silent)
    assert city.story("unit-S1") == ["unit.registered", "unit.changed", "unit.moved"]
    unit = city.desk.state("unit-S1")[1]
    assert (unit.name, unit.parent) == ("Shop 1", "grid-31.18N-121.46E")


def test_penalties_follow_the_action_and_the_outcome(city: City, tmp_path: Path) -> None:
    rows = [
        row("V1", "2024-03-01", "A", line="1", action="Ticket", court="fined", fine="60.50"),
        row("V1", "2024-03-01", "B", line="2", action="Ticket", court="dropped", fine="40"),
        row("V1", "2024-03-01", "C", line="3", action="Ticket", court="open"),
        row("V1", "2024-03-01", "D", line="4", action="Ticket", court="fined"),
        row("V1", "2024-03-01", "E", line="5", action="Warning", fine="0"),
        row("V1", "2024-03-01", "F", line="6", action="Warning"),
    ]
    take(city, tmp_path, *rows)
    found = {n: [e.event for e in city.store.load(f"penalty-V1-{n}")] for n in range(1, 7)}
    opened_as = [(e.kind, e.amount, e.currency, e.grounds, e.case_id, e.inspection_id)
                 for events in found.values() for e in events
                 if isinstance(e, PenaltyOpened)]  # fmt: skip
    assert opened_as == [
        ("ticket", Decimal("60.50"), "CNY", "A", "V1-1", "V1"),
        ("ticket", Decimal(40), "CNY", "B", "V1-2", "V1"),
        ("ticket", None, "CNY", "C", "V1-3", "V1"),
        ("ticket", None, "CNY", "D", "V1-4", "V1"),
        ("other", Decimal(0), "CNY", "E", "V1-5", "V1"),
    ]
    assert found[1][1] == PenaltyDecided(decision="fined", amount=Decimal("60.50"), note="fined")
    assert found[2][1] == PenaltyWithdrawn(reason="withdrawn")
    assert len(found[3]) == 1
    assert found[4][1] == PenaltyDecided(decision="other", note="fined")
    assert found[6] == []


def test_a_case_in_other_hands_is_left_alone(city: City, tmp_path: Path) -> None:
    take(city, tmp_path, row("V1", "2024-03-01", "Dirty floor"), row("V9", "2024-03-01", shop="S2"))
    dispute = c.DisputeCase(case_id="V1-1", reason="not ours", owner="S2")
    at = city.store.load("case-V1-1")[-1].occurred_at
    city.desk.handle([Request(dispute, "unit:S1", at)], "dispute")
    later = row("V2", "2024-03-08"), row("V3", "2024-03-09", "Dirty floor")
    take(city, tmp_path, *later)
    assert city.story("case-V1-1") == [*OPENED, "case.disputed"]
    assert city.story("case-V3-1") == []


def test_a_case_that_was_verified_meanwhile_is_only_closed(city: City, tmp_path: Path) -> None:
    take(city, tmp_path, row("V1", "2024-03-01", "Dirty floor"))
    at = city.store.load("case-V1-1")[-1].occurred_at
    city.desk.handle([Request(c.VerifyCase(case_id="V1-1"), "inspector", at)], "verify")
    take(city, tmp_path, row("V2", "2024-03-08"))
    assert city.story("case-V1-1") == [*OPENED, *CLOSED]


def test_two_tables_with_the_same_codes_need_a_prefix(city: City, tmp_path: Path) -> None:
    take(city, tmp_path, row("V1", "2024-03-01"))
    department = RegisterUnit(
        unit_id="S7", code="S7", name="Seven", kind="department", parent="sampletown"
    )
    city.desk.handle([Request(department, "clerk")], "seven")
    path = table(tmp_path / "more.csv", [row("V2", "2024-03-02", shop="S7")])
    assert city.take(checks(), path).rejected == {"import.other_unit": 1}
    prefixed = parse(CHECKS.replace("  code: shop", "  code: shop\n  prefix: shop-"))
    assert not city.take(prefixed, path).rejected
    assert city.desk.state("unit-shop-S7")[1].kind == "company"
