"""The life of a ranking over HTTP: composed by the server, approved, published, corrected."""

from typing import Any

import pytest

from domain.rankings.commands import ranking_key
from infra.runtime import Runtime
from infra.verifying import altered_rankings
from tests.api.caller import Caller

LIMIT = {"amount": 2, "clock": "natural_days"}
FEBRUARY = {"board": "default", "period": "2026-02", "peer_group": "street"}
ID = ranking_key("default", "2026-02", "street")


def dispatched(api: Caller, case: str, unit: str, severity: str, day: str) -> int:
    at = {"occurred_at": f"{day}T01:00:00Z"}
    report = {"source": "patrol", "category": "litter", "text": "x", "severity": severity}
    api.done("/cases", {"case_id": case, **report, **at})
    api.done(f"/cases/{case}/file", {"standard": "4.1", **at})
    done = api.done(f"/cases/{case}/dispatch", {"unit": unit, "limit": LIMIT, **at})
    return int(done["position"])


@pytest.fixture(scope="module")
def february(api: Caller) -> int:
    dispatched(api, "B0", "lake", "minor", "2026-02-10")
    return dispatched(api, "B1", "hill", "major", "2026-02-11")


def checksum(runtime: Runtime) -> str:
    return str(runtime.desk.state(f"ranking-{ID}")[1].draft.checksum)


def approve(api: Caller, runtime: Runtime, **how: Any) -> Any:
    return api.done(f"/rankings/{ID}/approve", {"checksum": checksum(runtime)}, **how)


def printed(api: Caller, **query: Any) -> list[tuple[int, str, int, str]]:
    rows = api.json("/rankings/published", period="2026-02", **query)
    return [(r["correction"], r["unit"], r["place"], r["points"]) for r in rows]


FIRST = [(0, "lake", 1, "99.0000"), (0, "hill", 2, "96.0000")]


@pytest.fixture(scope="module")
def published(api: Caller, runtime: Runtime, february: int) -> int:
    """Published by two people; answers the position of the publication."""
    api.done("/rankings", FEBRUARY, actor="clerk")
    approve(api, runtime, actor="chief")
    return int(api.done(f"/rankings/{ID}/publish", actor="clerk")["position"])


def test_what_the_server_computes_is_not_for_the_sender_to_say(api: Caller, february: int) -> None:
    for found in ({"rows": []}, {"computed_at": 1}, {"policies": ["a" * 64]}):
        assert api.refused("/rankings", FEBRUARY | found)["code"] == "request.invalid"


def test_a_ranking_is_composed_up_to_now_and_repeated_under_its_key(
    api: Caller, runtime: Runtime, february: int
) -> None:
    company = FEBRUARY | {"peer_group": "company", "period": "2026-W07"}
    dispatched(api, "B2", "sweepers", "minor", "2026-02-12")
    last = runtime.store.last_position()
    first = api.post("/rankings", company, key="compose-once", actor="clerk")
    assert first.status_code == 201
    assert first.json()["id"] == "default:2026-W07:company"
    told = api.client.get(first.headers["Location"]).json()
    assert (told["draft"]["step"], told["draft"]["computed_at"]) == ("composed", last)
    (draft,) = runtime.store.load("ranking-default:2026-W07:company")
    assert draft.event.computed_at == last  # type: ignore[attr-defined]
    dispatched(api, "B3", "sweepers", "major", "2026-02-12")
    again = api.post("/rankings", company, key="compose-once", actor="clerk")
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json()["position"] == first.json()["position"]
    assert len(runtime.store.load("ranking-default:2026-W07:company")) == 1


def test_it_takes_two_people_and_the_draft_that_was_read(
    api: Caller, runtime: Runtime, february: int
) -> None:
    week = FEBRUARY | {"period": "2026-W07"}
    path = f"/rankings/{ranking_key('default', '2026-W07', 'street')}"
    assert api.refused(f"{path}/publish")["code"] == "ranking.unknown"
    api.done("/rankings", week, actor="clerk")
    drafted = runtime.desk.state(f"ranking-{path.rpartition('/')[2]}")[1].draft
    assert [(row.unit, str(row.points)) for row in drafted.rows] == [
        ("lake", "99.00"), ("hill", "96.00"),
    ]  # fmt: skip
    said = {"checksum": drafted.checksum}
    assert api.refused(f"{path}/publish")["code"] == "ranking.not_approved"
    assert api.refused(f"{path}/approve", said, actor="clerk")["code"] == "ranking.same_person"
    other = {"checksum": "c" * 64}
    assert api.refused(f"{path}/approve", other, actor="chief")["code"] == "ranking.draft_changed"
    machine = api.refused(f"{path}/approve", said, actor="system:reactions")
    assert machine["code"] in ("ranking.system_actor", "actor.reserved")
    assert api.done(f"{path}/approve", said, actor="chief")["events"] == ["ranking.approved"]
    assert api.done(f"{path}/publish", actor="chief")["events"] == ["ranking.published"]


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ({"period": "2199-01"}, "ranking.period_not_begun"),
        ({"board": "nobody"}, "ranking.board_unknown"),
        ({"period": "1999-12"}, "ranking.board_unknown"),
        ({"peer_group": "palace"}, "ranking.nobody_ranked"),
        ({"period": "2026-99"}, "period.unreadable"),
    ],
)
def test_what_cannot_be_ranked_is_refused(api: Caller, wish: dict[str, str], code: str) -> None:
    assert api.refused("/rankings", FEBRUARY | wish)["code"] == code


def test_a_running_period_is_not_composed(api: Caller, runtime: Runtime) -> None:
    now = runtime.services.clock.now()
    found = api.refused("/rankings", FEBRUARY | {"period": f"{now.year}"})
    assert found["code"] == "ranking.period_open"
    assert f"runs until {now.year + 1}-01-01" in found["detail"]


def test_a_late_record_never_repaints_it_and_its_correction_stands_beside_it(
    api: Caller, runtime: Runtime, published: int
) -> None:
    assert printed(api) == FIRST
    stored = runtime.store.read(published - 1, 1)
    body = {"actor": "clerk"}
    assert api.refused("/rankings", FEBRUARY, **body)["code"] == "ranking.nothing_to_correct"
    dispatched(api, "B9", "lake", "major", "2026-02-20")  # happened then, recorded now
    live = api.json("/rankings", period="2026-02", peer_group="street")
    assert [(row["unit"], row["points"]) for row in live["rows"]] == [
        ("hill", "96.00"), ("lake", "95.00"),
    ]  # fmt: skip
    assert printed(api) == FIRST
    api.done("/rankings", FEBRUARY, actor="clerk")
    approve(api, runtime, actor="chief")
    assert api.refused(f"/rankings/{ID}/publish")["code"] == "ranking.reason_missing"
    before = stored[0].recorded_at.isoformat()
    corrected = {"reason": "a case was recorded late"}
    done = api.done(f"/rankings/{ID}/publish", corrected, actor="clerk")
    assert done["events"] == ["ranking.corrected"]
    assert printed(api) == [*FIRST, (1, "hill", 1, "96.0000"), (1, "lake", 2, "95.0000")]
    assert printed(api, as_of=before) == FIRST
    told = api.json(f"/rankings/{ID}")
    assert [each["step"] for each in told["published"]] == ["published", "corrected"]
    original, correction = told["published"]
    assert correction["corrects"] == original["checksum"]
    assert correction["reason"] == "a case was recorded late"
    assert api.json(f"/rankings/{ID}", as_of=before)["published"] == [original]
    assert runtime.store.read(published - 1, 1) == stored
    assert altered_rankings(runtime.store.load_kind("ranking")) == []
    (bulletin,) = [
        row
        for row in runtime.services.reader.rows("bulletins.list", {"period": "2026-02"})
        if row["ranking_id"] == ID
    ]
    assert (bulletin["status"], bulletin["corrections"], bulletin["draft_checksum"]) == (
        "published", 1, "",
    )  # fmt: skip


def test_the_board_as_of_its_position_is_what_was_published(
    api: Caller, runtime: Runtime, published: int
) -> None:
    """Whenever it is asked: byte for byte."""
    (event,) = runtime.store.read(published - 1, 1)
    then = {"up_to": event.event.computed_at}  # type: ignore[attr-defined]
    asked = {"period": "2026-02", "peer_group": "street", **then}
    before = api.get("/rankings", **asked).content
    rows = api.json("/rankings", **asked)["rows"]
    frozen = event.event.rows  # type: ignore[attr-defined]
    assert [(r["unit"], r["place"], r["points"]) for r in rows] == [
        (r.unit, r.place, str(r.points)) for r in frozen
    ]
    dispatched(api, "B10", "hill", "major", "2026-02-21")
    assert api.get("/rankings", **asked).content == before


def test_a_withdrawn_ranking_stays_on_record(api: Caller, published: int) -> None:
    before = printed(api)
    reason = {"reason": "the wrong document"}
    assert api.done(f"/rankings/{ID}/withdraw", reason, actor="chief")["events"] == [
        "ranking.withdrawn"
    ]
    assert api.refused(f"/rankings/{ID}/withdraw", reason)["code"] == "ranking.withdrawn"
    assert printed(api) == before
    assert api.json(f"/rankings/{ID}")["withdrawn"] == "the wrong document"
    steps = api.json(f"/rankings/{ID}/history")["steps"]
    assert steps[-1]["event"]["name"] == "ranking.withdrawn"
