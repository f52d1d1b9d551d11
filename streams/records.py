"""An event as a Kafka record and back: the value is what the store holds, the headers say the rest.

The headers follow CloudEvents 1.0 in its binary mode, so that readers in any language find what
they know; those that start with ``duban_`` hold what is needed to get the stored event back.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import msgspec

from streams.ports import RawEvent

Headers = Sequence[tuple[str, bytes | None]]

_SPECVERSION = ("ce_specversion", b"1.0")
_CONTENT_TYPE = ("content-type", b"application/json")


class Record(NamedTuple):
    """``key`` is the stream, which keeps its events in one partition and in order."""

    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]]
    timestamp_ms: int


class UnreadableRecord(Exception):
    """A record that is not one of ours, or is damaged; the message says in what."""


class _Told(msgspec.Struct, frozen=True):
    """What of the metadata is told in headers of its own."""

    occurred_at: str
    traceparent: str = ""


def to_record(event: RawEvent, store_id: str) -> Record:
    """Metadata that cannot be read is carried all the same: it is its readers' to park it."""
    position, stream, version, topic, data, metadata, recorded = event
    name, _, schema = topic.rpartition("/")
    key = stream.encode()
    headers = [
        _SPECVERSION,
        ("ce_id", b"%s:%d" % (store_id.encode(), position)),
        ("ce_source", b"/duban/" + store_id.encode()),
        ("ce_type", name.encode()),
        ("ce_subject", key),
        *_told(metadata),
        _CONTENT_TYPE,
        ("duban_position", b"%d" % position),
        ("duban_version", b"%d" % version),
        ("duban_schema", schema.encode()),
        ("duban_recorded", b"%d" % recorded),
        ("duban_metadata", metadata),
    ]
    return Record(key, data, headers, recorded // 1000)


def from_record(key: bytes | None, value: bytes | None, headers: Headers) -> RawEvent:
    """Raises ``UnreadableRecord``."""
    if key is None or value is None:
        raise UnreadableRecord(f"the record has no {'key' if key is None else 'value'}")
    found = dict(headers)
    if found.get("ce_subject") != key:
        raise UnreadableRecord("its key is not the stream that ce_subject names")
    try:
        stream = key.decode()
        topic = f"{_text(found, 'ce_type')}/{_number(found, 'duban_schema')}"
    except UnicodeDecodeError as error:
        raise UnreadableRecord(f"its key or ce_type is not UTF-8: {error.reason}") from error
    metadata = found.get("duban_metadata")
    if metadata is None:
        raise UnreadableRecord("the header duban_metadata is missing")
    return (
        _number(found, "duban_position"),
        stream,
        _number(found, "duban_version"),
        topic,
        value,
        metadata,
        _number(found, "duban_recorded"),
    )


# The events of one command share their metadata, and they stand side by side.
@lru_cache(maxsize=256)
def _told(metadata: bytes) -> tuple[tuple[str, bytes], ...]:
    try:
        told = msgspec.json.decode(metadata, type=_Told)
    except msgspec.MsgspecError:
        return ()
    time = ("ce_time", told.occurred_at.encode())
    return (time, ("traceparent", told.traceparent.encode())) if told.traceparent else (time,)


def _text(found: dict[str, bytes | None], header: str) -> str:
    value = found.get(header)
    if not value:
        raise UnreadableRecord(f"the header {header} is missing")
    return value.decode()


def _number(found: dict[str, bytes | None], header: str) -> int:
    value = found.get(header)
    if value is None or not value.isdigit():
        raise UnreadableRecord(
            f"the header {header} is {'missing' if value is None else f'{value!r}, not a number'}"
        )
    return int(value)
