"""``duban policy backtest``: who would have moved under other policies."""

import argparse
import csv
import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import get_args

from rich.console import Console
from rich.table import Table

from domain.errors import Invalid, Refused
from domain.periods import PeriodKind
from domain.policies.book import PolicyBook
from domain.policies.events import PolicyAdopted
from domain.policies.header import PolicyFile
from domain.policies.loading import load
from infra.bundled import calendars_for
from infra.commands.opening import add_data_option, chosen_settings
from infra.commands.policy_files import files_of, text_of
from infra.commands.progress import answer, progress_bar, say
from infra.settings import Settings
from infra.stores import open_store, require_city
from projections.backtesting import Backtest, Move, backtest

HEAD = ("kind", "period", "unit", "name", "what", "real", "new", "difference")
Line = tuple[str, ...]


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "files", nargs="+", type=Path, metavar="FILE|FOLDER", help="the new policies"
    )
    parser.add_argument("--from", dest="first", required=True, type=_day, metavar="DAY")
    parser.add_argument("--to", dest="last", required=True, type=_day, metavar="DAY")
    parser.add_argument(
        "--period", choices=get_args(PeriodKind), default="month", help="ranked (default month)"
    )
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write all that would differ")
    parser.add_argument("--json", action="store_true", help="the whole answer as JSON")
    parser.add_argument("--top", type=int, default=20, metavar="N", help="rows shown (default 20)")
    add_data_option(parser)


def run(chosen: argparse.Namespace, settings: Settings) -> int:
    settings = chosen_settings(chosen, settings)
    require_city(settings)
    new = _policies(chosen.files)
    begun = time.monotonic()
    with closing(open_store(settings)) as store:
        adopted = (envelope.event for envelope in store.load_kind("policy"))
        book = PolicyBook(event for event in adopted if isinstance(event, PolicyAdopted))
        end = chosen.last + timedelta(days=1)
        calendars = calendars_for(new[0].timezone)
        with progress_bar("events replayed") as report:
            found = backtest(store, book, new, chosen.first, end, chosen.period, calendars, report)
    took = time.monotonic() - begun
    if chosen.csv is not None:
        _write(chosen.csv, found)
    if chosen.json:
        answer(json.dumps(asdict(found), ensure_ascii=False, default=str, indent=1))
    else:
        _show(found, chosen.top)
    say(f"{found.events:,} events replayed under both in {took:.1f} s; nothing was written")
    return 0


def _show(found: Backtest, top: int) -> None:
    for real, new in found.replaced:
        answer(f"{new} {f'instead of {real}' if real else 'beside what judged'}")
    first, last = found.periods[0], found.periods[-1]
    span = first if first == last else f"{first} to {last}"
    counted = "".join(f", {number} by {kind}" for kind, number in sorted(found.counted().items()))
    answer(
        f"{span}: {found.units_moved:,} units would have moved in {len(found.moves):,} of "
        f"{found.ranked:,} places{counted}"
    )
    for note in found.notes:
        answer(f"note: {note}")
    lines = list(_lines(found))
    _table(lines[:top])
    if len(lines) > top:
        answer(f"and {len(lines) - top:,} more: all of them with --csv FILE")


def _table(lines: Sequence[Line]) -> None:
    if not lines:
        return
    if not sys.stdout.isatty():
        for line in lines:
            answer("\t".join(line))
        return
    table = Table(*HEAD)
    for line in lines:
        table.add_row(*line)
    Console().print(table)


def _lines(found: Backtest) -> Iterator[Line]:
    """Consequences first, then places: those that move farthest, first."""
    for change in found.changes:
        yield (
            change.kind, change.period, change.unit, change.name, change.what, change.real,
            change.new, "",
        )  # fmt: skip
    for move in sorted(found.moves, key=_distance):
        what = f"{move.board} {move.peer_group}".strip()
        real, new = (
            "" if each is None else f"{each.place} ({each.points}{' veto' * bool(each.veto)})"
            for each in (move.real, move.new)
        )
        moved = f"{move.places:+d} places, {move.points:+} points" if real and new else ""
        yield "place", move.period, move.unit, move.name, what, real, new, moved


def _distance(move: Move) -> tuple[int, Decimal]:
    return -abs(move.places), -abs(move.points)


def _write(path: Path, found: Backtest) -> None:
    try:
        with path.open("w", newline="", encoding="utf-8") as stream:
            writer = csv.writer(stream)
            writer.writerow(HEAD)
            writer.writerows(_lines(found))
    except OSError as error:
        raise Refused(
            "backtest.csv_unwritable", f"{path} cannot be written: {error.strerror}"
        ) from error


def _policies(paths: Sequence[Path]) -> list[PolicyFile]:
    found = []
    for path in files_of(paths):
        try:
            found.append(load(text_of(path)))
        except Invalid as refusal:
            raise Invalid(refusal.code, f"{path}: {refusal.message}") from refusal
    return found


def _day(text: str) -> date:
    return date.fromisoformat(text)
