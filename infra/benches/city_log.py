"""A long, believable log for measuring: made straight from events, the same for the same seed."""

from collections.abc import Generator, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from heapq import heappop, heappush
from itertools import count
from random import Random

from domain.cases import events as c
from domain.inspections.events import Finding, InspectionRecorded
from domain.messages import Append, Event, Metadata, StreamEvents
from domain.penalties.events import PenaltyDecided, PenaltyOpened
from domain.policies.events import PolicyAdopted
from domain.policies.loading import load
from domain.policies.reading import normalised
from domain.units.events import UnitRegistered
from infra.bundled import preset

START = datetime(2024, 1, 1, tzinfo=UTC)
DISTRICTS, GRIDS, COMPANIES = 9, 360, 4_000
HOUR = timedelta(hours=1)
LIMIT = c.Limit(2, "natural_days")

Steps = list[tuple[str, Event]]
Life = Generator[tuple[timedelta, Steps], None, None]


def city_log(events: int, seed: int = 1) -> Iterator[Append]:
    """At least ``events`` events: units and a policy, then inspections every few minutes, each
    with its cases (6 to 8 events) living side by side in order of time."""
    random, numbers = Random(seed), count(1)
    story = _Story(random)
    made = 0
    for steps in story.founding():
        made += len(steps)
        yield story.append(steps)
    agenda: list[tuple[datetime, int, Life]] = [(START, 0, story.visits())]
    while made < events:
        now, _, life = heappop(agenda)
        story.now = now
        pause, steps = next(life, (None, []))
        if pause is None:
            continue
        made += len(steps)
        if steps:
            yield story.append(steps)
        heappush(agenda, (now + pause, next(numbers), life))
        for born in story.born():
            heappush(agenda, (now, next(numbers), born))


class _Story:
    def __init__(self, random: Random) -> None:
        self.now = START
        self._random = random
        self._versions: dict[str, int] = {}
        self._born: list[Life] = []
        self._policies: tuple[str, ...] = ()
        self._numbers = count(1)

    def append(self, steps: Steps) -> Append:
        number = next(self._numbers)
        metadata = Metadata(
            actor=f"inspector-{number % 40}",
            occurred_at=self.now,
            policies=self._policies,
            cause=f"import:bench:{number}",
        )
        streams: dict[str, StreamEvents] = {}
        for stream_id, event in steps:
            version = self._versions.get(stream_id, 0)
            self._versions[stream_id] = version + 1
            stream = streams.setdefault(stream_id, StreamEvents(stream_id, version, []))
            assert isinstance(stream.events, list)
            stream.events.append((event, metadata))
        return Append(f"bench-{number}", "", list(streams.values()))

    def born(self) -> list[Life]:
        born, self._born = self._born, []
        return born

    def founding(self) -> Iterator[Steps]:
        text = normalised(preset("default"))
        policy = load(text)
        adopted = PolicyAdopted(
            policy_id=policy.id,
            revision=policy.version,
            effective_from=policy.starts_at,
            digest=policy.digest,
            body=text,
        )
        yield [(f"policy-{policy.id}", adopted)]
        self._policies = (policy.digest,)
        yield [("unit-city", _unit("city", timezone="Asia/Shanghai"))]
        yield [(f"unit-d{d}", _unit("district", "city")) for d in range(DISTRICTS)]
        yield [(f"unit-g{g}", _unit("grid", f"d{g % DISTRICTS}")) for g in range(GRIDS)]
        for first in range(0, COMPANIES, 100):
            yield [
                (f"unit-u{u}", _unit("company", f"g{u % GRIDS}", peer_group=f"trade-{u % 12}"))
                for u in range(first, first + 100)
            ]

    def visits(self) -> Life:
        for number in count(1):
            unit = self._random.randrange(COMPANIES)
            found = self._random.choice((0, 0, 1, 1, 2, 3))
            grid = f"g{unit % GRIDS}"
            place = c.Place(grid, f"d{unit % GRIDS % DISTRICTS}")
            findings = tuple(
                Finding(f"problem {i} of visit {number}", "较重", case_id=f"{number}.{i}")
                for i in range(found)
            )
            visit = InspectionRecorded(
                unit=f"u{unit}",
                source="patrol",
                result="pass" if found < 2 else "conditional_pass",
                colour="green" if found < 2 else "yellow",
                findings=findings,
                grid=place.grid,
                district=place.district,
            )
            self._born += [
                self._case(f"{number}.{i}", f"u{unit}", place, str(number)) for i in range(found)
            ]
            yield timedelta(minutes=4), [(f"inspection-{number}", visit)]

    def _case(self, case_id: str, unit: str, place: c.Place, inspection_id: str) -> Life:
        random, stream = self._random, f"case-{case_id}"
        reported = c.CaseReported(
            case_no=f"督2024-{case_id}",
            source="patrol",
            category=f"category {random.randrange(40)}",
            text="Fail to keep the public way in front of the premises clean and free of goods",
            severity=random.choice(("一般", "较重", "严重")),
            about=unit,
            place=place,
            inspection_id=inspection_id,
        )
        due, warn = self.now + 48 * HOUR, self.now + 38 * HOUR
        given = c.CaseDispatched(
            unit=unit, limit=LIMIT, deadline=c.Deadline(due, warn), district=place.district
        )
        filed = c.CaseFiled(standard="市容-3")
        yield 3 * HOUR, [(stream, reported), (stream, filed), (stream, given)]
        yield random.randrange(6, 60) * HOUR, [(stream, c.CaseClaimed())]
        while True:
            yield 20 * HOUR, [(stream, c.CaseRectified(note="cleared and cleaned"))]
            if random.random() > 0.15:
                break
            yield 30 * HOUR, [(stream, c.CaseReworkOrdered(reason="still there"))]
        yield 9 * HOUR, [(stream, c.CaseVerified()), (stream, c.CaseClosed())]
        if random.random() < 0.05:
            penalty = f"penalty-{case_id}"
            opened = PenaltyOpened(unit=unit, kind="ticket", currency="CNY", case_id=case_id)
            yield 300 * HOUR, [(penalty, opened)]
            decided = PenaltyDecided(decision="fined", amount=Decimal("200.00"))
            yield HOUR, [(penalty, decided)]


def _unit(kind: str, parent: str = "", timezone: str = "", peer_group: str = "") -> UnitRegistered:
    return UnitRegistered(
        code=f"{kind}/{parent}",
        name=f"A {kind} of {parent or 'its own'}",
        kind=kind,  # type: ignore[arg-type]
        parent=parent,
        peer_group=peer_group,
        timezone=timezone,
    )
