"""Random lives in a real store, some of them recorded late or put right afterwards."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from random import Random

import msgspec

from domain.messages import Append, Event, Metadata, StreamEvents
from domain.persons.events import (
    FieldDigest,
    PersonCorrected,
    PersonForgotten,
    PersonRegistered,
)
from domain.policies.events import PolicyAdopted
from domain.policies.loading import load
from infra.bundled import preset_folder
from infra.clocks import SimulatedClock
from infra.event_store import SqliteEventStore
from infra.settings import Settings
from streams.wire import Decoding
from tests.support.lives import Lives
from tests.support.memory_log import REGISTRY
from tests.support.specification import MONDAY

# Most is recorded at once, some of it days later.
DELAYS = (*(timedelta(),) * 6, timedelta(minutes=3), timedelta(hours=9), timedelta(days=4))
EARLIER = timedelta(hours=30)


# When a further version of a policy is adopted (after so many events), and since when it rules.
REVISIONS = {200: "2026-04-01", 300: "2026-03-10", 400: "2026-03-01"}


def live(data: Path, seed: int, events: int, policies: Sequence[str] = ()) -> SimulatedClock:
    """Fills the store of a city's directory; the clock answered stands at the end. ``policies``
    are adopted before anything happens, by their text."""
    random, clock = Random(seed), SimulatedClock(MONDAY)
    versions: dict[str, int] = {}

    def store_one(stream: str, event: Event, metadata: Metadata) -> None:
        version = versions.get(stream, 0)
        versions[stream] = version + 1
        name = f"{stream}/{version}"
        told = [(event, metadata)]
        store.append([Append(name, name, [StreamEvents(stream, version, told)])])

    with opened(data, clock) as store:
        for body in policies:
            adopted = adoption(body)
            told = Metadata(actor="office", occurred_at=MONDAY)
            store_one(f"policy-{adopted.policy_id}", adopted, told)
        for step in Decoding(REGISTRY).steps(Lives(seed).until(events).events):
            stream, metadata = step.envelope.stream_id, step.envelope.metadata
            late = metadata.occurred_at + random.choice(DELAYS)
            clock.move_to(max(clock.now(), late))
            when = _when(metadata, random, versions.get(stream, 0))
            store_one(stream, step.envelope.event, when)
            if step.envelope.position % 25 == 0:
                store_one(*_person(step.envelope.position // 25), metadata)
            if step.envelope.position in REVISIONS:
                adopted = _revision(step.envelope.position)
                store_one(f"policy-{adopted.policy_id}", adopted, metadata)
    return clock


@contextmanager
def lived(data: Path, seed: int, events: int) -> Iterator[SqliteEventStore]:
    with opened(data, live(data, seed, events)) as store:
        yield store


def opened(data: Path, clock: SimulatedClock) -> closing[SqliteEventStore]:
    file = Settings(data_dir=data).events_file
    return closing(SqliteEventStore.open(file, clock, REGISTRY))


def _person(number: int) -> tuple[str, Event]:
    """Registered, put right and forgotten in turn."""
    fields = (FieldDigest("name", "ab" * 32),)
    steps: tuple[Event, ...] = (
        PersonRegistered(category="reporter", basis="report", fields=fields),
        PersonCorrected(reason="mistyped", fields=fields * 2),
        PersonForgotten(basis="asked for"),
    )
    life, step = divmod(number - 1, len(steps))
    return f"person-p-{life}", steps[step]


def _revision(position: int) -> PolicyAdopted:
    number = list(REVISIONS).index(position) + 2
    body = preset_folder("default")["appeals.yaml"]
    body = body.replace("version: 1", f"version: {number}", 1)
    body = body.replace("effective_from: 2000-01-01", f"effective_from: {REVISIONS[position]}")
    return adoption(body)


def adoption(body: str) -> PolicyAdopted:
    policy = load(body)
    return PolicyAdopted(
        policy_id=policy.id, revision=policy.version, effective_from=policy.starts_at,
        digest=policy.digest, body=body,
    )  # fmt: skip


def _when(metadata: Metadata, random: Random, version: int) -> Metadata:
    """As an import from elsewhere may have it: what comes later in a stream happened earlier."""
    if version == 0 or random.random() > 0.1:
        return metadata
    return msgspec.structs.replace(metadata, occurred_at=metadata.occurred_at - EARLIER)
