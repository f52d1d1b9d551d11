"""Working calendars: which days are worked, what is assumed, which version rules, bad files."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

import domain
from domain.calendar import Calendar, CalendarFile, Calendars, read_calendar
from domain.cases.events import Limit
from domain.errors import Invalid

SHIPPED = Path(domain.__file__).parent / "calendars"
SHANGHAI = ZoneInfo("Asia/Shanghai")
MAY_DAY = date(2026, 5, 1)


def shipped(name: str, time_zone: str = "") -> Calendar:
    return read_calendar(yaml.safe_load((SHIPPED / f"{name}.yaml").read_text("utf-8")), time_zone)


def file(**words: object) -> Mapping[str, Any]:
    return {"version": "test", "time_zone": "Asia/Shanghai", **words}


def year(*holidays: Mapping[str, object], makeup: tuple[date, ...] = ()) -> dict[str, object]:
    return {"document": "notice", "holidays": list(holidays), "makeup_workdays": list(makeup)}


def local(*when: int) -> datetime:
    return datetime(*when, tzinfo=SHANGHAI)  # type: ignore[arg-type, misc]


def test_the_shipped_calendar_has_as_many_days_off_as_the_notices_give() -> None:
    content = yaml.safe_load((SHIPPED / "china.yaml").read_text("utf-8"))
    years = CalendarFile.model_validate(content).years
    days_off = {y: [len(h.days) for h in listed.holidays] for y, listed in years.items()}
    assert days_off == {2025: [1, 8, 3, 5, 3, 8], 2026: [3, 9, 3, 5, 3, 3, 7]}
    assert [len(listed.makeup_workdays) for listed in years.values()] == [5, 6]


@pytest.mark.parametrize(("year", "worked"), [(2025, 248), (2026, 248)])
def test_the_shipped_calendar_gives_each_year_its_legal_number_of_working_days(
    year: int, worked: int
) -> None:
    """Weekdays less the 13 legal holidays, which fall on weekdays or are moved onto them."""
    calendar = shipped("china")
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(365)]
    weekdays = sum(day.isoweekday() < 6 for day in days)
    assert weekdays - 13 == worked == sum(calendar.is_worked(day) for day in days)


def test_a_holiday_is_not_worked_and_a_make_up_saturday_is() -> None:
    calendar = shipped("china")
    assert not calendar.is_worked(date(2026, 2, 16))  # a Monday
    assert calendar.is_worked(date(2026, 2, 14))  # a Saturday
    assert not calendar.is_worked(date(2026, 2, 7))  # an ordinary Saturday
    assert calendar.is_worked(date(2026, 2, 24))


def test_a_year_without_a_list_has_plain_weekends_and_says_that_it_is_assumed() -> None:
    calendar = shipped("china")
    new_year = date(2031, 1, 1)  # a Wednesday
    assert calendar.is_worked(new_year)
    assert calendar.is_assumed(new_year)
    assert not calendar.is_assumed(date(2026, 12, 31))


def test_an_answer_that_runs_into_an_unknown_year_is_assumed_on_working_clocks_alone() -> None:
    calendars = Calendars([shipped("china")])
    start, end = local(2026, 12, 30, 9), local(2027, 1, 5, 9)
    assert calendars.assumed(start, end, "working_days")
    assert not calendars.assumed(start, end, "natural_days")
    assert not calendars.assumed(start, local(2026, 12, 31, 18), "working_hours")


def test_the_plain_calendar_takes_the_zone_of_the_city_and_is_always_assumed() -> None:
    plain = shipped("plain", "America/Toronto")
    assert plain.zone.key == "America/Toronto"
    assert Calendars([plain]).assumed(
        datetime(2012, 4, 12, tzinfo=UTC), datetime(2012, 4, 13, tzinfo=UTC), "working_hours"
    )


def test_a_december_day_in_the_list_of_the_next_year_is_not_assumed() -> None:
    listed = year({"name": "New Year", "from": date(2025, 12, 31), "to": date(2026, 1, 1)})
    calendar = read_calendar(file(years={2026: listed}))
    assert not calendar.is_worked(date(2025, 12, 31))
    assert not calendar.is_assumed(date(2025, 12, 31))
    assert calendar.is_assumed(date(2025, 12, 30))


def test_each_moment_has_the_version_in_force_on_its_local_day() -> None:
    old = read_calendar(file(version="winter"))
    new = read_calendar(file(version="summer", effective_from=date(2026, 5, 1)))
    calendars = Calendars([new, old])
    assert calendars.at(local(2026, 4, 30, 23, 59)).version == "winter"
    assert calendars.at(local(2026, 5, 1)).version == "summer"
    assert calendars.at(datetime(2026, 4, 30, 16, 0, tzinfo=UTC)).version == "summer"


def test_a_limit_that_runs_into_a_new_version_uses_its_hours_from_that_day_on() -> None:
    winter = read_calendar(file(version="winter"))
    summer = read_calendar(
        file(
            version="summer",
            effective_from=date(2026, 6, 2),
            working_spans=["08:00-12:00", "15:00-18:00"],
        )
    )
    due = Calendars([winter, summer]).due(local(2026, 6, 1, 16), Limit(8, "working_hours"))
    assert due.due_at == local(2026, 6, 2, 17)  # 2 h on Monday, 4 h and 2 h on Tuesday


def test_a_day_before_the_first_version_is_judged_by_it_and_assumed() -> None:
    only = read_calendar(file(effective_from=date(2026, 1, 1), years={2026: year()}))
    calendars = Calendars([only])
    assert calendars.at(local(2025, 6, 2, 9)) is only
    assert calendars.assumed(local(2025, 6, 2, 9), local(2025, 6, 2, 10), "working_hours")
    assert not calendars.assumed(local(2026, 6, 2, 9), local(2026, 6, 2, 10), "working_hours")


def test_versions_of_one_calendar_share_a_zone_and_differ_in_their_dates() -> None:
    china, toronto = shipped("china"), shipped("plain", "America/Toronto")
    for versions in ([china, toronto], [china, china], []):
        with pytest.raises(Invalid) as refusal:
            Calendars(versions)
        assert refusal.value.code == "calendar.versions_clash"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ({"workingspans": []}, "workingspans Extra inputs are not permitted"),
        ({"working_spans": ["08:00-12:00", "11:00-18:00"]}, "without overlap"),
        ({"working_spans": ["22:00-06:00"]}, "split it at midnight"),
        ({"working_spans": ["8-12"]}, "write it like 08:00-12:00"),
        ({"working_spans": [480]}, "write it like 08:00-12:00"),
        ({"working_spans": []}, "working_spans"),
        ({"rest_days": ["sunnday"]}, "rest_days.0"),
        (
            {"rest_days": ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday",
                           "sunday"]},
            "no day of the week to work on",
        ),
        ({"working_day": "noon"}, "working_day"),
        ({"years": {2026: {"holidays": []}}}, "years.2026.document Field required"),
        (
            {"years": {2026: year({"name": "n", "from": date(2026, 5, 5), "to": MAY_DAY})}},
            "must last from 1 to 31 days",
        ),
        (
            {"years": {2026: year({"name": "n", "from": date(2025, 5, 1)})}},
            "2025-05-01 does not belong into the list of 2026",
        ),
        (
            {"years": {2026: year(makeup=(date(2026, 5, 11),))}},
            "2026-05-11 cannot be a make-up workday",
        ),
        (
            {"years": {2026: year({"name": "n", "from": date(2026, 5, 9)},
                                  makeup=(date(2026, 5, 9),))}},
            "2026-05-09 cannot be a make-up workday",
        ),
        (
            {"years": {2026: year({"name": "n", "from": date(2026, 5, 1)},
                                  {"name": "m", "from": date(2026, 5, 1)})}},
            "a day is listed twice",
        ),
    ],
)  # fmt: skip
def test_a_calendar_file_that_cannot_be_meant_is_refused_with_the_place(
    words: dict[str, object], says: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        read_calendar(file(**words))
    assert refusal.value.code == "calendar.unreadable"
    assert says in refusal.value.message


@pytest.mark.parametrize("content", [None, [], "china", {"version": ""}])
def test_what_is_no_calendar_file_at_all_is_refused(content: object) -> None:
    with pytest.raises(Invalid, match="the calendar file cannot be used"):
        read_calendar(content)


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../etc/passwd", "/etc/passwd", "Asia"])
def test_an_unknown_time_zone_is_refused(zone: str) -> None:
    with pytest.raises(Invalid) as refusal:
        read_calendar({"version": "v", "time_zone": zone})
    assert refusal.value.code == "calendar.unknown_time_zone"
