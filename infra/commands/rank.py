"""``duban rank``: who stands where in a period, as known now or then."""

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from typing import get_args

from rich.console import Console
from rich.table import Table

from domain.moments import Then
from domain.periods import Period
from domain.policies.model import Board
from infra.commands.moments import add_moments, then_of
from infra.commands.opening import add_data_option, existing
from infra.commands.progress import answer, say
from infra.commands.reading import add_reader, record_reading
from infra.runtime import Runtime
from infra.settings import Settings
from projections.explanations import entries
from projections.past.policies import book_then
from projections.standings import By, Ranking, policy_for, ranking

EXAMPLES = (
    "duban rank 2012-W15",
    "duban rank 2012-04 --by district",
    "duban rank 2012-Q2 --board composite",
    "duban rank 2012 --peer-group 'Food Take Out' --top 10",
    "duban rank 2012-Q2 --as-of 2026-11-01 --json",
    "duban rank 2012-04 --at 2012-04-15       # by what had happened by the middle of the month",
    "duban rank 2012-W15 --unit 10325728      # the entries behind one unit's points",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "period", help="2012-W15 (week), 2012-F08 (fortnight), 2012-04, 2012-Q2, 2012"
    )
    parser.add_argument("--by", choices=get_args(By), default="peers", help="rank nodes of a kind")
    parser.add_argument(
        "--board", default="", metavar="ID", help="policy that ranks, if several do"
    )
    parser.add_argument("--peer-group", metavar="NAME", help="only this group")
    parser.add_argument("--unit", metavar="ID", help="show the entries of this unit instead")
    add_moments(parser)
    parser.add_argument("--top", type=int, metavar="N", help="only the first N of each group")
    parser.add_argument("--json", action="store_true", help="the whole answer as JSON")
    add_reader(parser)
    add_data_option(parser)


def run(chosen: argparse.Namespace, settings: Settings) -> int:
    period = Period.parse(chosen.period)
    with existing(chosen, settings) as runtime:
        record_reading(runtime.services, chosen, "rankings", chosen.period)
        zone, now = runtime.services.city().zone, runtime.services.clock.now()
        then = then_of(runtime.store, zone, now, chosen.as_of, chosen.at)
        moment = then.business(now)
        book = book_then(runtime.store, then)
        policy = policy_for(book, period, zone, moment, chosen.board)
        if chosen.unit:
            return _show_entries(runtime, policy, period, chosen.unit, then)
        found = ranking(
            runtime.services.reader, policy, period, chosen.by, chosen.peer_group, then.as_of,
            now=moment, at=then.at,
        )  # fmt: skip
    if chosen.json:
        answer(json.dumps(asdict(found), ensure_ascii=False, default=str, indent=1))
    elif not found.rows:
        say(f"nobody is ranked in {period.label('en')}: no unit has a score entry in it")
    else:
        _show(found, period, chosen.top)
    return 0


def _show(found: Ranking, period: Period, top: int | None) -> None:
    answer(f"{period.label('en')}, {found.policy}, up to position {found.computed_at}")
    if not sys.stdout.isatty():
        for line in _lines(found, top):
            answer("\t".join(line))
        return
    table = Table(*HEAD)
    for line in _lines(found, top):
        table.add_row(*line)
    Console().print(table)


HEAD = ("group", "place", "unit", "name", "points", "entries", "moved")


def _lines(found: Ranking, top: int | None) -> Iterator[tuple[str, ...]]:
    for row in found.rows:
        if top is None or row.place <= top:
            moved = "" if row.moved is None else f"{row.moved:+d}"
            yield (
                row.peer_group, str(row.place), row.unit, row.name, str(row.points),
                str(row.entries), moved,
            )  # fmt: skip


def _show_entries(runtime: Runtime, policy: Board, period: Period, unit: str, then: Then) -> int:
    zone = runtime.services.city().zone
    for entry in entries(
        runtime.services.reader, policy, period, unit, as_of=then.as_of, limit=10_000, at=then.at
    ):
        answer(
            f"{entry.occurred_at.astimezone(zone):%Y-%m-%d %H:%M}  {entry.points:>8}  "
            f"{entry.clause:<28} {entry.reason_en or entry.reason}  "
            f"(case {entry.case_id or '-'}, event {entry.position})"
        )
    return 0
