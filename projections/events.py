"""The audit trail: every event as one row, with the hash that proves it."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

import msgspec

from projections.leaves import hash_of, leaf_of
from projections.projection import Facts, Step
from projections.rules import Rules


class EventRow(msgspec.Struct, frozen=True, gc=False):
    position: int
    stream_kind: str
    stream_id: str
    version: int
    name: str
    event_version: int
    actor: str
    unit: str
    district: str
    occurred_at: datetime
    recorded_at: datetime
    payload: bytes
    policies: tuple[str, ...]
    cause: str
    trace_id: str
    leaf_hash: str


def leaf(step: Step) -> bytes:
    at = step.envelope
    return leaf_of(
        at.position, at.stream_id, at.version, step.topic, step.data, step.meta, step.recorded_us
    )


def leaf_hash(step: Step) -> str:
    return hash_of(leaf(step))


def rows(step: Step, rules: Rules) -> Sequence[EventRow]:
    envelope = step.envelope
    metadata = envelope.metadata
    name, event_version = _named(step.topic)
    unit, district = _place(step, step.after)
    return (
        EventRow(
            envelope.position,
            step.kind,
            envelope.stream_id,
            envelope.version,
            name,
            event_version,
            metadata.actor,
            unit,
            district,
            metadata.occurred_at,
            envelope.recorded_at,
            step.data,
            metadata.policies,
            metadata.cause,
            metadata.traceparent[3:35],  # version-trace-span-flags
            leaf_hash(step),
        ),
    )


@cache
def _named(topic: str) -> tuple[str, int]:
    name, _, version = topic.rpartition("/")
    return name, int(version)


def _place(step: Step, row: Any) -> tuple[str, str]:
    """The unit an event is about and its district, as its stream knew them after it."""
    match step.kind:
        case "case":
            return row.unit or row.about, row.district
        case "unit":
            return step.key, ""
    return getattr(row, "unit", ""), getattr(row, "district", "")


EVENTS = Facts(table="events", version=2, row=EventRow, rows=rows)
