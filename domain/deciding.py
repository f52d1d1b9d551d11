"""From a command to stored events: load, decide, append, and again if somebody was faster."""

import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from domain.decider import Context, Decider
from domain.errors import Conflict, Refused
from domain.messages import Append, Appended, Envelope, Event, Metadata, StreamEvents
from domain.policies.commands import AdoptPolicy
from domain.policies.events import PolicyAdopted
from domain.ports import Clock, EventStore
from domain.requests import (
    Group,
    Request,
    check_version,
    checked_time,
    digest_of,
    metadata_of,
    repeated,
    saying,
)  # fmt: skip
from domain.standing import CalendarsFor, Standing

ATTEMPTS = 5
REMEMBERED = 200_000
ADOPTING = "adopting"

Seen = tuple[int, Any]  # a stream's version and its state at that version


@dataclass(frozen=True, slots=True)
class Decided:
    """Groups between deciding and storing: ``answers`` so far, ``appends`` by their place among
    them, and the states ``ahead`` by stream and policies ``adopted`` once all are stored."""

    answers: list[Appended | Refused | None]
    appends: list[tuple[int, Append]] = field(default_factory=list)
    ahead: dict[str, Seen] = field(default_factory=dict)
    adopted: list[PolicyAdopted] = field(default_factory=list)


class Desk:
    """Answers requests. Remembers the states of recently used streams; a remembered state that
    has become old is noticed by the store (``stream.moved``) and read again, never trusted; where
    others write to the store too, what they wrote is looked up before anything is decided.
    Every event is stamped with the policies of ``standing`` in force when it happened."""

    def __init__(
        self,
        store: EventStore,
        clock: Clock,
        deciders: Sequence[Decider[Any, Any]],
        calendars_for: CalendarsFor,
    ) -> None:
        self._store = store
        self._clock = clock
        self._known = 0 if store.alone else store.last_position()
        self.standing = Standing.read(store, calendars_for)
        self._by_kind = {decider.kind: decider for decider in deciders}
        self._by_command = {c: decider for decider in deciders for c in decider.commands}
        self._seen: dict[str, Seen] = {}
        self._lock = threading.Lock()

    def over(self, store: EventStore) -> "Desk":
        """The same rules and clock before another store, for a rehearsal."""
        deciders = tuple(self._by_kind.values())
        return Desk(store, self._clock, deciders, self.standing.calendars_for)

    def handle(
        self, requests: Sequence[Request], command_id: str, digest: str | None = None
    ) -> Appended:
        """Decide the requests in order and store all their events as one atomic append.

        Repeating a ``command_id`` with the same requests gives the first answer again; ``digest``
        is what was asked, where the requests hold more than that. Raises
        ``Refused`` (nothing was stored); after several lost races that is a ``Conflict``.
        """
        group: Group = (requests, command_id) if digest is None else (requests, command_id, digest)
        for attempt in range(1, ATTEMPTS + 1):
            (answer,) = self.handle_all([group])
            if isinstance(answer, Appended):
                return answer
            if answer.code != "stream.moved" or attempt == ATTEMPTS:
                raise answer
        raise AssertionError("the last attempt answers or raises")

    def handle_all(self, groups: Sequence[Group]) -> list[Appended | Refused]:
        """Many groups with one wait for the disk: each is decided on top of the ones before it,
        and is stored or refused by itself. A lost race is answered, not tried again."""
        if not any(isinstance(r.command, AdoptPolicy) for group in groups for r in group[0]):
            return self.store_all(self.decide_all(groups))
        # Policies are judged beside each other, and no stream of their own tells of the others.
        with self._store.one_at_a_time(ADOPTING):
            return self.store_all(self.decide_all(groups))

    def decide_all(self, groups: Sequence[Group]) -> Decided:
        """The first half of ``handle_all``: nothing is stored yet."""
        self.catch_up()
        known = self._store.commands([group[1] for group in groups])
        self._recall_all([group[0] for group in groups if group[1] not in known])
        decided = Decided([None] * len(groups))
        for index, (requests, command_id, *given) in enumerate(groups):
            digest = given[0] if given else digest_of(requests)
            try:
                if command_id in known:
                    decided.answers[index] = repeated(known[command_id], digest)
                    continue
                streams = self._decide(requests, decided)
            except Refused as refusal:
                decided.answers[index] = refusal
                continue
            decided.adopted.extend(_adopted_in(streams))
            if streams:
                decided.appends.append((index, Append(command_id, digest, streams)))
            else:
                last = self._store.last_position()
                decided.answers[index] = Appended(command_id, last + 1, last, digest)
        return decided

    def catch_up(self) -> None:
        """Forgets what others have changed since it was read, and stands as they left things."""
        if self._store.alone:
            return
        position, versions = self._store.moved(self._known)
        with self._lock:
            if versions is None:
                self._seen.clear()
            else:
                for name, version in versions.items():
                    if self._seen.get(name, (version, None))[0] < version:
                        del self._seen[name]
            self._known = max(self._known, position)
        if versions is None or any(name.startswith(("unit-", "policy-")) for name in versions):
            self.standing = Standing.read(self._store, self.standing.calendars_for)

    def state(self, stream_id: str) -> Seen:
        """A stream's stored version and state now (version 0: it does not exist)."""
        begun = self._seen.get(stream_id) or self._unseen(stream_id)
        later = self._store.load(stream_id, after_version=begun[0])
        seen = self._folded(stream_id, begun, later)
        self._remember({stream_id: seen})
        return seen

    def store_all(self, decided: Decided) -> list[Appended | Refused]:
        """The second half of ``handle_all``."""
        appends = decided.appends
        stored = self._store.append([append for _, append in appends]) if appends else []
        raced = False
        for (index, append), answer in zip(appends, stored, strict=True):
            decided.answers[index] = answer
            if isinstance(answer, Conflict) or answer.repeated:
                raced = True
                for stream in append.streams:
                    self._seen.pop(stream.stream_id, None)
            else:
                self._settle(append)
        if not raced:
            self._remember(decided.ahead)
        return [answer for answer in decided.answers if answer is not None]

    def _settle(self, append: Append) -> None:
        """What is decided from now on stands under the policies adopted just now."""
        for stream in append.streams:
            if stream.stream_id.startswith(("unit-", "policy-")):
                for event, _ in stream.events:
                    key = stream.stream_id.partition("-")[2]
                    self.standing = self.standing.after(key, event)

    def _decide(self, requests: Sequence[Request], before: Decided) -> list[StreamEvents]:
        """The events of one group; ``before`` moves on only if no request of it is refused."""
        now, standing, ahead = self._clock.now(), self.standing, before.ahead
        mine: dict[str, Seen] = {}
        decided: dict[str, tuple[int, list[tuple[Event, Metadata]]]] = {}

        def look(stream_id: str) -> Seen:
            return mine.get(stream_id) or ahead.get(stream_id) or self._recall(stream_id)

        def stand(stream_id: str) -> Any:
            return look(stream_id)[1]

        def unit(unit_id: str) -> Any:
            return stand(f"unit-{unit_id}")

        told: tuple[Any, ...] | None = None
        for request in requests:
            decider = self._by_command[type(request.command)]
            stream_id = request.command.stream_id
            version, state = look(stream_id)
            check_version(request, decided.get(stream_id, (version,))[0])
            # Most groups tell of one actor at one moment: made once, and encoded once.
            if told != (told := saying(request)):
                occurred_at = checked_time(request.occurred_at, now)
                policies = standing.policies.in_force(occurred_at)
                context = Context(
                    request.actor, occurred_at, now, standing.calendars, unit, standing.city,
                    stand, self._actors, standing.policies.files(policies),
                    standing.policies.adopt(*before.adopted), tuple(r.command for r in requests),
                )  # fmt: skip
                metadata = metadata_of(request, occurred_at, policies)
            for event in decider.decide(state, request.command, context):
                decided.setdefault(stream_id, (version, []))[1].append((event, metadata))
                version += 1
                state = decider.evolve(state, Envelope(0, stream_id, version, now, metadata, event))
            mine[stream_id] = (version, state)
        ahead.update(mine)
        return [StreamEvents(name, version, events) for name, (version, events) in decided.items()]

    def _actors(self, stream_id: str) -> frozenset[str]:
        return frozenset(envelope.actor for envelope in self._store.load(stream_id))

    def _folded(self, stream_id: str, begun: Seen, envelopes: Sequence[Envelope]) -> Seen:
        evolve = self._decider(stream_id).evolve
        version, state = begun
        for envelope in envelopes:
            version, state = envelope.version, evolve(state, envelope)
        return version, state

    def _unseen(self, stream_id: str) -> Seen:
        return 0, self._decider(stream_id).initial

    def _recall_all(self, groups: Sequence[Sequence[Request]]) -> None:
        """One question to the store for all that is not remembered, instead of one for each."""
        wanted: dict[str, None] = {}
        for requests in groups:
            with suppress(Refused):  # a stream named by what a text says: refused when decided
                wanted.update(dict.fromkeys(request.command.stream_id for request in requests))
        unseen = [stream_id for stream_id in wanted if stream_id not in self._seen]
        if len(unseen) > 1:
            found = self._store.load_all(unseen)
            self._remember(
                {
                    name: self._folded(name, self._unseen(name), found.get(name, ()))
                    for name in unseen
                }
            )

    def _recall(self, stream_id: str) -> Seen:
        return self._seen.get(stream_id) or self.state(stream_id)

    def _remember(self, seen: dict[str, Seen]) -> None:
        with self._lock:  # a slower thread must not put an older state over a newer one
            if len(self._seen) > REMEMBERED:
                self._seen.clear()
            for stream_id, (version, state) in seen.items():
                if version >= self._seen.get(stream_id, (0, None))[0]:
                    self._seen[stream_id] = (version, state)

    def _decider(self, stream_id: str) -> Decider[Any, Any]:
        return self._by_kind[stream_id.partition("-")[0]]


def _adopted_in(streams: Sequence[StreamEvents]) -> list[PolicyAdopted]:
    """Policies that the next group in line stands beside already."""
    found = [event for s in streams if s.stream_id.startswith("policy-") for event, _ in s.events]
    return [event for event in found if isinstance(event, PolicyAdopted)]
