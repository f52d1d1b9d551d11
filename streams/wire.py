"""Stored bytes into records."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from domain.errors import Invalid
from domain.messages import Envelope, Metadata
from domain.registry import Registry
from projections.projection import Record
from streams.ports import RawEvent

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_decode_metadata = msgspec.json.Decoder(Metadata).decode


class Unreadable(Exception):
    """An event that this program cannot read; ``records`` are those before it."""

    def __init__(self, position: int, records: list[Record], reason: str) -> None:
        super().__init__(f"event {position} cannot be read: {reason}")
        self.position = position
        self.records = records


class Decoding:
    """Reads the bytes of events with a registry."""

    def __init__(self, registry: Registry) -> None:
        self._decode = registry.decode

    def records(self, stored: Sequence[RawEvent]) -> list[Record]:
        """Raises ``Unreadable``."""
        records: list[Record] = []
        # The events of one command share their metadata and most of them their moment.
        last_meta, metadata = b"", None
        last_moment, recorded_at = 0, _EPOCH
        for position, stream, version, topic, data, meta, moment in stored:
            try:
                if meta != last_meta or metadata is None:
                    last_meta, metadata = meta, _decode_metadata(meta)
                if moment != last_moment:
                    last_moment, recorded_at = moment, _EPOCH + timedelta(microseconds=moment)
                event = self._decode(topic, data)
            except (Invalid, msgspec.MsgspecError) as error:
                raise Unreadable(position, records, str(error)) from error
            kind, _, key = stream.partition("-")
            envelope = Envelope(position, stream, version, recorded_at, metadata, event)
            records.append(Record(envelope, kind, key, topic, data, meta, moment))
        return records
