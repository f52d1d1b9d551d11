"""The audit trail: every event as one row, with the hash that proves it."""

import struct
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

import msgspec

from projections.projection import Facts, Record, Step
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


def leaf(record: Record) -> bytes:
    """An event as one leaf of a Merkle tree, the same bytes on every machine and for ever.

    Big-endian position (8 bytes), version (4) and recorded_at in microseconds since 1970 UTC
    (8, signed); the lengths in bytes (4 each) of stream id, topic, metadata and body; then these
    four, in UTF-8 and as they are stored.
    """
    envelope = record.envelope
    stream, topic = envelope.stream_id.encode(), record.topic.encode()
    head = _HEAD.pack(
        envelope.position,
        envelope.version,
        record.recorded_us,
        len(stream),
        len(topic),
        len(record.meta),
        len(record.data),
    )
    return b"".join((head, stream, topic, record.meta, record.data))


def leaf_hash(record: Record) -> str:
    """SHA-256 of a zero byte and the leaf, as RFC 6962 hashes the leaves of its tree."""
    return sha256(b"\0" + leaf(record)).hexdigest()


def rows(step: Step, rules: Rules) -> Sequence[EventRow]:
    record, envelope = step.record, step.record.envelope
    metadata = envelope.metadata
    name, _, event_version = record.topic.rpartition("/")
    unit, district = _place(record, step.after)
    return (
        EventRow(
            envelope.position,
            record.kind,
            envelope.stream_id,
            envelope.version,
            name,
            int(event_version),
            metadata.actor,
            unit,
            district,
            metadata.occurred_at,
            envelope.recorded_at,
            record.data,
            metadata.policies,
            metadata.cause,
            leaf_hash(record),
        ),
    )


def _place(record: Record, row: Any) -> tuple[str, str]:
    """The unit an event is about and its district, as its stream knew them after it."""
    match record.kind:
        case "case":
            return row.unit or row.about, row.district
        case "inspection":
            return row.unit, row.district
        case "penalty":
            return row.unit, ""
        case "unit":
            return record.key, ""
    return "", ""


EVENTS = Facts(table="events", version=1, row=EventRow, rows=rows)
