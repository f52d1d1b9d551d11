"""Rankings over HTTP: summed from entries, placed, explained, as of any moment."""

from decimal import Decimal
from typing import Any

import pytest

from infra.runtime import Runtime
from tests.api.caller import Caller, problem

LIMIT = {"amount": 2, "clock": "natural_days"}


@pytest.fixture(scope="module")
def scored(api: Caller) -> list[int]:
    """Cases of two months on three units; answers the positions of the log after each."""
    for number, (unit, severity, day) in enumerate(
        [
            ("lake", "minor", "2026-02-10"),
            ("hill", "major", "2026-02-11"),
            ("lake", "major", "2026-03-02"),
            ("lake", "minor", "2026-03-03"),
            ("hill", "minor", "2026-03-04"),
            ("sweepers", "minor", "2026-03-31"),
        ]
    ):
        case, at = f"R{number}", {"occurred_at": f"{day}T01:00:00Z"}
        report = {"source": "patrol", "category": "litter", "text": "x", "severity": severity}
        api.done("/cases", {"case_id": case, **report, **at})
        api.done(f"/cases/{case}/file", {"standard": "4.1", **at})
        api.done(f"/cases/{case}/dispatch", {"unit": unit, "limit": LIMIT, **at})
    events = api.json("/events", limit=1000)["items"]
    return [event["position"] for event in events if event["name"] != "access.recorded"]


def table(ranking: Any) -> list[tuple[str, int, str]]:
    return [(row["unit"], row["place"], row["points"]) for row in ranking["rows"]]


@pytest.mark.usefixtures("scored")
def test_units_are_ranked_among_their_peers(api: Caller) -> None:
    march = api.json("/rankings", period="2026-03", peer_group="street")
    assert table(march) == [("hill", 1, "99.00"), ("lake", 2, "95.00")]
    assert [row["previous_place"] for row in march["rows"]] == [2, 1]
    assert march["policy"].startswith("default@1#")


@pytest.mark.usefixtures("scored")
def test_every_place_is_explained_by_its_entries(api: Caller) -> None:
    march = api.json("/rankings", period="2026-03")
    assert {row["peer_group"] for row in march["rows"]} == {"street", "company"}
    for row in march["rows"]:
        entries = api.json("/rankings/entries", unit=row["unit"], period="2026-03")["items"]
        assert sum(Decimal(entry["points"]) for entry in entries) == Decimal(row["balance"])
        assert Decimal(row["points"]) == 100 + Decimal(row["balance"])
        assert len(entries) == row["entries"]
        for entry in entries:
            (event,) = api.json("/events", after=entry["position"] - 1, limit=1)["items"]
            assert (event["name"], event["stream"]) == (entry["event"], f"case-{entry['case_id']}")
            assert entry["reason"]


@pytest.mark.usefixtures("scored")
@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("district", [("west", 1, "99.00"), ("east", 2, "94.00")]),
        ("street", [("hill", 1, "99.00"), ("lake", 2, "94.00")]),
        ("department", [("works", 1, "99.00")]),
        ("company", [("sweepers", 1, "99.00")]),
        ("grid", []),
    ],
)
def test_nodes_of_a_kind_have_what_hangs_under_them(
    api: Caller, by: str, expected: list[tuple[str, int, str]]
) -> None:
    ranking = api.json("/rankings", period="2026-03", by=by)
    assert table(ranking) == expected
    for row in ranking["rows"]:
        asked = {"unit": row["unit"], "period": "2026-03", "under": "true"}
        entries = api.json("/rankings/entries", **asked)["items"]
        assert sum(Decimal(entry["points"]) for entry in entries) == Decimal(row["balance"])


def test_a_ranking_is_shown_as_it_was_known_then(api: Caller, scored: list[int]) -> None:
    """The last case of March was not on record before it was stored."""
    events = api.json("/events", after=scored[-1] - 4, limit=10)["items"]
    before = events[0]
    for then in ({"as_of": before["recorded_at"]}, {"up_to": before["position"]}):
        companies = api.json("/rankings", period="2026-03", by="company", **then)
        assert companies["rows"] == []
    now = api.json("/rankings", period="2026-03", by="company")
    assert now["computed_at"] == scored[-1]


@pytest.mark.usefixtures("scored")
def test_weeks_and_quarters_sum_the_same_entries(api: Caller) -> None:
    week = api.json("/rankings", period="2026-W10", peer_group="street")
    assert table(week) == [("hill", 1, "99.00"), ("lake", 2, "95.00")]
    quarter = api.json("/rankings", period="2026-Q1", peer_group="street")
    assert table(quarter) == [("hill", 1, "95.00"), ("lake", 2, "94.00")]


@pytest.mark.usefixtures("scored")
@pytest.mark.parametrize("period", ["2026-02", "2026-03", "2026-W10", "2026-Q1", "2026"])
def test_the_board_is_the_public_table(api: Caller, runtime: Runtime, period: str) -> None:
    """Whoever asks with SQL gets the same ranking."""
    board = api.json("/rankings", period=period)["rows"]
    rows = runtime.services.reader.rows("rankings.of_period", {"period": period})
    public = [row for row in rows if not row["published"]]
    assert [(r["peer_group"], r["unit"], r["place"], r["points"]) for r in public] == [
        (r["peer_group"], r["unit"], r["place"], Decimal(r["points"])) for r in board
    ]


@pytest.mark.usefixtures("scored")
def test_a_unit_page_has_its_points_and_places_over_time(api: Caller) -> None:
    points = api.json("/units/lake/points", period="2026-03", count=3)
    assert [row["points"] for row in points] == ["0", "-1.0000", "-5.0000"]
    places = api.json("/units/lake/places", period="2026-03", count=3)
    assert [(row["place"], row["of"]) for row in places] == [(None, 0), (1, 2), (2, 2)]
    district = api.json("/units/east/points", period="2026-03", count=1, under="true")
    assert district[0]["points"] == "-6.0000"
    dossier = api.json("/units/lake")
    assert [node["unit_id"] for node in dossier["above"]] == ["east", "city"]
    assert dossier["cases"]["total"] == 4


@pytest.mark.usefixtures("scored")
def test_entries_are_read_page_by_page(api: Caller) -> None:
    asked = {"unit": "city", "under": "true", "period": "2026", "limit": 4}
    first = api.json("/rankings/entries", **asked)
    second = api.json("/rankings/entries", **asked, cursor=first["next"])
    positions = [entry["position"] for page in (first, second) for entry in page["items"]]
    assert positions == sorted(set(positions), reverse=True)
    assert (len(positions), second["next"]) == (6, None)


def test_a_period_nobody_judges_or_can_read_is_refused(api: Caller) -> None:
    assert problem(api.get("/rankings", period="1999"))["code"] == "policy.none_in_force"
    assert problem(api.get("/rankings", period="2026-13"))["code"] == "period.unreadable"
    asked = {"period": "2026-03", "policy": "other"}
    assert problem(api.get("/rankings", **asked))["code"] == "policy.none_in_force"
    assert problem(api.get("/rankings/default:2026-03:street"))["code"] == "ranking.unknown"
