"""Between envelopes and rows: whole batches of JSON, because single rows cost more to fetch."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from domain.errors import Invalid
from domain.messages import Append, Envelope, Event, Metadata, StreamEvents
from domain.registry import Registry
from infra.event_store.plan import StreamRows, Write

# pos, stream name, version, type id, data, meta, recorded_at in microseconds
DecodedRow = tuple[int, str, int, int, msgspec.Raw, Metadata, int]
RawRow = tuple[int, str, int, int, msgspec.Raw, msgspec.Raw, int]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_decode_metadata = msgspec.json.Decoder(Metadata).decode
_encode_metadata = msgspec.json.Encoder().encode
_decode_rows = msgspec.json.Decoder(list[DecodedRow]).decode
decode_raw_rows = msgspec.json.Decoder(list[RawRow]).decode


class Codec:
    """Events through the registry, metadata as compact JSON with its times in UTC."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def write(self, append: Append) -> Write:
        streams = [self._stream(stream) for stream in append.streams]
        return Write(append.command_id, append.digest, streams)

    def envelopes_of(
        self, rows: Iterable[tuple[Any, ...]], type_names: dict[int, str]
    ) -> list[Envelope]:
        """Like ``envelopes``, of rows whose metadata is still encoded."""
        last, metadata = None, None
        decoded: list[DecodedRow] = []
        for position, stream, version, type_id, data, meta, recorded in rows:
            if meta != last or metadata is None:
                last, metadata = meta, _metadata(meta)
            decoded.append((position, stream, version, type_id, data, metadata, recorded))
        return self._envelopes(decoded, type_names)

    def envelopes(self, batch: bytes, type_names: dict[int, str]) -> list[Envelope]:
        """Raises ``Invalid`` (``event.unknown``, ``event.unreadable``)."""
        try:
            rows = _decode_rows(batch)
        except msgspec.MsgspecError as error:
            raise _unreadable(error) from error
        return self._envelopes(rows, type_names)

    def _envelopes(self, rows: Sequence[DecodedRow], type_names: dict[int, str]) -> list[Envelope]:
        decode = self._registry.decode
        envelopes: list[Envelope] = []
        seen, recorded_at = 0, _EPOCH
        for position, stream, version, type_id, data, metadata, recorded in rows:
            if recorded != seen:
                seen, recorded_at = recorded, _EPOCH + timedelta(microseconds=recorded)
            event = decode(type_names[type_id], data)
            envelopes.append(Envelope(position, stream, version, recorded_at, metadata, event))
        return envelopes

    def _stream(self, stream: StreamEvents) -> StreamRows:
        rows: list[tuple[int, str, bytes, bytes]] = []
        version = stream.expected_version
        last: Metadata | None = None
        meta = b""
        for event, metadata in stream.events:
            version += 1
            if metadata is not last:
                last, meta = metadata, _meta(metadata)
            rows.append((version, *self._event(event), meta))
        return StreamRows(stream.stream_id, stream.expected_version, rows)

    def _event(self, event: Event) -> tuple[str, bytes]:
        return self._registry.topic(event), self._registry.encode(event)


class TypeNames(dict[int, str]):
    """Type names by their ids in the store, read again when one is new."""

    def __init__(self, read: Callable[[], Iterable[tuple[int, str]]]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, type_id: int) -> str:
        self.update(self._read())
        return super().__getitem__(type_id)


def _metadata(meta: bytes) -> Metadata:
    try:
        return _decode_metadata(meta)
    except msgspec.MsgspecError as error:
        raise _unreadable(error) from error


def _unreadable(error: msgspec.MsgspecError) -> Invalid:
    return Invalid("event.unreadable", f"stored metadata cannot be read: {error}")


def _meta(metadata: Metadata) -> bytes:
    offset = metadata.occurred_at.utcoffset()
    if offset is None:
        raise Invalid("event.no_time_zone", "occurred_at must say its time zone")
    if offset:
        occurred_at = metadata.occurred_at.astimezone(UTC)
        metadata = msgspec.structs.replace(metadata, occurred_at=occurred_at)
    return _encode_metadata(metadata)
