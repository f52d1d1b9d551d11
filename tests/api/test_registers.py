"""Lists of units, visits, penalties and policies; answers that are not sent twice."""

import csv
import hashlib
import io

import pytest

from api.exporting import cell
from infra.bundled import preset
from tests.api.caller import Caller, problem


@pytest.fixture(scope="module", autouse=True)
def _visits(api: Caller) -> None:
    for number in range(7):
        api.done(
            "/inspections",
            {
                "inspection_id": f"v{number}",
                "unit": "sweepers" if number % 2 else "hill",
                "source": "covert_check",
                "result": "conditional_pass" if number == 3 else "pass",
                "occurred_at": f"2026-03-0{1 + number // 2}T01:00:00Z",
            },
        )
    for number in range(3):
        fine = {"penalty_id": f"p{number}", "kind": "ticket", "currency": "CNY"}
        api.done("/penalties", {**fine, "unit": "sweepers", "inspection_id": "v3"})


def test_units_are_listed_by_name_and_found_by_words(api: Caller) -> None:
    names = [unit["name"] for unit in api.json("/units")["items"]]
    assert names == sorted(names)
    assert len(names) == 8
    streets = api.json("/units", kind="street")["items"]
    assert {unit["unit_id"] for unit in streets} == {"lake", "hill"}
    assert [u["unit_id"] for u in api.json("/units", q="洁净")["items"]] == ["sweepers"]
    under = api.json("/units", parent="works")["items"]
    assert [unit["unit_id"] for unit in under] == ["sweepers"]


@pytest.mark.parametrize("path", ["/units", "/inspections", "/penalties"])
def test_pages_give_every_row_once(api: Caller, path: str) -> None:
    whole = api.json(path, limit=500)["items"]
    seen, cursor = [], None
    while True:
        page = api.json(path, limit=2, **({"cursor": cursor} if cursor else {}))
        seen += page["items"]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == whole
    assert len(whole) >= 3


@pytest.mark.parametrize("path", ["/units", "/inspections", "/penalties"])
def test_a_table_has_the_whole_list(api: Caller, path: str) -> None:
    answer = api.get(path, format="csv", limit=1)
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    items = api.json(path, limit=500)["items"]
    assert rows[0] == list(items[0])
    assert [row[0] for row in rows[1:]] == [next(iter(item.values())) for item in items]


def test_visits_are_filtered(api: Caller) -> None:
    def found(**wanted: str) -> list[str]:
        return [row["inspection_id"] for row in api.json("/inspections", **wanted)["items"]]

    assert found(unit="east") == ["v5", "v3", "v1"]
    assert found(colour="yellow") == found(result="conditional_pass") == ["v3"]
    span = {"from": "2026-03-02T00:00:00Z", "to": "2026-03-03T00:00:00Z"}
    assert found(**span) == ["v3", "v2"]
    visit = api.json("/inspections/v3")
    assert [penalty["penalty_id"] for penalty in visit["penalties"]] == ["p2", "p1", "p0"]
    assert visit["unit"]["name"] == "洁净公司"


def test_a_policy_is_readable_to_the_letter(api: Caller) -> None:
    (version,) = api.json("/policies")
    text = api.json(f"/policies/{version['digest']}")
    assert text["body"] == preset("default")
    assert hashlib.sha256(text["body"].encode()).hexdigest() == version["digest"]
    assert problem(api.get(f"/policies/{'0' * 64}"))["code"] == "policy.unknown"


def test_every_column_of_every_public_table_is_explained(api: Caller) -> None:
    columns = api.json("/tables")
    assert {column["table"] for column in columns} >= {"cases", "scores", "rankings", "deadlines"}
    assert all(column["meaning"] for column in columns)


@pytest.mark.parametrize("path", ["/units", "/inspections", "/policies", "/rankings", "/penalties"])
def test_what_a_reader_holds_is_not_sent_again_until_something_happens(
    api: Caller, path: str
) -> None:
    first = api.get(path)
    held = {"If-None-Match": first.headers["ETag"]}
    again = api.get(path, headers=held)
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    api.done("/units/hill/change", {"address": f"after {path}"})
    assert api.get(path, headers=held).status_code == 200


def test_a_case_whose_colour_changes_by_itself_is_always_sent(api: Caller) -> None:
    report = {"source": "patrol", "category": "litter", "text": "x"}
    api.done("/cases", {"case_id": "E1", **report})
    held = {"If-None-Match": api.get("/cases/E1").headers["ETag"]}
    assert api.get("/cases/E1", headers=held).status_code == 304
    api.done("/cases/E1/file", {"standard": "4.1"})
    limit = {"amount": 1, "clock": "natural_days"}
    api.done("/cases/E1/dispatch", {"unit": "lake", "limit": limit})
    held = {"If-None-Match": api.get("/cases/E1").headers["ETag"]}
    assert api.get("/cases/E1", headers=held).status_code == 200


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("=1+1", "'=1+1"), ("+86", "'+86"), ("-x", "'-x"), ("@SUM(A1)", "'@SUM(A1)"),
        (" =1", "' =1"), ("\t=1", "'\t=1"), ("plain", "plain"), (-5, -5), (None, ""),
        (True, "true"), (("a", "b"), "a b"), (["=a"], "'=a"),
    ],
)  # fmt: skip
def test_no_cell_of_a_table_is_a_formula(value: object, written: object) -> None:
    assert cell(value) == written


def test_static_files_named_by_content_are_kept_for_ever(api: Caller) -> None:
    path = "/static/vendor/htmx-2.0.11.min.js"
    assert "immutable" in api.client.get(path, params={"v": "abc"}).headers["Cache-Control"]
    assert api.client.get(path).headers["Cache-Control"] == "no-cache"
