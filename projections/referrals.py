"""The package of a referral: every event it rests on, each with the digest of what is stored.

package(store, reader, "R1")      in the order of the log
"""

from domain.accountability.events import PackedEvent
from domain.ports import EventStore
from domain.reasons import Reason
from projections.reading import Reader


def package(store: EventStore, reader: Reader, accountability_id: str) -> tuple[PackedEvent, ...]:
    """The whole history of the referral itself, of everything its reasons name, of everything
    their reasons name in turn, and of the policies they go by. The tables must hold all of it."""
    rows = reader.rows(
        "referrals.leaves", {"streams": _streams(store, f"accountability-{accountability_id}")}
    )
    return tuple(PackedEvent(**row) for row in rows)


def _streams(store: EventStore, first: str) -> list[str]:
    waiting, named = [first], {first}
    while waiting:
        for envelope in store.load(waiting.pop()):
            reason = getattr(envelope.event, "reason", None)
            if isinstance(reason, Reason):
                fresh = _named_in(store, reason) - named
                named |= fresh
                waiting += fresh
    return sorted(named)


def _named_in(store: EventStore, reason: Reason) -> set[str]:
    events = [event for position in reason.events for event in store.read(position - 1, 1)]
    named = {envelope.stream_id for envelope in events}
    return named | {f"policy-{reason.policy.partition('@')[0]}"} if reason.policy else named
