"""The audit trail: every event as one row, with the hash that proves it."""

import struct
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from hashlib import sha256
from typing import Any

import msgspec

from projections.projection import Facts, Step
from projections.rules import Rules

_HEAD = struct.Struct(">QIqIIII")


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
    leaf_hash: str


def leaf(step: Step) -> bytes:
    """An event as one leaf of a Merkle tree, the same bytes on every machine and for ever.

    Big-endian position (8 bytes), version (4) and recorded_at in microseconds since 1970 UTC
    (8, signed); the lengths in bytes (4 each) of stream id, topic, metadata and body; then these
    four, in UTF-8 and as they are stored.
    """
    envelope = step.envelope
    stream, topic = envelope.stream_id.encode(), step.topic.encode()
    head = _HEAD.pack(
        envelope.position,
        envelope.version,
        step.recorded_us,
        len(stream),
        len(topic),
        len(step.meta),
        len(step.data),
    )
    return b"".join((head, stream, topic, step.meta, step.data))


def leaf_hash(step: Step) -> str:
    """SHA-256 of a zero byte and the leaf, as RFC 6962 hashes the leaves of its tree."""
    return sha256(b"\0" + leaf(step)).hexdigest()


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


EVENTS = Facts(table="events", version=1, row=EventRow, rows=rows)
