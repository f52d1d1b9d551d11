"""Stored bytes into events on their way to the tables."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from domain.errors import Invalid
from domain.messages import Envelope, Metadata
from domain.registry import Registry
from projections.projection import Step
from streams.ports import RawEvent

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_decode_metadata = msgspec.json.Decoder(Metadata).decode


class Unreadable(Exception):
    """An event that this program cannot read; ``steps`` are those before it."""

    def __init__(self, position: int, steps: list[Step], reason: str) -> None:
        super().__init__(f"event {position} cannot be read: {reason}")
        self.position = position
        self.steps = steps


class Decoding:
    """Reads the bytes of events with a registry."""

    def __init__(self, registry: Registry) -> None:
        self._decode = registry.decode

    def steps(self, stored: Sequence[RawEvent]) -> list[Step]:
        """Raises ``Unreadable``."""
        steps: list[Step] = []
        # The events of one command share their metadata and most of them their moment.
        last_meta, metadata = b"", None
        last_recorded, recorded_at = 0, _EPOCH
        for position, stream, version, topic, data, meta, recorded_us in stored:
            try:
                if meta != last_meta or metadata is None:
                    last_meta, metadata = meta, _decode_metadata(meta)
                if recorded_us != last_recorded:
                    last_recorded = recorded_us
                    recorded_at = _EPOCH + timedelta(microseconds=recorded_us)
                event = self._decode(topic, data)
            except (Invalid, msgspec.MsgspecError) as error:
                raise Unreadable(position, steps, str(error)) from error
            kind, _, key = stream.partition("-")
            envelope = Envelope(position, stream, version, recorded_at, metadata, event)
            steps.append(Step(envelope, kind, key, topic, data, meta, recorded_us))
        return steps
