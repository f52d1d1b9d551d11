"""Bodies packed and unpacked: HTTP's content encodings, and the blocks of ClickHouse's own."""

import struct
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol, cast

import pyarrow as pa

from infra.clickhouse.endpoint.cityhash import city_hash_128
from infra.clickhouse.endpoint.failures import (
    BAD_ARGUMENTS,
    CANNOT_DECOMPRESS,
    NOT_IMPLEMENTED,
    Failure,
)

# In the order in which we like them: what costs least here comes first.
_STREAMS = {"lz4": "lz4", "zstd": "zstd", "gzip": "gzip", "br": "brotli"}
_BLOCK = 1 << 18  # bytes of an answer that one of ClickHouse's blocks holds
_LARGEST = 1 << 30
_LZ4, _ZSTD, _PLAIN = 0x82, 0x90, 0x02
_HEAD = struct.Struct("<BII")  # method, size with this head, size unpacked
_CHECKSUM = 16
_PART = 1 << 20

Packing = Callable[[Iterable[bytes]], Iterator[bytes]]


class Body(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


def chosen_encoding(accepted: str) -> str:
    """One that the client takes, or nothing."""
    taken = [part.partition(";")[0].strip().lower() for part in accepted.split(",")]
    refused = {
        part.partition(";")[0].strip().lower()
        for part in accepted.split(",")
        if part.replace(" ", "").endswith((";q=0", ";q=0.0"))
    }
    found = [name for name in (*_STREAMS, "deflate") if name in taken and name not in refused]
    return found[0] if found else ""


def packing(encoding: str) -> Packing:
    if encoding == "deflate":
        return _deflated
    codec = _STREAMS[encoding]

    def packed(parts: Iterable[bytes]) -> Iterator[bytes]:
        sink = _Sink()
        with pa.CompressedOutputStream(pa.PythonFile(sink, "w"), codec) as stream:
            for part in parts:
                stream.write(part)
                yield from sink.taken()
        yield from sink.taken()

    return packed


def unpacked(body: Body, encoding: str) -> Body:
    """Raises ``Failure`` for an encoding that nobody knows, and when read, ``OSError``."""
    if encoding in ("", "identity"):
        return body
    if encoding == "deflate":
        return _Parts(_inflated(body))
    if encoding not in _STREAMS:
        raise Failure(NOT_IMPLEMENTED, f"Unknown compression method: {encoding}")
    return cast(Body, pa.CompressedInputStream(pa.PythonFile(body, "r"), _STREAMS[encoding]))


def blocks(parts: Iterable[bytes]) -> Iterator[bytes]:
    """As ``compress=1`` asks for: each block with its checksum, method and sizes."""
    codec = pa.Codec("lz4_raw")
    for block in _even(parts):
        packed = codec.compress(block, asbytes=True)
        head = _HEAD.pack(_LZ4, len(packed) + _HEAD.size, len(block))
        yield city_hash_128(head + packed) + head + packed


def from_blocks(body: Body) -> Body:
    """What ``decompress=1`` announces. Raises ``Failure`` when read."""
    return _Parts(_unblocked(body))


def _unblocked(body: Body) -> Iterator[bytes]:
    while checksum := body.read(_CHECKSUM):
        head = body.read(_HEAD.size)
        if len(checksum) < _CHECKSUM or len(head) < _HEAD.size:
            raise Failure(CANNOT_DECOMPRESS, "Cannot decompress: the body ends inside of a block")
        method, size, whole = _HEAD.unpack(head)
        if not _HEAD.size <= size <= _LARGEST or whole > _LARGEST:
            raise Failure(CANNOT_DECOMPRESS, "Cannot decompress: a block has an impossible size")
        packed = body.read(size - _HEAD.size)
        if city_hash_128(head + packed) != checksum:
            raise Failure((40, "CHECKSUM_DOESNT_MATCH"), "Checksum doesn't match: corrupted data")
        yield _opened(method, packed, whole)


def _opened(method: int, packed: bytes, whole: int) -> bytes:
    if method == _PLAIN:
        return packed
    if method not in (_LZ4, _ZSTD):
        raise Failure((432, "UNKNOWN_CODEC"), f"Unknown codec family code: {method}")
    try:
        codec = pa.Codec("lz4_raw" if method == _LZ4 else "zstd")
        return bytes(codec.decompress(packed, whole, asbytes=True))
    except (pa.ArrowException, OSError) as error:
        raise Failure(CANNOT_DECOMPRESS, f"Cannot decompress: {error}") from error


def _even(parts: Iterable[bytes]) -> Iterator[bytes]:
    for part in parts:
        for at in range(0, len(part), _BLOCK):
            yield bytes(part[at : at + _BLOCK])


def _deflated(parts: Iterable[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(3)
    for part in parts:
        yield packer.compress(part)
    yield packer.flush()


def _inflated(body: Body) -> Iterator[bytes]:
    unpacker = zlib.decompressobj()
    try:
        while part := body.read(_PART):
            yield unpacker.decompress(part)
        yield unpacker.flush()
    except zlib.error as error:
        raise Failure(BAD_ARGUMENTS, f"Cannot decompress: {error}") from error


class _Sink:
    """Takes what a stream writes and hands it on."""

    closed = False

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, part: bytes) -> int:
        self._parts.append(bytes(part))
        return len(part)

    def flush(self) -> None: ...

    def close(self) -> None: ...

    def taken(self) -> Iterator[bytes]:
        parts, self._parts = self._parts, []
        whole = b"".join(parts)
        if whole:
            yield whole


class _Parts:
    """Reads from what comes in parts of any size."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self._parts = parts
        self._rest = bytearray()

    def read(self, size: int = -1, /) -> bytes:
        while size < 0 or len(self._rest) < size:
            part = next(self._parts, None)
            if part is None:
                break
            self._rest += part
        end = len(self._rest) if size < 0 else size
        taken = bytes(self._rest[:end])
        del self._rest[:end]
        return taken
