"""Readings over HTTP: entered once for an indicator, unit and period, then corrected openly."""

from tests.api.caller import Caller

SURVEY = {"indicator": "satisfaction", "unit": "lake", "period": "2026-Q1"}


def test_a_survey_is_entered_once_and_corrected(api: Caller) -> None:
    rate = SURVEY | {"numerator": 870, "denominator": 1000, "source": "市统计局"}
    done = api.done("/readings", rate)
    assert done["events"] == ["reading.recorded"]
    again = api.refused("/readings", SURVEY | {"value": "90"})
    assert (again["status"], again["code"]) == (409, "reading.exists")
    path = f"/readings/{done['id']}/correct"
    corrected = {"numerator": 880, "denominator": 1000, "reason": "ten forms were late"}
    assert api.done(path, corrected)["events"] == ["reading.corrected"]
    assert api.refused("/readings", rate | {"period": "2199"})["code"] == "reading.period_not_begun"


def test_a_reading_may_bring_its_own_id_and_is_found_by_it(api: Caller) -> None:
    mine = SURVEY | {"reading_id": "2026-Q2.lake", "period": "2026-Q2", "value": "91.5"}
    assert api.done("/readings", mine)["id"] == "2026-Q2.lake"
    bad = mine | {"reading_id": "two words"}
    assert api.refused("/readings", bad)["code"] == "request.invalid"


def test_a_rate_of_nothing_is_not_recorded(api: Caller) -> None:
    none = SURVEY | {"unit": "hill", "numerator": 0, "denominator": 0}
    assert api.refused("/readings", none)["code"] == "reading.not_applicable"
