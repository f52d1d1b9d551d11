"""``duban diff``: two moments of anything side by side, with the events in between."""

import argparse
import json
from zoneinfo import ZoneInfo

import msgspec

from domain.moments import Then
from domain.periods import Period
from domain.standing import Standing
from infra.bundled import calendars_for
from infra.clocks import SystemClock
from infra.commands.moments import then_of
from infra.commands.opening import add_data_option, chosen_settings, existing
from infra.commands.progress import answer
from infra.commands.reading import add_reader, record_reading, record_reading_beside
from infra.commands.stepping import field_lines, step_line
from infra.settings import Settings
from infra.stores import open_store, require_city
from projections.past.differences import Difference, difference
from projections.past.kinds import KINDS, kind_named
from projections.past.policies import book_then
from projections.past.rankings import Placed, ranking_difference
from projections.standings import policy_for, ranking

EXAMPLES = (
    "duban diff case 102737432-1 2026-03-05 2026-03-06T12:00     # what was known: recorded time",
    "duban diff case 102737432-1 2026-03-05 2026-03-06 --at      # what was so: when it happened",
    "duban diff unit lake 2026-01-01                             # then and now",
    "duban diff ranking 2026-03 2026-04-01 2026-04-15            # who stood elsewhere",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("kind", metavar="KIND", help=f"one of {', '.join(KINDS)}")
    parser.add_argument("key", metavar="ID", help="of a ranking also its period alone")
    parser.add_argument("first", metavar="T1")
    parser.add_argument("second", metavar="T2", nargs="?", help="left out: now")
    parser.add_argument(
        "--at", action="store_true", help="T1 and T2 are times of happening, not of recording"
    )
    parser.add_argument("--board", default="", metavar="ID", help="policy that ranks, if several")
    parser.add_argument("--json", action="store_true", help="the whole answer as JSON")
    add_reader(parser)
    add_data_option(parser)


def run(chosen: argparse.Namespace, settings: Settings) -> int:
    kind = kind_named(chosen.kind)
    if kind.name == "ranking" and ":" not in chosen.key:
        return _rankings(chosen, settings)
    settings = chosen_settings(chosen, settings)
    require_city(settings)
    record_reading_beside(settings, chosen, f"{kind.name}s", chosen.key)
    store = open_store(settings)
    try:
        zone = Standing.read(store, calendars_for).calendars.zone
        now = SystemClock().now()
        sides = [
            then_of(store, zone, now, *_moment(text, chosen.at))
            for text in (chosen.first, chosen.second)
        ]
        found = difference(store, kind, chosen.key, *sides)
    finally:
        store.close()
    if chosen.json:
        answer(json.dumps(msgspec.to_builtins(found), ensure_ascii=False, indent=1))
    else:
        _show(found, zone)
    return 0


def _moment(text: str | None, at: bool) -> tuple[str | None, str | None]:
    return (None, text) if at else (text, None)


def _show(found: Difference, zone: ZoneInfo) -> None:
    if not found.fields:
        answer("nothing differs")
    for line in field_lines(found.fields):
        answer(line)
    for between in found.between:
        sign = "+ " if between.added else "- "
        answer(step_line(between.envelope, (), between.mark.late, zone, sign).rstrip())


def _rankings(chosen: argparse.Namespace, settings: Settings) -> int:
    period = Period.parse(chosen.key)
    with existing(chosen, settings) as runtime:
        services = runtime.services
        record_reading(services, chosen, "rankings", chosen.key)
        zone, now, found = services.city().zone, services.clock.now(), []
        for text in (chosen.first, chosen.second):
            then: Then = then_of(services.store, zone, now, *_moment(text, chosen.at))
            book, moment = book_then(services.store, then), then.business(now)
            board = policy_for(book, period, zone, moment, chosen.board)
            found.append(
                ranking(
                    services.reader, board, period, as_of=then.as_of, now=moment, at=then.at
                )
            )  # fmt: skip
    told = ranking_difference(*found)
    if chosen.json:
        answer(json.dumps(msgspec.to_builtins(told), ensure_ascii=False, indent=1))
        return 0
    if not told.units:
        answer("nobody stands elsewhere")
    for unit in told.units:
        answer(f"{unit.peer_group:<20} {unit.unit:<20} {_placed(unit.before):<24} → "
               f"{_placed(unit.after)}")  # fmt: skip
    return 0


def _placed(placed: Placed | None) -> str:
    return "not ranked" if placed is None else f"place {placed.place}, {placed.points} points"
