"""Whatever is accepted can be shown: no command may leave the boards standing still."""

from typing import Any

import pytest

from infra.bundled import preset
from infra.runtime import Runtime
from tests.api.caller import Caller

VISIT = {"unit": "lake", "source": "expert", "result": "scored"}
REPORT = {"source": "patrol", "category": "x", "text": "x"}
FINE = {"unit": "lake", "kind": "ticket", "currency": "CNY"}
LINE = {"item": "a", "points": "1", "out_of": "1"}
MOST = {"item": "a", "points": "999999", "out_of": "999999"}


def policy(old: str, new: str) -> dict[str, str]:
    return {"body": preset("default").replace("id: default", "id: other", 1).replace(old, new, 1)}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        *[("/inspections", {**VISIT, "score": score})
          for score in ("1e400", "1e20", "999999.9999", "-999999.9999", "0.00001", "1e999999")],
        ("/inspections", {**VISIT, "sheet": [{**LINE, "points": "1e30", "out_of": "1e31"}]}),
        ("/inspections", {**VISIT, "sheet": [MOST, MOST]}),
        ("/inspections", {**VISIT, "sheet": [{**LINE, "points": "0.123456789"}]}),
        ("/inspections", {**VISIT, "sheet": [{**LINE, "points": "1e-300"}]}),
        ("/penalties", {**FINE, "amount": "9999999999999999.99"}),
        ("/penalties", {**FINE, "amount": "1e16"}),
        ("/cases", {**REPORT, "place": {"latitude": 1e308, "longitude": -1e308}}),
        ("/cases", {**REPORT, "category": "x\x00", "text": "\x00\x1f\x7f"}),
        ("/cases", {**REPORT, "text": "🧹" * 4000, "occurred_at": "1970-01-04T00:00:00Z"}),
        ("/cases", {**REPORT, "text": "x", "occurred_at": "1970-01-01T00:00:00+14:00"}),
        ("/units", {"unit_id": "x" * 100, "code": "x", "name": "网格" * 150, "kind": "grid",
                    "parent": "lake", "latitude": 90, "longitude": -180}),
        ("/policies", policy("effective_from: 2000-01-01", "effective_from: 0001-01-01")),
        ("/policies", policy("effective_from: 2000-01-01", "effective_from: 9999-12-31")),
        ("/policies", policy("effective_from: 2000-01-01", "effective_from: 1971-01-01")),
    ],
)  # fmt: skip
def test_an_extreme_is_refused_or_shown(
    api: Caller, runtime: Runtime, path: str, body: dict[str, Any]
) -> None:
    answer = api.post(path, body)
    assert answer.status_code in (201, 400, 422), answer.text
    reached = runtime.follower.wait_for(runtime.store.last_position(), 10)
    assert reached, runtime.follower.health()


@pytest.mark.parametrize("amount", [0.1, 3660, 87840, 1e300])
@pytest.mark.parametrize("clock", ["urgent_hours", "working_hours", "working_days", "natural_days"])
def test_a_limit_of_any_length_is_refused_or_kept(
    api: Caller, runtime: Runtime, clock: str, amount: float
) -> None:
    then = {"occurred_at": "2026-03-02T01:00:00Z"}
    case = api.done("/cases", {**REPORT, **then})["id"]
    api.done(f"/cases/{case}/file", {"standard": "4.1", **then})
    body = {"unit": "lake", "limit": {"amount": amount, "clock": clock}, **then}
    answer = api.post(f"/cases/{case}/dispatch", body)
    assert answer.status_code in (200, 400), answer.text
    reached = runtime.follower.wait_for(runtime.store.last_position(), 10)
    assert reached, runtime.follower.health()
