"""Which events belong into the package of a case, a unit, a person, a ranking or a referral."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, Protocol

from domain.accountability.events import ReferralPacked
from domain.errors import Conflict, NotFound
from domain.messages import Envelope, Event
from domain.moments import Then
from domain.periods import Period
from domain.ports import EventStore
from domain.rankings.events import RankingComposed, RankingCorrected, RankingPublished
from projections.packages import Kind
from projections.past.dossiers import Subject, SubjectKind, lines
from projections.reading import Reader
from streams.ports import RawEvent, RawLog

MOST_EVENTS = 1_000_000
# Reading over a gap is cheaper than beginning anew behind it.
GAP, RUN = 32, 5_000


class Stored(EventStore, RawLog, Protocol):
    """The event store, and the log as it is stored."""


class Chosen(NamedTuple):
    """``positions`` in order; ``whole`` are the streams of which every event is among them."""

    positions: Sequence[int]
    whole: Sequence[str]


def chosen(store: EventStore, reader: Reader, kind: Kind, key: str, then: Then) -> Chosen:
    """Raises ``NotFound`` (``case.unknown``, ``person.unknown``, …) and ``Conflict``
    (``referral.not_packed``)."""
    return _CHOOSING[kind](store, reader, key, then)


def read_raws(log: RawLog, positions: Sequence[int]) -> list[RawEvent]:
    """The events at these positions, as they are stored."""
    found: list[RawEvent] = []
    at = 0
    while at < len(positions):
        last = at
        while last + 1 < len(positions) and _is_near(positions, at, last + 1):
            last += 1
        wanted = set(positions[at : last + 1])
        read = log.read_raw(positions[at] - 1, positions[last] - positions[at] + 1)
        found += [raw for raw in read if raw[0] in wanted]
        at = last + 1
    return found


def _is_near(positions: Sequence[int], first: int, at: int) -> bool:
    return positions[at] - positions[at - 1] <= GAP and positions[at] - positions[first] < RUN


def _case(store: EventStore, reader: Reader, key: str, then: Then) -> Chosen:
    """With the visit that found it, and the slips, penalties and appeals about it."""
    named = reader.rows("packages.about_case", {"case": key})
    return _whole(store, f"case-{key}", [row["stream"] for row in named], then)


def _ranking(store: EventStore, reader: Reader, key: str, then: Then) -> Chosen:
    """With the score entries that its rows add up, and the money and list entries that followed."""
    named = reader.rows("packages.about_ranking", {"ranking": key})
    found = _whole(store, f"ranking-{key}", [row["stream"] for row in named], then)
    entries = {p for e in store.load(f"ranking-{key}") for p in _entries(reader, e.event)}
    known = [e.position for p in sorted(entries) for e in store.read(p - 1, 1) if then.knows(e)]
    return Chosen(sorted({*found.positions, *known}), found.whole)


def _entries(reader: Reader, event: Event) -> list[int]:
    if not isinstance(event, RankingComposed | RankingPublished | RankingCorrected):
        return []
    period, units = Period.parse(event.period), [row.unit for row in event.rows]
    asked = {"board": event.board, "units": units, "up_to": event.computed_at}
    rows = reader.rows("packages.entries_of", asked | {"first": period.first, "end": period.end})
    return [row["position"] for row in rows]


def _referral(store: EventStore, reader: Reader, key: str, then: Then) -> Chosen:
    """What was packed, and all that happened to the referral itself."""
    found = _whole(store, f"accountability-{key}", [], then)
    for envelope in store.load(f"accountability-{key}"):
        match envelope.event:
            case ReferralPacked(events=events) if then.knows(envelope):
                packed = {each.position for each in events}
                return Chosen(sorted({*found.positions, *packed}), found.whole)
    raise Conflict(
        "referral.not_packed",
        f"the referral {key} has not been packed: once it is ordered, duban referral pack {key}",
    )


def _unit(store: EventStore, reader: Reader, key: str, then: Then) -> Chosen:
    found = _whole(store, f"unit-{key}", [], then)
    involved = _involved(reader, "unit", key, then)
    return Chosen(sorted({*found.positions, *involved}), found.whole)


def _person(store: EventStore, reader: Reader, key: str, then: Then) -> Chosen:
    """By pseudonym, or as the name that officers act under."""
    own = [e.position for e in store.load(f"person-{key}") if then.knows(e)]
    involved = _involved(reader, "person", key, then)
    if not own and not involved:
        raise NotFound("person.unknown", f"no event names a person {key}")
    return Chosen(sorted({*own, *involved}), [f"person-{key}"] if own else [])


def _involved(reader: Reader, kind: SubjectKind, key: str, then: Then) -> list[int]:
    found = lines(reader, Subject(kind, (key,)), then, limit=MOST_EVENTS)
    return [line.position for line in found]


def _whole(store: EventStore, first: str, others: Sequence[str], then: Then) -> Chosen:
    """Every event of streams that was known; the first of them must be there."""
    kind, _, key = first.partition("-")
    stored = store.load_all([first, *others])
    known: dict[str, list[Envelope]] = {
        stream: [e for e in events if then.knows(e)] for stream, events in stored.items()
    }
    if not known.get(first):
        raise NotFound(f"{kind}.unknown", f"there is no {kind} {key}, or there was none then")
    positions = sorted(e.position for events in known.values() for e in events)
    return Chosen(positions, sorted(stream for stream, events in known.items() if events))


_CHOOSING: Mapping[Kind, Callable[[EventStore, Reader, str, Then], Chosen]] = {
    "case": _case,
    "unit": _unit,
    "person": _person,
    "ranking": _ranking,
    "referral": _referral,
}
