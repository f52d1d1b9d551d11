"""The list of cases: filters, orders, pages that stay in place, tables for spreadsheets."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest

from infra.runtime import Runtime
from projections.cases import CaseRow
from projections.lights import light
from projections.statements import query
from tests.api.caller import Caller

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def cases(api: Caller) -> list[str]:
    """Twelve cases, an hour apart: the even ones dispatched, every third one closed."""
    for number in range(12):
        at = START + timedelta(hours=number)
        case = f"L{number:02}"
        text = "=垃圾 Overflow" if number % 2 else "井盖缺失"
        category = "manhole" if number % 2 == 0 else "litter"
        api.done(
            "/cases",
            {
                "case_id": case, "source": "hotline" if number < 6 else "patrol",
                "category": category, "text": text, "severity": "major",
                "place": {"grid": "lake-1"} if number < 8 else {"district": "west"},
                "occurred_at": at.isoformat(),
            },
        )  # fmt: skip
        if number % 2 == 0:
            lifecycle(api, case, at, closed=number % 3 == 0)
    return [f"L{number:02}" for number in range(12)]


def lifecycle(api: Caller, case: str, at: datetime, closed: bool) -> None:
    def step(verb: str, minutes: int, body: dict[str, object], actor: str = "officer") -> None:
        occurred_at = (at + timedelta(minutes=minutes)).isoformat()
        api.done(f"/cases/{case}/{verb}", {**body, "occurred_at": occurred_at}, actor=actor)

    limit = {"amount": 1, "clock": "urgent_hours"}
    step("file", 1, {"standard": "4.1"})
    step("dispatch", 2, {"unit": "sweepers" if case < "L06" else "hill", "limit": limit})
    if closed:
        step("rectify", 3, {"note": "done"}, actor="unit")
        step("verify", 4, {})
        step("close", 5, {"on_the_spot": case == "L00"})


def ids(api: Caller, **wanted: object) -> list[str]:
    return [row["case_id"] for row in api.json("/cases", limit=500, **wanted)["items"]]


@pytest.mark.usefixtures("cases")
@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"status": "closed"}, {"L00", "L06"}),
        ({"status": ["closed", "dispatched"]}, {"L00", "L02", "L04", "L06", "L08", "L10"}),
        ({"light": "red"}, {"L02", "L04", "L08", "L10"}),
        ({"light": "green"}, {"L00", "L06"}),
        ({"source": "patrol", "category": "litter"}, {"L07", "L09", "L11"}),
        ({"unit": "sweepers"}, {"L00", "L02", "L04"}),
        ({"unit": "lake"}, {"L00", "L02", "L04"}),
        ({"unit": "works"}, {"L00", "L02", "L04"}),
        ({"unit": "west"}, {"L06", "L08", "L10"}),
        ({"district": "west"}, {"L06", "L08", "L09", "L10", "L11"}),
        ({"grid": "lake-1", "category": "litter"}, {"L01", "L03", "L05", "L07"}),
        ({"q": "OVERFLOW", "source": "hotline"}, {"L01", "L03", "L05"}),
        ({"q": "井盖", "status": "closed"}, {"L00", "L06"}),
        ({"q": "L05"}, {"L05"}),
        ({"opened_from": "2026-03-02T12:00:00+08:00"}, {"L03", "L04", "L05", "L06", "L07", "L08",
         "L09", "L10", "L11"}),
        ({"opened_to": "2026-03-02T02:00:00Z"}, {"L00"}),
        ({"due_from": "2026-03-02T11:00:00Z", "due_to": "2026-03-02T13:00:00Z"}, {"L10"}),
        ({"closed_from": "2026-03-02T06:00:00Z", "closed_to": "2026-03-03T00:00:00Z"}, {"L06"}),
        ({"on_the_spot": "true"}, {"L00"}),
        ({"overdue": "true"}, {"L02", "L04", "L08", "L10"}),
        ({"severity": "minor"}, set()),
    ],
)  # fmt: skip
def test_a_filter_leaves_exactly_what_it_names(
    api: Caller, wanted: dict[str, object], expected: set[str]
) -> None:
    assert set(ids(api, **wanted)) == expected
    counted = api.json("/cases/counts", **wanted)
    assert counted["total"] == len(expected)
    assert sum(counted["by_status"].values()) == sum(counted["by_light"].values()) == len(expected)


def test_the_list_and_its_counts_ask_the_same() -> None:
    page, counts = query("case_list.page"), query("case_list.counts")
    assert condition(page) == condition(counts)


def condition(sql: str) -> str:
    return (
        sql.partition("    FROM cases\n")[2].partition("\n)")[0]
        or sql.partition("FROM cases\n")[2].partition("\n)")[0]
    )


def test_orders_put_what_has_no_such_time_at_the_end(api: Caller, cases: list[str]) -> None:
    assert ids(api, sort="opened", order="asc") == cases
    assert ids(api, sort="opened", order="desc") == cases[::-1]
    due = ["L00", "L02", "L04", "L06", "L08", "L10"]
    rest = [case for case in cases if case not in due]
    assert ids(api, sort="due", order="asc") == due + rest
    assert ids(api, sort="due", order="desc") == due[::-1] + rest
    assert ids(api, sort="closed", order="desc")[:2] == ["L06", "L00"]


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("sort", ["opened", "due", "closed", "changed", "reworks"])
def test_pages_give_every_case_once(api: Caller, cases: list[str], sort: str, order: str) -> None:
    seen: list[str] = []
    page = api.json("/cases", sort=sort, order=order, limit=5)
    while True:
        seen += [row["case_id"] for row in page["items"]]
        if page["next"] is None:
            break
        page = api.json("/cases", sort=sort, order=order, limit=5, cursor=page["next"])
    assert seen == ids(api, sort=sort, order=order)
    assert sorted(seen) == cases


def test_pages_stay_in_place_while_new_cases_come_in(api: Caller, cases: list[str]) -> None:
    first = api.get("/cases", limit=4)
    report = {"source": "patrol", "category": "new", "text": "new"}
    api.done("/cases", {"case_id": "newest", **report})
    api.done("/cases", {"case_id": "older", **report, "occurred_at": "2026-03-02T00:00:00Z"})
    following = first.headers["Link"].split(">")[0].removeprefix("<")
    second = api.client.get(following).json()
    assert [row["case_id"] for row in first.json()["items"]] == cases[-1:-5:-1]
    assert [row["case_id"] for row in second["items"]] == cases[-5:-9:-1]
    for case in ("newest", "older"):
        api.done(f"/cases/{case}/void", {"reason": "only for this test"})


def test_a_cursor_of_another_list_is_refused(api: Caller) -> None:
    for cursor in ("nonsense", "W10", "e30", "WyJhIiwiYiJd"):
        answer = api.get("/cases", cursor=cursor)
        assert (answer.status_code, answer.json()["code"]) == (400, "cursor.invalid")


def test_a_table_for_spreadsheets_has_all_cases_and_no_formulas(
    api: Caller, cases: list[str]
) -> None:
    answer = api.get("/cases", format="csv", category="litter", limit=1)
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="cases.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert {row["case_id"] for row in rows} == set(cases[1::2])
    assert {row["text"] for row in rows} == {"'=垃圾 Overflow"}
    assert {row["on_the_spot"] for row in rows} == {"false"}


def test_words_are_taken_as_they_are(api: Caller) -> None:
    for words in ("100%", "a'b", "a\\b", "a\tb", "{x:String}", "\x00", "😀", "') OR 1=1 --"):
        assert ids(api, q=words) == []


@pytest.mark.usefixtures("cases")
def test_the_light_of_one_case_is_the_light_in_the_list(api: Caller, runtime: Runtime) -> None:
    listed = {row["case_id"]: row["light"] for row in api.json("/cases", limit=500)["items"]}
    for case_id, colour in listed.items():
        assert api.json(f"/cases/{case_id}")["light"] == colour
    now = runtime.services.clock.now()
    fields = CaseRow.__struct_fields__
    with runtime.engine.client() as client:
        rows = list(client.query("SELECT * FROM cases").named_results())
    for row in rows:
        assert light(CaseRow(**{name: row[name] for name in fields}), now) == row["light"]


@pytest.mark.usefixtures("cases")
def test_the_filters_offer_what_there_is(api: Caller) -> None:
    offered = api.json("/cases/choices")
    assert {"value": "manhole", "cases": 6} in offered["category"]
    assert {choice["value"] for choice in offered["source"]} == {"hotline", "patrol"}
