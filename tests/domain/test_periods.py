"""Assessment periods: reading, bounds, neighbours and names around every awkward edge."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Invalid
from domain.periods import Period, PeriodKind

SHANGHAI = ZoneInfo("Asia/Shanghai")
TORONTO = ZoneInfo("America/Toronto")
KINDS: tuple[PeriodKind, ...] = ("day", "week", "fortnight", "month", "quarter", "year")


@pytest.mark.parametrize(
    ("text", "kind", "first", "end"),
    [
        ("2012-04-12", "day", date(2012, 4, 12), date(2012, 4, 13)),
        ("2012-02-29", "day", date(2012, 2, 29), date(2012, 3, 1)),
        ("2012-12-31", "day", date(2012, 12, 31), date(2013, 1, 1)),
        ("2012-W15", "week", date(2012, 4, 9), date(2012, 4, 16)),
        ("2012-W01", "week", date(2012, 1, 2), date(2012, 1, 9)),
        ("2020-W01", "week", date(2019, 12, 30), date(2020, 1, 6)),
        ("2020-W53", "week", date(2020, 12, 28), date(2021, 1, 4)),
        ("2012-F08", "fortnight", date(2012, 4, 9), date(2012, 4, 23)),
        ("2020-F01", "fortnight", date(2019, 12, 30), date(2020, 1, 13)),
        ("2020-F26", "fortnight", date(2020, 12, 14), date(2020, 12, 28)),
        ("2020-F27", "fortnight", date(2020, 12, 28), date(2021, 1, 4)),
        ("2012-04", "month", date(2012, 4, 1), date(2012, 5, 1)),
        ("2012-12", "month", date(2012, 12, 1), date(2013, 1, 1)),
        ("2012-Q1", "quarter", date(2012, 1, 1), date(2012, 4, 1)),
        ("2012-Q2", "quarter", date(2012, 4, 1), date(2012, 7, 1)),
        ("2012-Q4", "quarter", date(2012, 10, 1), date(2013, 1, 1)),
        ("2012", "year", date(2012, 1, 1), date(2013, 1, 1)),
    ],
)
def test_a_period_is_read_and_written_the_same_way(
    text: str, kind: PeriodKind, first: date, end: date
) -> None:
    period = Period.parse(text)
    assert period == Period(first, end, kind)
    assert str(period) == text


def test_blanks_around_and_small_letters_do_no_harm() -> None:
    assert Period.parse(" 2012-w15\n") == Period.parse("2012-W15")


@pytest.mark.parametrize(
    "text",
    ["", "last week", "2012-W00", "2012-W53", "2012-W5", "2012-F00", "2012-F27", "2020-F28",
     "2012-Q0", "2012-Q5", "2012-13", "2012-00", "2013-02-29", "2012-4", "2012-04-12T00:00",
     "12-04", "0000", "1899", "9999-12-31", "2012-W15-1", "２０１２", "2012W15", "x" * 10_000],
)  # fmt: skip
def test_what_is_no_period_is_refused_with_examples(text: str) -> None:
    with pytest.raises(Invalid) as refusal:
        Period.parse(text)
    assert refusal.value.code == "period.unreadable"
    assert "a fortnight 2012-F08" in refusal.value.message
    assert len(refusal.value.message) < 250


@pytest.mark.parametrize(
    ("text", "zone", "start", "end"),
    [
        ("2012-W15", SHANGHAI, (2012, 4, 8, 16), (2012, 4, 15, 16)),
        ("2012", SHANGHAI, (2011, 12, 31, 16), (2012, 12, 31, 16)),
        ("2026-03-08", TORONTO, (2026, 3, 8, 5), (2026, 3, 9, 4)),  # 23 hours
        ("2026-11-01", TORONTO, (2026, 11, 1, 4), (2026, 11, 2, 5)),  # 25 hours
        ("2026-03", TORONTO, (2026, 3, 1, 5), (2026, 4, 1, 4)),
        # Clocks went from Saturday 23:59 straight to Sunday 01:00.
        ("2018-11-04", ZoneInfo("America/Sao_Paulo"), (2018, 11, 4, 3), (2018, 11, 5, 2)),
    ],
)
def test_the_bounds_are_local_midnights_in_utc(
    text: str, zone: ZoneInfo, start: tuple[int, ...], end: tuple[int, ...]
) -> None:
    assert Period.parse(text).bounds(zone) == (
        datetime(*start, tzinfo=UTC),  # type: ignore[arg-type, misc]
        datetime(*end, tzinfo=UTC),  # type: ignore[arg-type, misc]
    )


def test_the_first_moment_belongs_to_a_period_and_its_end_to_the_next() -> None:
    week = Period.parse("2012-W15")
    start, end = week.bounds(SHANGHAI)
    tick = timedelta(microseconds=1)
    assert week.contains(start, SHANGHAI)
    assert week.contains(end - tick, SHANGHAI)
    assert not week.contains(start - tick, SHANGHAI)
    assert not week.contains(end, SHANGHAI)
    assert Period.of("week", end, SHANGHAI) == week.next()


def test_new_year_in_the_city_decides_the_year() -> None:
    eve = datetime(2011, 12, 31, 16, tzinfo=UTC)
    assert str(Period.of("year", eve, SHANGHAI)) == "2012"
    assert str(Period.of("year", eve, TORONTO)) == "2011"
    assert str(Period.of("week", eve, SHANGHAI)) == "2011-W52"
    assert str(Period.of("fortnight", eve, SHANGHAI)) == "2011-F26"


@pytest.mark.parametrize(
    ("text", "following"),
    [
        ("2020-W52", "2020-W53"),
        ("2020-W53", "2021-W01"),
        ("2020-F26", "2020-F27"),
        ("2020-F27", "2021-F01"),
        ("2012-F26", "2013-F01"),
        ("2012-12", "2013-01"),
        ("2012-Q4", "2013-Q1"),
        ("2012", "2013"),
        ("2012-02-28", "2012-02-29"),
        ("2012-12-31", "2013-01-01"),
    ],
)
def test_periods_follow_each_other_over_the_edges_of_the_year(text: str, following: str) -> None:
    assert str(Period.parse(text).next()) == following
    assert str(Period.parse(following).previous()) == text


def test_earlier_periods_sort_first_and_of_those_with_one_beginning_the_shorter() -> None:
    texts = ["2018", "2018-Q1", "2018-01", "2018-F01", "2018-W01", "2018-01-01", "2017-12"]
    assert [str(p) for p in sorted(map(Period.parse, texts))] == list(reversed(texts))


@pytest.mark.parametrize(
    ("text", "chinese", "english"),
    [
        ("2012-04-12", "2012年4月12日", "12 April 2012"),
        ("2012-W15", "2012年第15周", "Week 15 of 2012"),
        ("2020-W01", "2020年第1周", "Week 1 of 2020"),
        ("2012-F08", "2012年第8双周", "Fortnight 8 of 2012"),
        ("2020-F27", "2020年第27双周", "Fortnight 27 of 2020"),
        ("2012-04", "2012年4月", "April 2012"),
        ("2012-Q2", "2012年第2季度", "Quarter 2 of 2012"),
        ("2012", "2012年", "2012"),
    ],
)
def test_a_period_has_a_name_in_both_languages(text: str, chinese: str, english: str) -> None:
    assert Period.parse(text).label() == chinese
    assert Period.parse(text).label("en") == english


days = st.dates(date(1901, 1, 10), date(2199, 12, 1))
kinds: st.SearchStrategy[PeriodKind] = st.sampled_from(KINDS)


@given(kinds, days)
def test_every_day_lies_in_one_period_of_each_kind_without_gaps(
    kind: PeriodKind, day: date
) -> None:
    period = Period.on(kind, day)
    assert period.first <= day < period.end
    assert Period.on(kind, period.first) == period == Period.on(kind, period.end - timedelta(1))
    assert period.next().first == period.end
    assert period.previous().end == period.first
    assert Period.parse(str(period)) == period


@given(kinds, st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_bounds_contain_exactly_the_moments_of_the_period(
    kind: PeriodKind, moment: datetime
) -> None:
    for zone in (SHANGHAI, TORONTO, ZoneInfo("America/Sao_Paulo")):
        period = Period.of(kind, moment, zone)
        start, end = period.bounds(zone)
        assert start <= moment < end
        assert period.contains(moment, zone)
        assert period.next().bounds(zone)[0] == end
