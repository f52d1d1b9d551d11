"""An import as a whole: what goes in, what is refused or rejected, and what a second one does."""

import csv
import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from domain.cases import commands as c
from domain.deciding import Decided
from domain.errors import Refused
from domain.messages import Appended
from domain.ports import EventStore
from domain.requests import Request
from infra.clocks import SystemClock
from infra.importing.known import read_known
from infra.importing.loading import parse
from infra.importing.running import run_import
from infra.importing.scratch import ScratchStore
from infra.importing.storing import Storing
from tests.support.importing import CHECKS, HEADINGS, City, checks, opened, row, table

VISITS = [
    row("V1", "2024-03-01", "Dirty floor"),
    row("V2", "2024-03-08"),
    row("V3", "2024-03-02", "No soap", shop="S2", action="Ticket", court="fined", fine="50"),
    row("V10", "2024-03-08", "No soap", shop="S2"),
]


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    with opened(tmp_path / "city") as city:
        yield city


def rejected(path: Path) -> list[dict[str, str]]:
    with path.with_name(path.name + ".rejected.csv").open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_one_bad_row_rejects_its_visit_and_the_rest_goes_in(city: City, tmp_path: Path) -> None:
    bad = [
        row("V1", "2024-03-01", "Dirty floor"),
        row("V1", "2024-02-30", "No soap", line="2"),
        row("V2", "2024-03-08", "Mice", action="Burnt down"),
        row("V3", "2024-03-09", "", shop=""),
        row("", "2024-03-09"),
        row("V4", "2024-03-10"),
    ]
    path = table(tmp_path / "t.csv", bad)
    summary = city.take(checks(), path)
    assert (summary.imported, summary.rejected_rows) == (1, 5)
    assert city.story("inspection-V4") == ["inspection.recorded"]
    found = [(r["rejected_row"], r["rejected_code"], r["rejected_reason"]) for r in rejected(path)]
    assert found == [
        ("2", "import.same_inspection", "row 3 of the same inspection V1 was rejected"),
        ("3", "import.value", "day: '2024-02-30' is not a date written as iso"),
        ("4", "import.value",
         "action: 'Burnt down' is not a known value; known are Warning, At once, Ticket"),
        ("5", "import.value", "shop: is empty, and it is needed"),
        ("6", "import.value", "visit: is empty, and it is needed"),
    ]  # fmt: skip
    assert [r["visit"] for r in rejected(path)] == ["V1", "V1", "V2", "V3", ""]


def test_the_rejected_rows_can_be_corrected_and_imported(city: City, tmp_path: Path) -> None:
    path = table(tmp_path / "t.csv", [*VISITS[:3], row("V10", "2024-03-88", shop="S2")])
    city.take(checks(), path)
    corrected = path.with_name("t.csv.rejected.csv")
    corrected.write_text(corrected.read_text("utf-8").replace("2024-03-88", "2024-03-08"), "utf-8")
    assert city.take(checks(), corrected).imported == 1
    with opened(tmp_path / "straight") as straight:
        straight.take(checks(), table(tmp_path / "u.csv", VISITS[:3]))
        straight.take(checks(), table(tmp_path / "v.csv", [row("V10", "2024-03-08", shop="S2")]))
        assert city.facts() == straight.facts()


def test_rows_rejected_again_keep_their_columns_once(city: City, tmp_path: Path) -> None:
    path = table(tmp_path / "t.csv", [row("V1", "2024-02-30")])
    for _ in range(2):
        city.take(checks(), path)
        path = path.with_name(path.name + ".rejected.csv")
        with path.open(encoding="utf-8") as stream:
            heading = next(csv.reader(stream))
        assert heading == ["rejected_row", "rejected_code", "rejected_reason", *HEADINGS]


def test_a_row_of_another_width_is_kept_as_it_stood(city: City, tmp_path: Path) -> None:
    path = table(tmp_path / "t.csv", VISITS)
    path.write_text(path.read_text("utf-8") + 'V11,2024-03-09,1,"a,b"\n', "utf-8")
    assert city.take(checks(), path).rejected == {"import.width": 1}
    assert (
        path.with_name("t.csv.rejected.csv").read_text("utf-8").endswith('V11,2024-03-09,1,"a,b"\n')
    )


@pytest.mark.parametrize("kind", ["jsonl", "xlsx"])
def test_rejected_rows_of_other_files_come_out_as_a_table(
    city: City, tmp_path: Path, kind: str
) -> None:
    path = tmp_path / f"t.{kind}"
    bad = row("V1", "2024-03-01", "Mäuse, viele", action="Burnt down")
    if kind == "jsonl":
        path.write_text(json.dumps(bad), encoding="utf-8")
    else:
        book = Workbook()
        assert book.active is not None
        book.active.append(list(bad))
        book.active.append(list(bad.values()))
        book.save(path)
    text = CHECKS  # a row of market checks says nothing about court and fine here
    for name in ("court", "fine"):
        text = text.replace(f"{{column: {name},", f"{{column: {name}, optional: true,")
    assert city.take(parse(text), path).rejected == {"import.value": 1}
    assert {**bad, **rejected(path)[0]}["problem"] == "Mäuse, viele"
    assert rejected(path)[0]["rejected_row"] == ("1" if kind == "jsonl" else "2")


def test_importing_again_adds_nothing_and_says_so(city: City, tmp_path: Path) -> None:
    path = table(tmp_path / "t.csv", VISITS)
    city.take(checks(), path)
    position = city.store.last_position()
    again = city.take(checks(), path)
    assert city.store.last_position() == position
    assert (again.imported, again.already_there, again.events) == (0, 4, 0)
    assert "4 were already there, nothing was added" in again.lines()


def test_what_was_imported_is_not_replaced_by_other_contents(city: City, tmp_path: Path) -> None:
    city.take(checks(), table(tmp_path / "t.csv", VISITS))
    changed = [VISITS[0] | {"problem": "Clean floor"}, VISITS[1] | {"sign": "New name"}]
    summary = city.take(checks(), table(tmp_path / "u.csv", changed))
    assert summary.rejected == {"import.changed": 1}
    assert summary.already_there == 1  # how a unit is called is not what the visit found


def test_a_file_given_twice_counts_once_and_a_copy_only_repeats(city: City, tmp_path: Path) -> None:
    path, twin = table(tmp_path / "t.csv", VISITS), table(tmp_path / "copy.csv", VISITS)
    summary = city.take(checks(), path, path, twin)
    assert (summary.rows, summary.imported, summary.repeated_rows) == (8, 4, 4)


def test_two_files_that_tell_one_visit_differently_are_told_apart(
    city: City, tmp_path: Path
) -> None:
    other = table(tmp_path / "u.csv", [VISITS[0] | {"problem": "Clean floor"}])
    summary = city.take(checks(), table(tmp_path / "t.csv", VISITS), other)
    assert (summary.imported, summary.rejected) == (4, {"import.changed": 1})


def test_rows_of_one_visit_must_agree(city: City, tmp_path: Path) -> None:
    rows = [row("V1", "2024-03-01", "A"), row("V1", "2024-03-02", "B", line="2")]
    summary = city.take(checks(), table(tmp_path / "t.csv", rows))
    assert summary.rejected == {"import.contradiction": 1, "import.same_inspection": 1}


def test_the_order_of_files_does_not_matter_within_a_command(city: City, tmp_path: Path) -> None:
    files = [table(tmp_path / f"{n}.csv", [visit]) for n, visit in enumerate(VISITS)]
    city.take(checks(), *reversed(files))
    with opened(tmp_path / "straight") as straight:
        straight.take(checks(), *files)
        assert straight.facts() == city.facts()


def test_a_visit_before_one_the_unit_already_has_is_late(city: City, tmp_path: Path) -> None:
    city.take(checks(), table(tmp_path / "t.csv", VISITS[1:]))
    older = [VISITS[0], row("V4", "2024-03-01", shop="S3")]
    summary = city.take(checks(), table(tmp_path / "u.csv", older))
    assert (summary.imported, summary.rejected) == (1, {"import.late": 1})
    assert rejected(tmp_path / "u.csv")[0]["rejected_reason"] == (
        "unit S1 already has an inspection of 2024-03-08: import older files first, into a fresh "
        "directory, or all files in one command"
    )


@pytest.mark.parametrize(
    ("later", "goes_in"), [("V10", True), ("V08", False), ("V9a", True), ("123", False)]
)
def test_visits_of_the_same_day_stand_in_order_of_their_ids(
    city: City, tmp_path: Path, later: str, goes_in: bool
) -> None:
    city.take(checks(), table(tmp_path / "t.csv", [row("V09", "2024-03-08")]))
    summary = city.take(checks(), table(tmp_path / "u.csv", [row(later, "2024-03-08")]))
    assert summary.rejected == ({} if goes_in else {"import.late": 1})


def test_numbers_stand_in_order_of_their_value(city: City, tmp_path: Path) -> None:
    city.take(checks(), table(tmp_path / "t.csv", [row("10", "2024-03-08")]))
    assert city.take(checks(), table(tmp_path / "u.csv", [row("9", "2024-03-08")])).rejected
    assert city.take(checks(), table(tmp_path / "v.csv", [row("11", "2024-03-08")])).imported


def test_a_dry_run_decides_everything_and_stores_nothing(city: City, tmp_path: Path) -> None:
    path = table(tmp_path / "t.csv", [*VISITS, row("V5", "2024-03-09", shop="")])
    dry = city.take(checks(), path, dry_run=True)
    assert city.store.last_position() == 0
    assert rejected(path)[0]["rejected_code"] == "import.value"
    real = city.take(checks(), path)
    for each in (dry, real):
        each.seconds.clear()
    assert "would be imported" in dry.lines()[1]
    assert dry.__dict__ | {"dry_run": False} == real.__dict__
    again = city.take(checks(), path, dry_run=True)
    assert (again.imported, again.already_there) == (0, 4)


def test_the_scratch_of_a_dry_run_answers_like_the_store(city: City, tmp_path: Path) -> None:
    city.take(checks(), table(tmp_path / "t.csv", VISITS[:2]))
    scratch = ScratchStore(city.store, SystemClock())
    more = table(tmp_path / "u.csv", VISITS[2:])
    run_import([more], checks(), city.desk.over(scratch), scratch)
    answers = [_asked(scratch)]
    city.take(checks(), more)
    answers.append(_asked(city.store))
    assert answers[0] == answers[1]


def _asked(store: EventStore) -> list[Any]:
    """What a store says about streams below the scratch, on it, on both, and of none."""
    names = ["case-V1-1", "case-V3-1", "unit-S1", "unit-S2", "case-none"]
    loaded = store.load_all(names)
    known = store.commands(["import/checks/V1", "import/checks/V3", "import/checks/none"])
    return [
        [(e.position, e.event) for e in store.read(0, 1000)],
        [e.event for e in store.read(store.last_position() - 3, 2)],
        {name: [e.event for e in loaded[name]] for name in loaded},
        {name: [(e.version, e.event) for e in store.load(name, 1)] for name in names},
        [e.event for e in store.load_kind("unit")],
        dict(known),
        store.wait(store.last_position(), 0.0),
    ]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "import.empty"),
        (b"visit,day\nV1,2024-03-01\n", "import.columns"),
        (b"\xff\xfev\0i\0", "import.encoding"),
        (",".join(HEADINGS).encode() + b"\nV1,2024-03-01,1,S1,caf\xe9,,,pass,,,,\n",
         "import.encoding"),
    ],
)  # fmt: skip
def test_a_bad_file_refuses_the_command_before_anything_is_stored(
    city: City, tmp_path: Path, content: bytes, code: str
) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_bytes(content)
    with pytest.raises(Refused) as refused:
        city.take(checks(), table(tmp_path / "t.csv", VISITS), bad)
    assert refused.value.code == code
    assert city.store.last_position() == 0
    assert not list(tmp_path.glob("*.rejected*"))


def test_a_torn_gzip_refuses_the_command_although_most_of_it_can_be_read(
    city: City, tmp_path: Path
) -> None:
    whole = gzip.compress(table(tmp_path / "t.csv", VISITS * 1000).read_bytes())
    (tmp_path / "t.csv.gz").write_bytes(whole[:-9])
    with pytest.raises(Refused, match="not a whole gzip file"):
        city.take(checks(), tmp_path / "t.csv.gz")
    assert city.store.last_position() == 0


def test_where_rejected_rows_cannot_be_written_nothing_is_stored(
    city: City, tmp_path: Path
) -> None:
    path = table(tmp_path / "t.csv", VISITS)
    with pytest.raises(Refused) as refused:
        city.take(checks(), path, rejected_folder=tmp_path / "none")
    assert refused.value.code == "import.rejected_file"
    assert city.store.last_position() == 0


def test_a_directory_holds_one_city(city: City, tmp_path: Path) -> None:
    city.take(checks(), table(tmp_path / "t.csv", VISITS))
    other = parse(CHECKS.replace("sampletown", "othertown"))
    with pytest.raises(Refused) as refused:
        city.take(other, table(tmp_path / "u.csv", VISITS))
    assert refused.value.code == "import.other_city"


def test_what_has_not_happened_yet_is_rejected(city: City, tmp_path: Path) -> None:
    rows = [*VISITS, row("V8", "2150-01-01", shop="S8")]
    assert city.take(checks(), table(tmp_path / "t.csv", rows)).rejected == {"time.in_future": 1}


def test_what_a_rule_of_the_domain_refuses_is_rejected_with_its_reason(
    city: City, tmp_path: Path
) -> None:
    city.take(checks(), table(tmp_path / "t.csv", VISITS[:1]))
    city.desk.handle([Request(c.ClaimCase(case_id="V1-1"), "unit:S1")], "claim")  # just now
    rows = [VISITS[1], row("V7", "2024-03-08", shop="S7", lat="99"), VISITS[2]]
    path = table(tmp_path / "u.csv", rows)
    summary = city.take(checks(), path)
    assert (summary.imported, summary.rejected) == (
        1, {"time.before_previous": 1, "import.value": 1},
    )  # fmt: skip
    assert "latitude cannot be '99.0'" in rejected(path)[1]["rejected_reason"]


def test_a_lost_race_rejects_the_row_and_the_next_import_takes_it(
    city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    city.take(checks(), table(tmp_path / "t.csv", VISITS[:1]))
    store_all = city.desk.store_all

    def slow(decided: Decided) -> list[Appended | Refused]:
        """Somebody else is faster, between deciding and storing."""
        monkeypatch.setattr(city.desk, "store_all", store_all)
        at = city.store.load("case-V1-1")[-1].occurred_at
        claim = Request(c.ClaimCase(case_id="V1-1"), "unit:S1", at)
        city.desk.handle([claim], "claim")
        return store_all(decided)

    monkeypatch.setattr(city.desk, "store_all", slow)
    path = table(tmp_path / "u.csv", [VISITS[1]])
    assert city.take(checks(), path).rejected == {"stream.moved": 1}
    assert city.take(checks(), path).imported == 1


def test_progress_is_told_from_the_first_row_to_the_last(city: City, tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    path = table(tmp_path / "t.csv", VISITS)
    city.take(checks(), path, progress=lambda *seen: told.append(seen))
    assert told == [("read", 4, 4), ("store", 0, 4), ("store", 4, 4)]


def test_what_is_known_after_an_import_is_what_the_import_itself_learnt(
    city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    learnt: list[Storing] = []
    store = Storing.store

    def watched(self: Storing, *arguments: Any) -> None:
        store(self, *arguments)
        learnt.append(self)

    monkeypatch.setattr(Storing, "store", watched)
    city.take(checks(), table(tmp_path / "t.csv", [*VISITS, row("V11", "2024-03-09", "Mice")]))
    known = read_known(city.store, ("collapse_blanks", "upper_case"))
    mine = learnt[0]._known
    assert mine.units == known.units
    assert mine.latest == known.latest
    assert {unit: cases for unit, cases in mine.open_cases.items() if cases} == known.open_cases
