"""What holds for every clock, start, limit and pause, with and without summer time."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import assume, given
from hypothesis import strategies as st

from domain.calendar import Calendar, Calendars
from domain.calendar.local_time import moment_at, wall_time
from domain.cases.events import ClockKind, Limit
from tests.domain.test_calendar import shipped

NIGHT_SHIFT = Calendar(  # works through every change of summer time, rests on Tuesdays
    "night",
    ZoneInfo("America/Toronto"),
    spans=(
        (timedelta(0), timedelta(hours=6)),
        (timedelta(hours=22), timedelta(days=1)),
    ),
    rest_days=frozenset({2}),
    holidays=frozenset({date(2026, 1, 1), date(2026, 3, 9)}),
)
CITIES = (
    Calendars([shipped("china")]),
    Calendars([shipped("plain", "America/Toronto")]),
    Calendars([NIGHT_SHIFT]),
)

cities = st.sampled_from(CITIES)
clocks: st.SearchStrategy[ClockKind] = st.sampled_from(
    ["urgent_hours", "working_hours", "working_days", "natural_days"]
)
anywhere = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
around_a_change = st.sampled_from(
    [datetime(2026, 3, 8, 7, tzinfo=UTC), datetime(2026, 11, 1, 6, tzinfo=UTC)]
).flatmap(
    lambda change: st.timedeltas(timedelta(hours=-30), timedelta(hours=30)).map(change.__add__)
)
moments = st.one_of(anywhere, around_a_change)
amounts = st.one_of(st.integers(1, 300), st.floats(0.01, 40, allow_subnormal=False))
limits = st.builds(Limit, amount=amounts, clock=clocks)
lengths = st.timedeltas(timedelta(microseconds=1), timedelta(days=60))


@given(cities, moments, limits)
def test_the_warning_comes_after_the_start_and_not_after_the_deadline(
    city: Calendars, start: datetime, limit: Limit
) -> None:
    deadline = city.due(start, limit)
    assert start < deadline.warn_at <= deadline.due_at


@given(cities, moments, limits)
def test_a_fifth_of_the_limit_is_left_at_the_warning(
    city: Calendars, start: datetime, limit: Limit
) -> None:
    deadline = city.due(start, limit)
    length = city.elapsed(start, deadline.due_at, limit.clock)
    left = city.remaining(deadline.warn_at, deadline.due_at, limit.clock)
    skipped = timedelta(hours=1 if limit.clock == "natural_days" else 0)
    assert length / 5 - skipped <= left <= length / 5


@given(cities, moments, moments, limits)
def test_who_starts_later_is_never_due_earlier(
    city: Calendars, one: datetime, other: datetime, limit: Limit
) -> None:
    first, second = sorted((one, other))
    assert city.due(first, limit).due_at <= city.due(second, limit).due_at


@given(cities, moments, limits, st.floats(1, 3))
def test_who_has_more_time_is_never_due_earlier(
    city: Calendars, start: datetime, limit: Limit, times: float
) -> None:
    more = Limit(limit.amount * times, limit.clock)
    assert city.due(start, limit).due_at <= city.due(start, more).due_at


@given(cities, moments, lengths, clocks)
def test_after_adding_a_length_exactly_that_much_has_elapsed(
    city: Calendars, start: datetime, length: timedelta, clock: ClockKind
) -> None:
    end = city.add(start, length, clock)
    elapsed = city.elapsed(start, end, clock)
    if clock == "natural_days" and is_a_change(end, city.zone):
        assert length <= elapsed <= length + timedelta(hours=1)  # it fell into the skipped hour
    else:
        assert elapsed == length


@given(cities, moments, lengths, clocks)
def test_going_back_undoes_going_on(
    city: Calendars, start: datetime, length: timedelta, clock: ClockKind
) -> None:
    start = city.add(start, timedelta(microseconds=1), clock)  # into working time
    end = city.add(start, length, clock)
    assume(not is_a_change(start, city.zone) and not is_a_change(end, city.zone))
    assert city.add(end, -length, clock) == start


@given(cities, moments, moments, moments, clocks)
def test_elapsed_times_add_up_and_turn_round(
    city: Calendars, a: datetime, b: datetime, c: datetime, clock: ClockKind
) -> None:
    assert city.elapsed(a, b, clock) + city.elapsed(b, c, clock) == city.elapsed(a, c, clock)
    assert city.elapsed(b, a, clock) == -city.elapsed(a, b, clock)


@given(cities, moments, limits, moments)
def test_a_pause_of_no_length_changes_nothing(
    city: Calendars, start: datetime, limit: Limit, moment: datetime
) -> None:
    deadline = city.due(start, limit)
    assert city.resume(deadline, limit.clock, moment, moment) == deadline


@given(cities, moments, limits, st.floats(0, 0.999), st.timedeltas(timedelta(0), timedelta(366)))
def test_a_pause_leaves_exactly_what_was_left(
    city: Calendars, start: datetime, limit: Limit, share: float, pause: timedelta
) -> None:
    deadline = city.due(start, limit)
    suspended = start + (deadline.due_at - start) * share
    resumed = suspended + pause
    later = city.resume(deadline, limit.clock, suspended, resumed)
    left = city.remaining(suspended, deadline.due_at, limit.clock)
    assume(limit.clock != "natural_days" or not is_a_change(later.due_at, city.zone))
    assert city.remaining(resumed, later.due_at, limit.clock) == left
    assert later.warn_at <= later.due_at
    assert later.due_at >= deadline.due_at


QUARTER = timedelta(minutes=15)


@given(cities, moments, st.integers(0, 500))
def test_working_time_is_what_counting_each_quarter_of_an_hour_gives(
    city: Calendars, moment: datetime, quarters: int
) -> None:
    start = moment.replace(minute=0, second=0, microsecond=0)
    worked = sum(is_working(city, start + n * QUARTER) for n in range(quarters))
    assert city.elapsed(start, start + quarters * QUARTER, "working_hours") == worked * QUARTER


@given(cities, moments, limits)
def test_two_extensions_are_the_limit_three_times_over(
    city: Calendars, start: datetime, limit: Limit
) -> None:
    deadline = city.due(start, limit)
    assume(not is_a_change(deadline.due_at, city.zone))
    extended = city.extend(deadline, limit)
    assume(not is_a_change(extended.due_at, city.zone))
    again = city.extend(extended, limit)
    threefold = city.due(start, Limit(limit.amount * 3, limit.clock))
    # A part of an hour is rounded to the microsecond, three times or once.
    apart = city.elapsed(again.due_at, threefold.due_at, limit.clock)
    assert abs(apart) <= timedelta(microseconds=2)
    assert again.warn_at <= again.due_at


def is_a_change(moment: datetime, zone: ZoneInfo) -> bool:
    """The moment at which summer time begins or the repeated hour ends: there alone one time on
    the wall stands for more than one moment, or for none."""
    return moment_at(wall_time(moment, zone), zone) != moment or wall_time(
        moment, zone
    ) - wall_time(moment - timedelta(microseconds=1), zone) != timedelta(microseconds=1)


def is_working(city: Calendars, moment: datetime) -> bool:
    local = moment.astimezone(city.zone)
    since_midnight = timedelta(hours=local.hour, minutes=local.minute)
    calendar = city.at(moment)
    in_a_span = any(start <= since_midnight < end for start, end in calendar.spans)
    return in_a_span and calendar.is_worked(local.date())
