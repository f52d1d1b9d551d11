"""Nothing in a random life is without its reason: every entry, and every row of a ranking."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from api.explain import sources_of
from domain.catalogue import DECIDERS
from domain.errors import NotFound
from domain.messages import Append, StreamEvents
from domain.periods import Period, PeriodKind
from domain.registry import EVENTS
from infra.clocks import SimulatedClock
from infra.embedded import embedded
from infra.runtime import Runtime
from infra.settings import Settings
from projections.standings import boards_for, ranking
from projections.why import THINGS, Explanation, Part, Sources, rank_key, why
from projections.why.instruments import INSTRUMENTS
from projections.why.steps import command_in_words, step_in_words
from streams.wire import Decoding
from tests.support.lives import Lives
from tests.support.memory_log import REGISTRY

LATER = datetime(2027, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runtime]:
    """A random life in a real city, judged by the default policy."""
    settings, clock = Settings(data_dir=tmp_path_factory.mktemp("lives")), SimulatedClock(LATER)
    with closing(embedded(settings, clock, follow=False)) as filled:
        versions: dict[str, int] = {}
        for step in Decoding(REGISTRY).steps(Lives(5).until(900).events):
            stream, told = step.envelope.stream_id, (step.envelope.event, step.envelope.metadata)
            version = versions.get(stream, 0)
            name = f"life/{step.envelope.position}"
            filled.store.append([Append(name, name, [StreamEvents(stream, version, [told])])])
            versions[stream] = version + 1
    with closing(embedded(settings, clock)) as opened:
        opened.catch_up()
        yield opened


@pytest.fixture(scope="module")
def sources(runtime: Runtime) -> Sources:
    return sources_of(runtime.services)


def adds_up(parts: tuple[Part, ...], amount: Decimal) -> bool:
    return sum((part.amount for part in parts if part.amount is not None), Decimal(0)) == amount


def is_told(found: Explanation) -> bool:
    return all(said.zh and said.en for said in (found.title, *found.sentences))


def test_every_score_entry_is_explained(runtime: Runtime, sources: Sources) -> None:
    with runtime.engine.client() as client:
        rows = client.query("SELECT position, entry, points, clause FROM scores").result_rows
    assert len(rows) > 100
    for position, entry, points, clause in rows:
        found = why(sources, "entry", f"{position}.{entry}")
        assert found.parts[0].amount == points
        assert found.amount is not None
        assert adds_up(found.parts, found.amount)
        assert found.clauses[0].clause == clause
        assert found.events[0].position == position
        assert is_told(found)


@pytest.mark.parametrize("kind", ["week", "month", "quarter", "year"])
def test_the_parts_of_every_rank_add_up_exactly_to_its_points(
    sources: Sources, kind: PeriodKind
) -> None:
    period = Period.on(kind, Period.parse("2026-03-04").first)
    (board,) = boards_for(sources.book, period, sources.calendars.zone, sources.now)
    rows = ranking(sources.reader, board, period).rows
    assert rows
    for row in rows:
        found = why(sources, "rank", rank_key(board.id, str(period), row.peer_group, row.unit))
        assert found.amount == row.points
        assert adds_up(found.parts, row.points)
        for part in found.parts:
            assert not part.parts or adds_up(part.parts, part.amount or Decimal(0))
        assert is_told(found)


def test_every_case_tells_its_deadline_and_its_light(runtime: Runtime, sources: Sources) -> None:
    with runtime.engine.client() as client:
        rows = client.query("SELECT case_id FROM cases").result_rows
    for (case_id,) in rows:
        assert is_told(why(sources, "case", case_id))
        assert is_told(why(sources, "light", case_id))


@pytest.mark.parametrize("thing", THINGS)
def test_what_is_not_there_is_refused_with_a_sentence_that_says_how_a_key_looks(
    thing: str, sources: Sources
) -> None:
    with pytest.raises(NotFound, match="write") as refusal:
        why(sources, thing, "nothing-like-this")
    assert refusal.value.code.endswith(".unknown")


@pytest.mark.parametrize(
    ("thing", "key"),
    [
        ("rank", "default:2026-W99:x:lake"), ("rank", "default:2026-03:lake:"),
        ("rank", "nobody:2026-03:lake"), ("entry", "1.0.0"), ("entry", "999999999.0"),
        ("entry", "99999999999999999999.0"), ("indicator", "closing:lake"), ("case", "\x00"),
        ("indicator", "::"), ("slip", "🧹"),
    ],
)  # fmt: skip
def test_a_key_that_makes_no_sense_is_told_not_broken(
    thing: str, key: str, sources: Sources
) -> None:
    with pytest.raises(NotFound):
        why(sources, thing, key)


def test_a_thing_that_nobody_explains_is_refused_with_those_that_are(sources: Sources) -> None:
    with pytest.raises(NotFound, match="entry, rank, ranking"):
        why(sources, "weather", "x")


@pytest.mark.parametrize("kind", INSTRUMENTS)
def test_whatever_may_be_done_or_was_done_has_its_word(kind: str) -> None:
    (decider,) = (each for each in DECIDERS if each.kind == kind)
    begun = f"{kind}.propose"
    for command in decider.commands:
        assert begun == command.NAME or command_in_words(command.NAME).en != command.NAME
    for event in EVENTS:
        if event.NAME.startswith(f"{kind}."):
            assert step_in_words(event.NAME).en != event.NAME
