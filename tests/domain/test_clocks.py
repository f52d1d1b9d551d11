"""The four clocks on exact examples: lunch, nights, holidays, make-up days, summer time."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.calendar import Calendar, Calendars
from domain.cases.events import ClockKind, Deadline, Limit
from domain.errors import Invalid
from tests.domain.test_calendar import shipped

CHINA = Calendars([shipped("china")])
TORONTO = Calendars([shipped("plain", "America/Toronto")])
DAY_END = Calendars(
    [Calendar("day-end", ZoneInfo("Asia/Shanghai"), working_day="day_end")],
)
ROUND_THE_CLOCK = Calendars(
    [Calendar("always", ZoneInfo("Asia/Shanghai"), spans=((timedelta(0), timedelta(days=1)),))]
)


def shanghai(*when: int) -> datetime:
    return datetime(*when, tzinfo=ZoneInfo("Asia/Shanghai"))  # type: ignore[arg-type, misc]


def toronto(*when: int, fold: int = 0) -> datetime:
    return datetime(*when, fold=fold, tzinfo=ZoneInfo("America/Toronto"))  # type: ignore[arg-type, misc]


# Friday 13 February 2026 at 17:00; Saturday is a make-up workday, Sunday begins nine days off.
FRIDAY = shanghai(2026, 2, 13, 17)


@pytest.mark.parametrize(
    ("clock", "due_at", "warn_at"),
    [
        ("urgent_hours", shanghai(2026, 2, 13, 19), shanghai(2026, 2, 13, 18, 36)),
        ("working_hours", shanghai(2026, 2, 14, 9), shanghai(2026, 2, 14, 8, 36)),
        ("working_days", shanghai(2026, 2, 24, 17), shanghai(2026, 2, 24, 11, 48)),
        ("natural_days", shanghai(2026, 2, 15, 17), shanghai(2026, 2, 15, 7, 24)),
    ],
)
def test_one_limit_of_two_gives_four_deadlines_before_a_holiday_with_a_make_up_saturday(
    clock: ClockKind, due_at: datetime, warn_at: datetime
) -> None:
    assert CHINA.due(FRIDAY, Limit(2, clock)) == Deadline(due_at, warn_at)


def test_deadlines_come_out_in_utc() -> None:
    deadline = CHINA.due(FRIDAY, Limit(2, "working_hours"))
    assert deadline.due_at.tzinfo is UTC
    assert deadline.warn_at.tzinfo is UTC
    assert str(deadline.due_at) == "2026-02-14 01:00:00+00:00"


@pytest.mark.parametrize(
    ("start", "hours", "due_at"),
    [
        (shanghai(2026, 3, 2, 11), 2, shanghai(2026, 3, 2, 15)),  # over lunch
        (shanghai(2026, 3, 2, 13), 2, shanghai(2026, 3, 2, 16)),  # begins at lunch
        (shanghai(2026, 3, 2, 8), 4, shanghai(2026, 3, 2, 12)),  # ends with the morning
        (shanghai(2026, 3, 2, 8), 8, shanghai(2026, 3, 2, 18)),  # ends with the day
        (shanghai(2026, 3, 2, 20), 2, shanghai(2026, 3, 3, 10)),  # begins after work
        (shanghai(2026, 3, 7, 11), 2, shanghai(2026, 3, 9, 10)),  # begins on a Saturday
        (shanghai(2026, 10, 3, 11), 2, shanghai(2026, 10, 8, 10)),  # begins on a holiday
        (shanghai(2026, 10, 10, 17), 2, shanghai(2026, 10, 12, 9)),  # on a make-up Saturday
        (shanghai(2025, 12, 31, 17), 2, shanghai(2026, 1, 4, 9)),  # over a year's end, Sunday
        (shanghai(2024, 2, 28, 17), 9, shanghai(2024, 2, 29, 18)),  # a leap day
        (shanghai(2026, 3, 2, 9, 30), 0.25, shanghai(2026, 3, 2, 9, 45)),
    ],
)
def test_working_hours_run_in_working_time_alone(
    start: datetime, hours: float, due_at: datetime
) -> None:
    assert CHINA.due(start, Limit(hours, "working_hours")).due_at == due_at


def test_a_span_up_to_midnight_runs_on_into_the_next_day() -> None:
    friday = shanghai(2026, 3, 6, 22)
    due = ROUND_THE_CLOCK.due(friday, Limit(3, "working_hours")).due_at
    assert due == shanghai(2026, 3, 9, 1)
    thursday = shanghai(2026, 3, 5, 22)
    assert ROUND_THE_CLOCK.due(thursday, Limit(3, "working_hours")).due_at == shanghai(
        2026, 3, 6, 1
    )


def test_a_deadline_is_exact_to_the_microsecond() -> None:
    start = shanghai(2026, 3, 2, 17, 59, 59, 999_999)
    assert CHINA.due(start, Limit(1, "working_hours")).due_at == shanghai(
        2026, 3, 3, 8, 59, 59, 999_999
    )


@pytest.mark.parametrize(
    ("start", "days", "due_at"),
    [
        (shanghai(2026, 3, 6, 17), 1, shanghai(2026, 3, 9, 17)),  # Friday to Monday
        (shanghai(2026, 3, 2, 8), 1, shanghai(2026, 3, 2, 18)),  # a whole day from its begin
        (shanghai(2026, 3, 2, 8), 0.5, shanghai(2026, 3, 2, 12)),
        (shanghai(2026, 3, 7, 11), 1, shanghai(2026, 3, 9, 18)),  # Saturday counts for nothing
        (shanghai(2025, 1, 2, 8), 400, shanghai(2026, 8, 13, 18)),  # 248 of 2025, 152 of 2026
    ],
)
def test_a_working_day_is_as_much_working_time_as_a_day_has(
    start: datetime, days: float, due_at: datetime
) -> None:
    assert CHINA.due(start, Limit(days, "working_days")).due_at == due_at


def test_by_the_other_rule_a_working_day_ends_with_the_next_working_day() -> None:
    friday = shanghai(2026, 3, 6, 17)
    deadline = DAY_END.due(friday, Limit(2, "working_days"))
    assert deadline.due_at == shanghai(2026, 3, 10, 18)
    assert deadline.warn_at == shanghai(2026, 3, 10, 14, 36)  # 4/5 of 17 working hours: 13.6
    assert DAY_END.due(shanghai(2026, 3, 7, 9), Limit(1, "working_days")).due_at == shanghai(
        2026, 3, 9, 18
    )
    assert DAY_END.due(shanghai(2025, 12, 30, 9), Limit(3, "working_days")).due_at == shanghai(
        2026, 1, 2, 18
    )
    assert DAY_END.extend(deadline, Limit(2, "working_days")).due_at == shanghai(2026, 3, 12, 18)


def test_by_the_other_rule_a_part_of_a_working_day_is_refused() -> None:
    with pytest.raises(Invalid) as refusal:
        DAY_END.due(FRIDAY, Limit(1.5, "working_days"))
    assert refusal.value.code == "limit.not_whole"


@pytest.mark.parametrize(
    ("start", "natural", "urgent"),
    [  # a day on the wall, and 24 hours that pass
        (toronto(2026, 3, 7, 17), toronto(2026, 3, 8, 17), toronto(2026, 3, 8, 18)),
        (toronto(2026, 10, 31, 17), toronto(2026, 11, 1, 17), toronto(2026, 11, 1, 16)),
        (toronto(2024, 2, 28, 17), toronto(2024, 2, 29, 17), toronto(2024, 2, 29, 17)),
    ],
)
def test_a_natural_day_ends_at_the_same_local_time_and_urgent_hours_do_not_care(
    start: datetime, natural: datetime, urgent: datetime
) -> None:
    assert TORONTO.due(start, Limit(1, "natural_days")).due_at == natural.astimezone(UTC)
    assert TORONTO.due(start, Limit(24, "urgent_hours")).due_at == urgent.astimezone(UTC)


def test_a_natural_day_that_would_end_in_the_skipped_hour_ends_at_the_change() -> None:
    deadline = TORONTO.due(toronto(2026, 3, 7, 2, 30), Limit(1, "natural_days"))
    assert deadline.due_at == datetime(2026, 3, 8, 7, tzinfo=UTC)  # 02:00 becomes 03:00
    assert deadline.warn_at < deadline.due_at


def test_the_repeated_hour_counts_once() -> None:
    first, again = toronto(2026, 11, 1, 1, 30), toronto(2026, 11, 1, 1, 30, fold=1)
    assert TORONTO.elapsed(first, again, "natural_days") == timedelta(minutes=30)
    assert TORONTO.elapsed(first, again, "urgent_hours") == timedelta(hours=1)
    later = TORONTO.due(again, Limit(1, "natural_days")).due_at
    assert later == toronto(2026, 11, 2, 2).astimezone(UTC)


def test_working_hours_stay_local_when_summer_time_begins() -> None:
    friday = toronto(2026, 3, 6, 17)
    assert TORONTO.due(friday, Limit(2, "working_hours")).due_at == toronto(
        2026, 3, 9, 9
    ).astimezone(UTC)


def test_an_extension_adds_one_original_limit_to_the_deadline_in_force() -> None:
    limit = Limit(2, "working_days")
    deadline = CHINA.due(FRIDAY, limit)
    extended = CHINA.extend(deadline, limit)
    assert extended.due_at == shanghai(2026, 2, 26, 17)
    assert extended.warn_at == CHINA.due(FRIDAY, Limit(4, "working_days")).warn_at


def test_a_pause_moves_the_deadline_by_what_the_clock_would_have_run() -> None:
    deadline = CHINA.due(shanghai(2026, 3, 2, 9), Limit(8, "working_hours"))
    assert deadline.due_at == shanghai(2026, 3, 3, 9)
    paused, resumed = shanghai(2026, 3, 2, 11), shanghai(2026, 3, 21, 10)  # to a Saturday
    later = CHINA.resume(deadline, "working_hours", paused, resumed)
    assert later == Deadline(shanghai(2026, 3, 23, 16), shanghai(2026, 3, 23, 14, 24))


def test_after_a_pause_and_an_extension_a_fifth_of_all_that_was_given_is_still_yellow() -> None:
    limit = Limit(10, "urgent_hours")
    deadline = CHINA.due(shanghai(2026, 3, 2, 0), limit)
    later = CHINA.resume(deadline, "urgent_hours", shanghai(2026, 3, 2, 5), shanghai(2026, 3, 5, 5))
    extended = CHINA.extend(later, limit)
    assert extended == Deadline(shanghai(2026, 3, 5, 20), shanghai(2026, 3, 5, 16))


def test_a_deadline_that_had_passed_is_not_brought_back_by_a_pause() -> None:
    deadline = CHINA.due(FRIDAY, Limit(2, "urgent_hours"))
    paused, resumed = shanghai(2026, 2, 14, 9), shanghai(2026, 3, 14, 9)
    assert CHINA.resume(deadline, "urgent_hours", paused, resumed) == deadline
    assert CHINA.remaining(paused, deadline.due_at, "urgent_hours") == timedelta(hours=-14)


def test_what_is_left_is_told_in_the_time_of_the_clock() -> None:
    due_at = CHINA.due(FRIDAY, Limit(2, "working_days")).due_at
    left = CHINA.remaining(shanghai(2026, 2, 20, 12), due_at, "working_days")
    assert left == timedelta(hours=7)
    assert left / CHINA.on(date(2026, 2, 20)).day_length == 7 / 8


@pytest.mark.parametrize("amount", [0, -1, float("nan"), float("inf"), 1e300])
@pytest.mark.parametrize("clock", ["urgent_hours", "working_hours", "working_days", "natural_days"])
def test_a_limit_that_cannot_be_meant_is_refused(amount: float, clock: ClockKind) -> None:
    with pytest.raises(Invalid) as refusal:
        CHINA.due(FRIDAY, Limit(amount, clock))
    assert refusal.value.code == "limit.out_of_range"


def test_a_time_without_a_zone_or_far_from_our_days_is_refused() -> None:
    for moment, code in (
        (datetime(2026, 2, 13, 17), "time.no_zone"),  # noqa: DTZ001
        (datetime.min.replace(tzinfo=ZoneInfo("Asia/Shanghai")), "time.out_of_range"),
        (datetime.max.replace(tzinfo=UTC), "time.out_of_range"),
    ):
        with pytest.raises(Invalid) as refusal:
            CHINA.due(moment, Limit(1, "working_hours"))
        assert refusal.value.code == code


def test_a_pause_that_ends_before_it_begins_is_refused() -> None:
    deadline = CHINA.due(FRIDAY, Limit(2, "working_days"))
    with pytest.raises(Invalid) as refusal:
        CHINA.resume(deadline, "working_days", FRIDAY, FRIDAY - timedelta(hours=1))
    assert refusal.value.code == "time.backwards"
