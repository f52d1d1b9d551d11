"""An event as one leaf of a Merkle tree, the same bytes on every machine and for ever."""

import struct
from hashlib import sha256

_HEAD = struct.Struct(">QIqIIII")


def leaf_of(
    position: int, stream_id: str, version: int, topic: str, data: bytes, meta: bytes,
    recorded_us: int,
) -> bytes:  # fmt: skip
    """Big-endian position (8 bytes), version (4) and recorded_at in microseconds since 1970 UTC
    (8, signed); the lengths in bytes (4 each) of stream id, topic, metadata and body; then these
    four, in UTF-8 and as they are stored."""
    stream, kind = stream_id.encode(), topic.encode()
    lengths = len(stream), len(kind), len(meta), len(data)
    head = _HEAD.pack(position, version, recorded_us, *lengths)
    return b"".join((head, stream, kind, meta, data))


def hash_of(leaf: bytes) -> str:
    """SHA-256 of a zero byte and the leaf, as RFC 6962 hashes the leaves of its tree."""
    return sha256(b"\0" + leaf).hexdigest()
