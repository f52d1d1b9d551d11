"""How a moment is written, and what is said to one that cannot be."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.errors import Invalid
from domain.messages import Envelope, Metadata
from domain.moments import NOW, Then, check_then, foreign, read_moment
from domain.units.events import UnitRetired
from tests.support.specification import MONDAY

CHINA, TORONTO = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/Toronto")
INSTANT = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("text", "zone", "moment"),
    [
        ("2026-03-02T09:00", CHINA, MONDAY),
        ("2026-03-02 09:00:00", CHINA, MONDAY),
        ("2026-03-02T01:00Z", CHINA, MONDAY),
        ("2026-03-01T20:00:00-05:00", CHINA, MONDAY),
        ("2026-03-02", CHINA, datetime(2026, 3, 2, 16, tzinfo=UTC) - INSTANT),
        # The day on which summer time begins has 23 hours.
        ("2026-03-08", TORONTO, datetime(2026, 3, 9, 4, tzinfo=UTC) - INSTANT),
        ("2026-11-01T01:30-05:00", TORONTO, datetime(2026, 11, 1, 6, 30, tzinfo=UTC)),
        ("2026-11-01T01:30-04:00", TORONTO, datetime(2026, 11, 1, 5, 30, tzinfo=UTC)),
    ],
)
def test_a_moment_is_the_citys_unless_it_says_otherwise(
    text: str, zone: ZoneInfo, moment: datetime
) -> None:
    assert read_moment(text, zone) == moment


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("", "time.unreadable", "is no time"),
        ("yesterday", "time.unreadable", "write 2012-06-01 or"),
        ("2026-02-30", "time.unreadable", "is no time"),
        ("2026-03-02T25:00", "time.unreadable", "is no time"),
        ("\x00", "time.unreadable", "is no time"),
        ("二零二六年", "time.unreadable", "is no time"),
        ("2026-03-02T09:00 08:00", "time.unreadable", "%2B"),
        ("2026-03-02T09:00 CST", "time.zone_unknown", r"such as \+08:00"),
        ("2026-03-02T09:00[America/Toronto]", "time.zone_unknown", "write its offset"),
        ("2026-11-01T01:30", "time.ambiguous", "-04:00 or -05:00"),
        ("2026-03-08T02:30", "time.skipped", "did not exist in America/Toronto"),
        ("1969-01-01", "time.out_of_range", "1970 to 2199"),
        ("0001-01-01T00:00+14:00", "time.out_of_range", "1970 to 2199"),
        ("9999-12-31", "time.out_of_range", "1970 to 2199"),
        ("9999-12-31T23:59:59-14:00", "time.out_of_range", "1970 to 2199"),
        ("0001-01-01T00:00", "time.out_of_range", "1970 to 2199"),
    ],
)
def test_what_is_no_moment_is_told_in_one_sentence(text: str, code: str, said: str) -> None:
    with pytest.raises(Invalid, match=said) as refusal:
        read_moment(text, TORONTO)
    assert refusal.value.code == code
    assert "\n" not in refusal.value.message


def test_another_zones_time_is_taken_and_told_in_the_citys() -> None:
    text = "2026-03-01T20:00:00-05:00"
    told = foreign(text, read_moment(text, CHINA), CHINA)
    assert told == f"{text} is 2026-03-02T09:00:00+08:00 in this city (Asia/Shanghai)"
    for own in ("2026-03-02T09:00", "2026-03-02T09:00+08:00", "2026-03-02"):
        assert foreign(own, read_moment(own, CHINA), CHINA) == ""


class _Log:
    """A log of two events, recorded an hour apart."""

    def last_position(self) -> int:
        return 2

    def read(self, after: int, limit: int) -> list[Envelope]:
        told = Metadata(actor="li", occurred_at=MONDAY - timedelta(days=9))
        return [
            Envelope(n, "unit-a", n, MONDAY + n * timedelta(hours=1), told, UnitRetired(reason="x"))
            for n in (1, 2)
            if n > after
        ][:limit]

    def wait(self, after: int, timeout: float) -> bool:
        return after < 2


FIRST, LAST = MONDAY + timedelta(hours=1), MONDAY + timedelta(hours=2)


def test_a_moment_between_the_first_event_and_now_can_be_asked_about() -> None:
    for then in (NOW, Then(FIRST), Then(LAST, LAST), Then(at=FIRST - timedelta(days=900))):
        check_then(then, _Log(), LAST, CHINA)
    # Recorded ahead of a clock that went back: what is stored is known.
    check_then(Then(LAST), _Log(), FIRST, CHINA)


@pytest.mark.parametrize(
    ("then", "code"),
    [
        (Then(as_of=LAST + INSTANT), "as_of.future"),
        (Then(at=LAST + INSTANT), "at.future"),
        (Then(as_of=FIRST - INSTANT), "as_of.before_first"),
    ],
)
def test_what_nobody_can_know_is_refused_with_the_times_in_question(then: Then, code: str) -> None:
    with pytest.raises(Invalid, match=r"2026-03-02T1\d:00:00\+08:00") as refusal:
        check_then(then, _Log(), LAST, CHINA)
    assert refusal.value.code == code
