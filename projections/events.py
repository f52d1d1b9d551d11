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
    at = step.envelope
    return _leaf(
        at.position, at.stream_id, at.version, step.topic, step.data, step.meta, step.recorded_us
    )


def leaf_hash(step: Step) -> str:
    """SHA-256 of a zero byte and the leaf, as RFC 6962 hashes the leaves of its tree."""
    return sha256(b"\0" + leaf(step)).hexdigest()


def stored_leaf_hash(
    position: int, stream_id: str, version: int, topic: str, data: bytes, meta: bytes,
    recorded_us: int,
) -> str:  # fmt: skip
    """The ``leaf_hash`` of an event as the store keeps it."""
    stored = _leaf(position, stream_id, version, topic, data, meta, recorded_us)
    return sha256(b"\0" + stored).hexdigest()


def _leaf(
    position: int, stream_id: str, version: int, topic: str, data: bytes, meta: bytes,
    recorded_us: int,
) -> bytes:  # fmt: skip
    stream, kind = stream_id.encode(), topic.encode()
    head = _HEAD.pack(
        position, version, recorded_us, len(stream), len(kind), len(meta), len(data)
    )  # fmt: skip
    return b"".join((head, stream, kind, meta, data))


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
