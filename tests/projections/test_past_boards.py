"""Boards, colours and lists of any moment are those of a city where only that much happened."""

from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from domain.messages import Append, Envelope, StreamEvents
from domain.moments import Then
from domain.periods import Period
from domain.policies.measures import IndicatorPolicy
from infra.bundled import preset_folder
from infra.clocks import SimulatedClock
from infra.embedded import embedded
from infra.runtime import Runtime
from infra.settings import Settings
from projections import indicators, unit_colours
from projections.indicators import Counted
from projections.past.colours import Sources, colour_then
from projections.past.counting import counts
from projections.past.kinds import KINDS
from projections.past.policies import book_then
from projections.past.registers import page
from projections.standings import Ranking, policy_for, ranking
from tests.support.late_lives import live, opened
from tests.support.lives import UNITS
from tests.support.specification import MONDAY

LATER = datetime(2027, 1, 1, tzinfo=UTC)
SUPERVISION = preset_folder("default")["supervision.yaml"]
BY_SLIPS = "unit_colour: {by: open_slips, otherwise: green}"
COLOURS = {
    "open_slips": BY_SLIPS,
    "latest_inspection": "unit_colour: {by: latest_inspection, otherwise: green}",
    "points": "unit_colour: {by: points, board: default, period: month, otherwise: green, "
    "bands: [{below: 60, colour: red}, {below: 97, colour: yellow}]}",
}
MARCH = Period.parse("2026-03")
PERIODS = ("2026-03", "2026-W11", "2026-Q1")


LISTS = ("listing", "slip", "money", "accountability", "case", "reading")


@dataclass(frozen=True)
class Shown:
    """What the boards of a city show; ``colours`` are each with its reason."""

    rankings: dict[str, Any]
    counts: dict[str, Any]
    colours: dict[str, tuple[str, str]]
    lists: dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module", params=COLOURS)
def data(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lives")
    supervision = SUPERVISION.replace(BY_SLIPS, COLOURS[request.param])
    live(folder, 6, 700, (supervision, preset_folder("default")["indicators.yaml"]))
    return folder


@pytest.fixture(scope="module")
def moments(data: Path) -> list[Then]:
    """By what was known, by what was so, and by both, at and around boundaries."""
    with opened(data, SimulatedClock(LATER)) as store:
        stored, random = store.read(0, 10_000)[40:], Random(7)
    found = []
    for number in range(6):
        before = timedelta(microseconds=number % 2)
        as_of = random.choice(stored).recorded_at - before
        at = max(random.choice(stored).occurred_at - before, MONDAY)
        found.append((Then(as_of), Then(at=at), Then(as_of, at))[number % 3])
    return found


@pytest.fixture(scope="module")
def expected(
    data: Path, moments: list[Then], tmp_path_factory: pytest.TempPathFactory
) -> list[Shown]:
    found = []
    for then in moments:
        other = tmp_path_factory.mktemp("then")
        only_that_much(other, data, then)
        with closing(embedded(Settings(data_dir=other), SimulatedClock(LATER))) as runtime:
            runtime.catch_up()
            found.append(shown_now(runtime, then.business(LATER)))
    return found


@pytest.fixture(scope="module")
def told(data: Path, moments: list[Then], expected: list[Shown]) -> list[Shown]:
    """One engine at a time: the city itself is opened when the others are closed."""
    assert expected
    with closing(embedded(Settings(data_dir=data), SimulatedClock(LATER))) as runtime:
        runtime.catch_up()
        return [shown_then(runtime, then) for then in moments]


def only_that_much(other: Path, data: Path, then: Then) -> None:
    """Another city, where only what counts at a moment was ever recorded."""
    firsts: dict[str, Envelope] = {}
    versions: dict[str, int] = {}
    clock = SimulatedClock(MONDAY)
    with opened(data, SimulatedClock(LATER)) as store:
        stored = store.read(0, 10_000)
    with opened(other, clock) as store:
        for e in stored:
            first = firsts.setdefault(e.stream_id, e)
            version = versions.get(e.stream_id, 0)
            begun = version > 0 or type(e.event) is type(first.event)
            if counts(then, e, first) and begun:
                clock.move_to(e.recorded_at)
                streams = [StreamEvents(e.stream_id, version, [(e.event, e.metadata)])]
                store.append([Append(f"{e.position}", "", streams)])
                versions[e.stream_id] = version + 1


def shown_now(runtime: Runtime, now: datetime) -> Shown:
    """By the functions that know no past."""
    reader, zone = runtime.services.reader, runtime.services.city().zone
    book = runtime.desk.standing.policies
    (rules,) = (each for each in book if isinstance(each, IndicatorPolicy))
    policy = unit_colours.supervision(book, now)
    assert policy is not None
    month = Period.of("month", now, zone)
    board = policy_for(book, month, zone, now)
    points = {row.unit: row.points for row in ranking(reader, board, month, now=now).rows}
    coloured = unit_colours.colours(reader, policy, [unit for unit, _, _ in UNITS], points)
    return Shown(
        {p: placed(ranking(reader, policy_for(book, Period.parse(p), zone, now),
                           Period.parse(p), now=now)) for p in PERIODS},
        by_name(indicators.counts(reader, rules, MARCH, now)),
        {unit: (colour.colour, colour.en) for unit, colour in coloured.items()},
        {name: listed(runtime, name, Then()) for name in LISTS},
    )  # fmt: skip


def shown_then(runtime: Runtime, then: Then) -> Shown:
    reader, zone = runtime.services.reader, runtime.services.city().zone
    book, now = book_then(runtime.store, then), then.business(LATER)
    (rules,) = (each for each in book if isinstance(each, IndicatorPolicy))
    sources = Sources(runtime.store, reader, zone, LATER)
    coloured = {unit: colour_then(sources, unit, then) for unit, _, _ in UNITS}
    return Shown(
        {p: placed(ranking(reader, policy_for(book, Period.parse(p), zone, now), Period.parse(p),
                           as_of=then.as_of, at=then.at, now=now)) for p in PERIODS},
        by_name(indicators.counts(reader, rules, MARCH, now, as_of=then.as_of, so=then.at)),
        {unit: (colour.colour, colour.en) for unit, colour in coloured.items() if colour},
        {name: listed(runtime, name, then) for name in LISTS},
    )  # fmt: skip


def placed(found: Ranking) -> list[tuple[Any, ...]]:
    return [
        (r.peer_group, r.place, r.unit, r.points, r.entries, r.previous_place) for r in found.rows
    ]


def by_name(counted: list[Counted]) -> dict[str, Any]:
    return {each.name: each.counts for each in counted if any(each.counts.values())}


def listed(runtime: Runtime, name: str, then: Then) -> list[dict[str, Any]]:
    """Of the other city's log every position is another one, and every version may be."""
    kind = KINDS[name]
    rows = page(runtime.store, runtime.services.reader, kind, then, limit=500).rows
    fields = set(kind.snapshot.row.__struct_fields__) - {"position", "version"}
    return [{field: getattr(row, field) for field in fields} for row in rows]


def test_rankings_are_those_of_the_city_then(told: list[Shown], expected: list[Shown]) -> None:
    assert [shown.rankings for shown in told] == [shown.rankings for shown in expected]
    assert sum(len(rows) for shown in told for rows in shown.rankings.values()) > 20


def test_counts_of_cases_are_those_of_the_city_then(
    told: list[Shown], expected: list[Shown]
) -> None:
    assert [shown.counts for shown in told] == [shown.counts for shown in expected]
    assert any(shown.counts for shown in told)


def test_colours_are_those_of_the_city_then(told: list[Shown], expected: list[Shown]) -> None:
    assert [shown.colours for shown in told] == [shown.colours for shown in expected]
    assert len({colour for shown in told for colour, _ in shown.colours.values()}) > 1


@pytest.mark.parametrize("name", LISTS)
def test_lists_are_those_of_the_city_then(
    told: list[Shown], expected: list[Shown], name: str
) -> None:
    for shown, other in zip(told, expected, strict=True):
        assert shown.lists[name] == other.lists[name]
    assert any(shown.lists[name] for shown in told)
