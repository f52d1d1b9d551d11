"""A city on a real event store for tests of imports, and what its log says."""

import csv
import gzip
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from domain.cases.events import CaseClosed
from domain.catalogue import DECIDERS
from domain.deciding import Desk
from domain.inspections.events import InspectionRecorded
from domain.messages import Envelope
from domain.penalties.events import PenaltyOpened
from domain.registry import Registry
from domain.units.events import UnitRegistered
from infra.bundled import calendars_for
from infra.clocks import SystemClock
from infra.event_store import SqliteEventStore
from infra.importing.loading import load_mapping, parse
from infra.importing.model import Mapping as TableMapping
from infra.importing.running import run_import
from infra.importing.summary import Summary

ROOT = Path(__file__).parents[2]
YEAR_2011 = ROOT / "tests/data/dinesafe.2011.csv.gz"
YEAR_2012 = ROOT / "infra/samples/dinesafe.2012.csv.gz"
DINESAFE = "dinesafe"

# A table of visits with every word that changes what a row does.
CHECKS = """
name: checks
title: Market checks
city: {code: sampletown, name: Sampletown, timezone: Asia/Shanghai, language: zh}
actor: market-office
columns:
  visit: {column: visit}
  day: {column: day, type: date}
  line: {column: line, type: integer}
  shop: {column: shop}
  sign: {column: sign}
  north: {column: lat, type: decimal}
  east: {column: lon, type: decimal}
  verdict: {column: verdict, type: choice, choices: {pass: pass, closed: closed}}
  problem: {column: problem}
  action: {column: action, type: choice, choices: [Warning, At once, Ticket]}
  court: {column: court, type: choice, choices: {fined: fined, dropped: withdrawn, open: open}}
  fine: {column: fine, type: decimal}
  hygiene: {value: hygiene}
  rules: {value: market rules}
  round: {value: patrol}
unit:
  code: shop
  name: sign
  kind: company
  latitude: north
  longitude: east
  parent: {grid: {latitude: 0.02, longitude: 0.02}}
inspections:
  id: visit
  date: day
  order: line
  source: round
  result: verdict
  findings:
    text: problem
    compare: [collapse_blanks, upper_case]
    category: hygiene
    action: action
    standard: rules
    on_the_spot: {column: action, any_of: At once}
  penalties:
    kinds: [{kind: ticket, column: action, any_of: Ticket}]
    otherwise: other
    currency: CNY
    amount: fine
    outcome: court
"""
HEADINGS = ("visit", "day", "line", "shop", "sign", "lat", "lon", "verdict", "problem",
            "action", "court", "fine")  # fmt: skip


def checks() -> TableMapping:
    return parse(CHECKS)


def row(visit: str, day: str, problem: str = "", **more: str) -> dict[str, str]:
    """A row of market checks; what is not said is the same in all of them."""
    usual = {"line": "1", "shop": "S1", "sign": "Shop one", "lat": "31.21", "lon": "121.47"}
    return {**usual, "verdict": "pass", **more, "visit": visit, "day": day, "problem": problem}


def table(
    path: Path, rows: Iterable[Mapping[str, str]], headings: Sequence[str] = HEADINGS
) -> Path:
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, headings)
        writer.writeheader()
        writer.writerows(rows)
    return path


def records(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@dataclass
class City:
    store: SqliteEventStore
    desk: Desk

    def take(self, mapping: str | TableMapping, *files: Path, **more: Any) -> Summary:
        found = load_mapping(mapping) if isinstance(mapping, str) else mapping
        return run_import(files, found, self.desk, self.store, **more)

    def log(self) -> list[Envelope]:
        return self.store.read(0, self.store.last_position())

    def facts(self) -> list[tuple[Any, ...]]:
        """The whole log but for the moments at which it was recorded."""
        return [
            (e.position, e.stream_id, e.version, e.event.NAME, e.event, e.metadata)
            for e in self.log()
        ]

    def story(self, stream_id: str) -> list[str]:
        return [envelope.event.NAME for envelope in self.store.load(stream_id)]


@contextmanager
def opened(folder: Path) -> Iterator[City]:
    folder.mkdir(exist_ok=True)
    clock = SystemClock()
    store = SqliteEventStore.open(folder / "events.db", clock, Registry())
    try:
        yield City(store, Desk(store, clock, DECIDERS, calendars_for))
    finally:
        store.close()


def counted(log: Iterable[Envelope]) -> Counter[str]:
    """How often each thing happened, in the words of the people who count the records."""
    counts: Counter[str] = Counter()
    for envelope in log:
        event = envelope.event
        counts[event.NAME] += 1
        match event:
            case CaseClosed():
                counts["on the spot" if event.on_the_spot else "at re-inspection"] += 1
            case InspectionRecorded():
                counts[event.result] += 1
                counts[event.colour] += 1
            case UnitRegistered():
                counts[event.kind] += 1
            case PenaltyOpened():
                counts[event.kind] += 1
                counts["with an amount"] += event.amount is not None
    counts["open"] = counts["case.reported"] - counts["case.closed"]
    return counts


def fined(log: Iterable[Envelope]) -> Decimal:
    amounts = (e.event.amount for e in log if isinstance(e.event, PenaltyOpened))
    return sum((amount for amount in amounts if amount is not None), Decimal(0))


def reworked_then_put_right(log: Iterable[Envelope]) -> int:
    """Cases closed on the spot after they had been found again."""
    reworked: set[str] = set()
    found = 0
    for envelope in log:
        if envelope.event.NAME == "case.rework_ordered":
            reworked.add(envelope.stream_id)
        elif isinstance(envelope.event, CaseClosed) and envelope.event.on_the_spot:
            found += envelope.stream_id in reworked
    return found
