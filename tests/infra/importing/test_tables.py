"""Files are read row by row: a bad line costs itself, a bad file is refused whole."""

import gzip
import json
import tracemalloc
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import Workbook

from domain.errors import Refused
from infra.importing.delimited import DelimitedTable
from infra.importing.files import table as table_of
from infra.importing.tables import BadRow, Row, Table
from infra.importing.workbooks import WorkbookTable
from tests.support.importing import checks

GIGABYTE = 1 << 30


def delimited(path: Path, content: bytes, encoding: str = "utf-8") -> DelimitedTable:
    path.write_bytes(content)
    return DelimitedTable(path, ",", encoding)


def rows(table: Table, *names: str) -> list[tuple[int, list[object]] | tuple[int, str]]:
    """Each row with its number; a bad one with its code."""
    return [
        (row.number, row.code) if isinstance(row, BadRow) else (row.number, list(row.cells))
        for row in table.rows(names or table.heading())
    ]


def refusal(read: Callable[[], object]) -> Refused:
    with pytest.raises(Refused) as refused:
        read()
    assert "\n" not in refused.value.message
    return refused.value


def test_rows_carry_the_line_they_begin_on(tmp_path: Path) -> None:
    table = delimited(tmp_path / "t.csv", b'\xef\xbb\xbfa,b\r\n1,"x\ny"\n\n , \n,,\n3,z\n')
    assert table.heading() == ["a", "b"]
    assert rows(table) == [(2, ["1", "x\ny"]), (7, ["3", "z"])]  # blank rows are none


def test_columns_are_taken_by_name_and_a_missing_one_is_empty(tmp_path: Path) -> None:
    table = delimited(tmp_path / "t.csv", b"a,b,c\n1,2,3\n")
    assert rows(table, "c", "x", "a") == [(2, ["3", "", "1"])]


def test_an_open_quotation_mark_costs_one_line_and_not_the_rest(tmp_path: Path) -> None:
    many = b"".join(b"%d,ok\n" % n for n in range(3, 50))
    table = delimited(tmp_path / "t.csv", b'a,b\n2,"open\n' + many)
    found = rows(table)
    assert found[0] == (2, "import.csv")
    assert found[1:] == [(n, [str(n), "ok"]) for n in range(3, 50)]


def test_two_open_quotation_marks_do_not_swallow_what_is_between(tmp_path: Path) -> None:
    table = delimited(tmp_path / "t.csv", b'a,b\n2,"open\n3,ok\n4,"open\n5,ok\n')
    assert rows(table) == [
        (2, "import.csv"), (3, ["3", "ok"]), (4, "import.csv"), (5, ["5", "ok"]),
    ]  # fmt: skip


def test_a_gigabyte_in_one_line_is_one_bad_row_and_needs_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "t.csv.gz"
    block = b"x" * (GIGABYTE >> 5)
    parts = [b"a,b\n1,", *[block] * 32, b"\n3,ok\n"]  # gzip files may be written one after another
    members = {part: gzip.compress(part, compresslevel=1) for part in parts}
    path.write_bytes(b"".join(members[part] for part in parts))
    table = DelimitedTable(path, ",", "utf-8")
    tracemalloc.start()
    found = list(table.rows(["a", "b"]))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found[1] == Row(3, ("3", "ok"))
    assert isinstance(found[0], BadRow)
    assert (found[0].number, found[0].code) == (2, "import.line_too_long")
    assert "it begins '1,xxxx" in found[0].reason
    assert peak < 16 << 20


def test_a_line_too_long_inside_a_quotation_costs_two_rows(tmp_path: Path) -> None:
    table = delimited(tmp_path / "t.csv", b'a,b\n1,"open\n' + b"x" * (2 << 20) + b"\n4,ok\n")
    assert rows(table) == [(2, "import.csv"), (3, "import.line_too_long"), (4, ["4", "ok"])]


def test_a_torn_gzip_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.csv.gz"
    whole = gzip.compress(b"a,b\n" + b"1,2\n" * 100_000)
    for damaged in (whole[:-40], whole[:50] + b"\0\1\2\3" * 9 + whole[86:], b"a,b\n1,2\n"):
        path.write_bytes(damaged)
        refused = refusal(lambda: list(DelimitedTable(path, ",", "utf-8").rows(["a"])))
        assert refused.code == "import.corrupt"
        assert "t.csv.gz is not a whole gzip file" in refused.message


def test_a_wrong_encoding_is_refused_naming_the_byte(tmp_path: Path) -> None:
    table = delimited(tmp_path / "t.csv", b"a,b\n1,ok\n2,caf\xe9\n")
    refused = refusal(lambda: rows(table))
    assert refused.code == "import.encoding"
    assert "line 3 has the byte 0xe9 at byte 14 of the file" in refused.message


def test_the_encoding_of_the_mapping_is_used(tmp_path: Path) -> None:
    table = delimited(tmp_path / "t.csv", "序号,问题\n1,暴露垃圾\n".encode("gb18030"), "gb18030")
    assert rows(table, "问题") == [(2, ["暴露垃圾"])]


def test_utf_16_and_hidden_gzip_are_named_for_what_they_are(tmp_path: Path) -> None:
    wide = delimited(tmp_path / "t.csv", "a,b".encode("utf-16"))
    assert "UTF-16" in refusal(wide.heading).message
    compressed = delimited(tmp_path / "u.csv", gzip.compress(b"a,b"))
    assert "rename it to u.csv.gz" in refusal(compressed.heading).message


def test_missing_columns_are_all_named_with_what_is_near(tmp_path: Path) -> None:
    table = delimited(tmp_path / "t.csv", b"Inspection Id,Sevrity,x,x\n")
    refused = refusal(lambda: table.check(["Inspection ID", "Severity", "Action"], []))
    assert refused.code == "import.columns"
    for part in ("'Inspection ID' (it has 'Inspection Id')", "'Sevrity'", "'Action'"):
        assert part in refused.message
    assert refusal(lambda: table.check(["x"], [])).message == "t.csv has the column 'x' twice"


@pytest.mark.parametrize("name", ["t.csv", "t.jsonl"])
def test_an_empty_file_is_told(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"\n\n")
    assert refusal(table_of(tmp_path / name, checks()).heading).code == "import.empty"


@pytest.mark.parametrize("name", ["t.pdf", "t", "t.xlsx.gz", "t.gz"])
def test_only_tables_are_imported(tmp_path: Path, name: str) -> None:
    assert refusal(lambda: table_of(tmp_path / name, checks())).code == "import.kind"


@pytest.mark.parametrize("name", ["t.csv", "t.csv.gz", "t.jsonl", "t.xlsx"])
def test_a_file_that_is_not_there_is_told(tmp_path: Path, name: str) -> None:
    assert refusal(table_of(tmp_path / name, checks()).heading).code == "import.no_file"


def test_json_lines_keep_numbers_as_they_are_written(tmp_path: Path) -> None:
    too_long = json.dumps({"a": "x" * (2 << 20)})
    lines = [
        '{"a": 0.10, "b": 12345678901234567890, "c": null, "d": [1]}', "", '{"e": true}',
        '"text"', '{"a": NaN', "[" * 10_000, too_long, '{"a": "ok"}',
    ]  # fmt: skip
    path = tmp_path / "t.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    table = table_of(path, checks())
    assert table.heading() == ["a", "b", "c", "d", "e"]
    assert rows(table, "a", "b", "c", "d", "e") == [
        (1, ["0.10", "12345678901234567890", "", '["1"]', ""]),
        (3, ["", "", "", "", "true"]),
        (4, "import.json"), (5, "import.json"), (6, "import.json"),
        (7, "import.line_too_long"), (8, ["ok", "", "", "", ""]),
    ]  # fmt: skip


def workbook(path: Path) -> Path:
    book = Workbook()
    assert book.active is not None
    book.active.title = "notes"
    sheet = book.create_sheet("records")
    sheet.append(["day", "n", "text"])
    sheet.append([datetime(2012, 4, 12), 3.0, None])  # noqa: DTZ001
    sheet.append([None, None, None])
    sheet.append([None, 2.5, "x", "too many"])
    book.save(path)
    return path


def test_a_workbook_is_read_from_the_sheet_that_is_named(tmp_path: Path) -> None:
    path = workbook(tmp_path / "t.xlsx")
    table = WorkbookTable(path, "records")
    assert rows(table) == [(2, [datetime(2012, 4, 12), "3", ""]), (4, "import.width")]  # noqa: DTZ001
    assert refusal(WorkbookTable(path, "record").heading).code == "import.sheet"


def test_a_torn_workbook_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "t.xlsx")
    for damaged in (path.read_bytes()[:-200], b"a,b\n1,2\n", json.dumps({}).encode()):
        path.write_bytes(damaged)
        assert refusal(WorkbookTable(path, "").heading).code == "import.corrupt"
