"""The checksum and the blocks, held to what the engine itself writes to disk."""

import io
import struct
from contextlib import closing
from pathlib import Path

import pytest

from infra.clickhouse.endpoint.cityhash import city_hash_128
from infra.clickhouse.endpoint.failures import Failure
from infra.clickhouse.endpoint.packing import blocks, chosen_encoding, from_blocks
from infra.clickhouse.engine import ChdbEngine


def test_checksums_and_blocks_are_those_of_the_engine_s_own_files(tmp_path: Path) -> None:
    with closing(ChdbEngine(tmp_path)) as engine, engine.client() as client:
        client.command(
            "CREATE TABLE t (a UInt64, b String) ENGINE = MergeTree ORDER BY a "
            "SETTINGS min_bytes_for_wide_part = 0"
        )
        for rows in (1, 3, 17, 100, 1_000, 50_000):
            client.command(f"INSERT INTO t SELECT number, hex(number) FROM numbers({rows})")
        files = [path.read_bytes() for path in tmp_path.rglob("*.bin")]
    checked = 0
    for data in files:
        at = 0
        while at < len(data):
            (size,) = struct.unpack_from("<I", data, at + 17)
            assert city_hash_128(data[at + 16 : at + 16 + size]) == data[at : at + 16]
            at += 16 + size
            checked += 1
        assert data == b"" or from_blocks(io.BytesIO(data)).read()
    assert checked > 20


@pytest.mark.parametrize("size", [0, 1, 7, 8, 100, 127, 128, 1_000, 1 << 18, (1 << 18) + 1])
def test_what_is_packed_comes_back(size: int) -> None:
    data = bytes(index * 7 % 251 for index in range(size))
    assert from_blocks(io.BytesIO(b"".join(blocks([data])))).read() == data


@pytest.mark.parametrize("cut", [1, 10, 20, 30])
def test_a_block_that_is_cut_off_is_told(cut: int) -> None:
    whole = b"".join(blocks([b"x" * 1000]))
    with pytest.raises(Failure):
        from_blocks(io.BytesIO(whole[:-cut])).read()


@pytest.mark.parametrize(
    ("accepted", "chosen"),
    [
        ("", ""),
        ("identity", ""),
        ("gzip, deflate, br", "gzip"),
        ("gzip;q=0, deflate", "deflate"),
        ("lz4, zstd", "lz4"),
        ("br;q=1.0", "br"),
        ("snappy", ""),
    ],
)
def test_an_encoding_is_one_the_client_takes(accepted: str, chosen: str) -> None:
    assert chosen_encoding(accepted) == chosen
