"""The moments on a command line: as it was known, as it was, and what to say about them."""

import argparse
from datetime import datetime
from zoneinfo import ZoneInfo

from domain.moments import Then, check_then, foreign, read_moment
from domain.ports import EventLog
from infra.commands.progress import say


def add_moments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--as-of", metavar="TIME", help="as it was known then (recorded time); the city's time"
    )
    parser.add_argument("--at", metavar="TIME", help="as it was then (when it happened)")


def then_of(
    log: EventLog, zone: ZoneInfo, now: datetime, as_of: str | None, at: str | None = None
) -> Then:
    """What somebody wrote, checked against clock and log; another zone's time is taken and told
    in the city's. Raises ``Invalid`` (``time.*``, ``as_of.*``, ``at.*``)."""
    then = Then(_read(as_of, zone), _read(at, zone))
    check_then(then, log, now, zone)
    return then


def _read(text: str | None, zone: ZoneInfo) -> datetime | None:
    if text is None:
        return None
    moment = read_moment(text, zone)
    if told := foreign(text, moment, zone):
        say(f"duban: {told} [time.foreign_zone]")
    return moment
