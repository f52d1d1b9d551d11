"""CityHash128 in its version 1.0.2: the checksum of the blocks that ClickHouse's protocol packs."""

import struct

_ALL = (1 << 64) - 1
_K0, _K1 = 0xC3A5C85C97CB3127, 0xB492B66FBE98F273
_K2, _K3 = 0x9AE16A3B2F90404F, 0xC949D7C7509E6557
_MULTIPLIER = 0x9DDFEA08EB382D69
Pair = tuple[int, int]


def city_hash_128(data: bytes) -> bytes:
    """Sixteen bytes, as they stand in front of a block. The version matters: others differ."""
    size = len(data)
    if size >= 16:
        low, high = _seeded(data[16:], (_word(data, 0) ^ _K3, _word(data, 8)))
    elif size >= 8:
        low, high = _seeded(
            b"", (_word(data, 0) ^ (size * _K0 & _ALL), _word(data, size - 8) ^ _K1)
        )
    else:
        low, high = _seeded(data, (_K0, _K1))
    return struct.pack("<QQ", low, high)


def _seeded(data: bytes, seed: Pair) -> Pair:
    if len(data) < 128:
        return _short(data, seed)
    size = len(data)
    words = struct.unpack_from(f"<{size // 8}Q", data)
    x, y = seed
    z = size * _K1 & _ALL
    v0 = (_turn(y ^ _K1, 49) * _K1 + words[0]) & _ALL
    v1 = (_turn(v0, 42) * _K1 + words[1]) & _ALL
    w0 = (_turn(y + z & _ALL, 35) * _K1 + x) & _ALL
    w1 = _turn(x + words[11] & _ALL, 53) * _K1 & _ALL
    at = 0
    for at in range(0, size // 128 * 16, 8):  # in words: two rounds for every 128 bytes
        x = _turn(x + y + v0 + words[at + 2] & _ALL, 37) * _K1 & _ALL ^ w1
        y = _turn(y + v1 + words[at + 6] & _ALL, 42) * _K1 & _ALL ^ v0
        z = _turn(z ^ w0, 33)
        v0, v1 = _weak(words[at : at + 4], v1 * _K1, x + w0)
        w0, w1 = _weak(words[at + 4 : at + 8], z + w1, y)
        z, x = x, z
    return _tail(data, (at + 8) * 8, (x, y, z), (v0, v1), (w0, w1))


def _tail(data: bytes, begin: int, state: tuple[int, int, int], v: Pair, w: Pair) -> Pair:
    (x, y, z), (v0, v1), (w0, w1) = state, v, w
    y = y + _turn(w0, 37) * _K0 + z & _ALL
    x = x + _turn(v0 + z & _ALL, 49) * _K0 & _ALL
    size, done = len(data) - begin, 0
    while done < size:
        done += 32
        at = len(data) - done
        y = (_turn(y - x & _ALL, 42) * _K0 + v1) & _ALL
        w0 = w0 + _word(data, at + 16) & _ALL
        x = (_turn(x, 49) * _K0 + w0) & _ALL
        w0 = w0 + v0 & _ALL
        v0, v1 = _weak(struct.unpack_from("<4Q", data, at), v0, v1)
    x, y = _mixed(x, v0), _mixed(y, w0)
    return _mixed(x + v1 & _ALL, w1) + y & _ALL, _mixed(x + w1 & _ALL, y + v1 & _ALL)


def _short(data: bytes, seed: Pair) -> Pair:
    a, b = seed
    size = len(data)
    if size <= 16:
        a = _shifted(a * _K1 & _ALL) * _K1 & _ALL
        c = b * _K1 + _tiny(data) & _ALL
        d = _shifted(a + (_word(data, 0) if size >= 8 else c) & _ALL)
    else:
        c = _mixed(_word(data, size - 8) + _K1 & _ALL, a)
        d = _mixed(b + size & _ALL, c + _word(data, size - 16) & _ALL)
        a = a + d & _ALL
        for at in range(0, size - 16, 16):
            a = (a ^ _shifted(_word(data, at) * _K1 & _ALL) * _K1 & _ALL) * _K1 & _ALL
            b ^= a
            c = (c ^ _shifted(_word(data, at + 8) * _K1 & _ALL) * _K1 & _ALL) * _K1 & _ALL
            d ^= c
    a, b = _mixed(a, c), _mixed(d, b)
    return a ^ b, _mixed(b, a)


def _tiny(data: bytes) -> int:
    """At most sixteen bytes."""
    size = len(data)
    if size > 8:
        a, b = _word(data, 0), _word(data, size - 8)
        return _mixed(a, _turn(b + size & _ALL, size)) ^ b
    if size >= 4:
        first, last = struct.unpack_from("<I", data)[0], struct.unpack_from("<I", data, size - 4)[0]
        return _mixed(size + (first << 3), last)
    if size:
        y = data[0] + (data[size >> 1] << 8)
        z = size + (data[size - 1] << 2)
        return _shifted(y * _K2 & _ALL ^ z * _K3 & _ALL) * _K2 & _ALL
    return _K2


def _weak(words: tuple[int, ...], a: int, b: int) -> Pair:
    w, x, y, z = words
    a = a + w & _ALL
    b = _turn(b + a + z & _ALL, 21)
    c = a
    a = a + x + y & _ALL
    b = b + _turn(a, 44)
    return a + z & _ALL, b + c & _ALL


def _mixed(u: int, v: int) -> int:
    a = (u ^ v) * _MULTIPLIER & _ALL
    a ^= a >> 47
    b = (v ^ a) * _MULTIPLIER & _ALL
    return (b ^ b >> 47) * _MULTIPLIER & _ALL


def _turn(value: int, by: int) -> int:
    return value >> by | value << 64 - by & _ALL


def _shifted(value: int) -> int:
    return value ^ value >> 47


def _word(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 8], "little")
