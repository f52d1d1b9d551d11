"""A changed byte anywhere in a package is named, whoever changed it and however well."""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from infra.casefiles.proving import ground_for
from infra.casefiles.verify import HEAD
from infra.transparency.signing import Signer
from tests.support.packages import (
    BEHIND,
    busiest,
    codes,
    files_in,
    log_key,
    packed,
    put_together,
    resealed,
    sentences,
    witnessed_city,
)

# Documents and programs are long: every byte of all else, and some of these.
LONG = ("timeline.pdf", "timeline.html", "verify.py", "events.jsonl", "README.txt", "policies/")


class Sample(NamedTuple):
    package: bytes
    files: dict[str, bytes]
    keys: list[str]
    signer: Signer


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sample]:
    folder: Path = tmp_path_factory.mktemp("city")
    with witnessed_city(folder) as runtime:
        package = packed(runtime, "case", busiest(runtime))
        signer = ground_for(runtime.kept, runtime.settings, 1).signer
        yield Sample(package, files_in(package), [log_key(runtime)], signer)


def flipped(data: bytes, at: int, by: int = 1) -> bytes:
    return data[:at] + bytes([data[at] ^ by]) + data[at + 1 :]


def test_the_package_itself_holds(sample: Sample) -> None:
    assert codes(sample.package, sample.keys) == []
    assert codes(put_together(sample.files), sample.keys) == []
    assert codes(resealed(sample.files, sample.signer), sample.keys) == []


def test_no_byte_of_the_file_can_be_changed(sample: Sample, record_property: object) -> None:
    """At least 10,000 of them, in every file and all that lies between the files."""
    package = sample.package
    long = {
        at
        for name, data in sample.files.items()
        if name.startswith(LONG)
        for start in [package.index(data)]
        for at in range(start + 4, start + len(data) - 4)
    }
    changed = [at for at in range(len(package)) if at not in long or at % 61 == 0]
    assert len(changed) >= 10_000
    unnoticed = [at for at in changed if not codes(flipped(package, at, 1 << at % 8), sample.keys)]
    assert unnoticed == []


def test_a_changed_file_is_named_although_its_checksum_was_put_right(sample: Sample) -> None:
    for name, data in sample.files.items():
        for at in range(0, len(data), max(1, len(data) // 25)):
            altered = put_together(sample.files | {name: flipped(data, at)})
            found = sentences(altered, sample.keys)
            assert found, f"{name}, byte {at}"
            assert name in found[0][1] or name in BEHIND, found


def test_every_byte_of_manifest_seal_and_checkpoint_counts(sample: Sample) -> None:
    for name in ("seal.txt", "checkpoint.txt"):
        for at in range(len(sample.files[name])):
            for bit in (1, 32):
                altered = flipped(sample.files[name], at, bit)
                assert codes(put_together(sample.files | {name: altered}), sample.keys), at


def test_the_keeper_of_the_key_cannot_alter_an_event(sample: Sample) -> None:
    """List and seal are made anew with the right key; the signed tree is what it was."""
    leaves, counted = sample.files["events.leaves"], 0
    for at in range(0, len(leaves), 7):
        altered = resealed(
            sample.files | {"events.leaves": flipped(leaves, at, 1 << at % 8)}, sample.signer
        )
        assert codes(altered, sample.keys), at
        counted += 1
    assert counted > 500


def test_the_keeper_of_the_key_cannot_move_or_leave_out_events(sample: Sample) -> None:
    leaves = split(sample.files["events.leaves"])
    lines = sample.files["proofs.txt"].splitlines(keepends=True)
    without = [*leaves[:3], *leaves[4:]], [*lines[:3], *lines[4:]]
    turned = [leaves[1], leaves[0], *leaves[2:]], [lines[1], lines[0], *lines[2:]]
    twice = [leaves[0], *leaves], [lines[0], *lines]
    for (events, proofs), code in (
        (without, "event.missing"), (turned, "event.order"), (twice, "event.order"),
    ):  # fmt: skip
        altered = sample.files | {
            "events.leaves": b"".join(events),
            "proofs.txt": b"".join(proofs),
        }
        assert code in codes(resealed(altered, sample.signer, events=len(events)), sample.keys)


def test_the_keeper_of_the_key_cannot_put_an_event_in(sample: Sample) -> None:
    leaves = split(sample.files["events.leaves"])
    last = leaves[-1]
    position, version, *rest = HEAD.unpack_from(last)
    invented = HEAD.pack(position + 1, version + 1, *rest) + last[HEAD.size :]
    lines = sample.files["proofs.txt"].splitlines(keepends=True)
    more = lines[-1].replace(b"%d " % position, b"%d " % (position + 1), 1)
    altered = sample.files | {
        "events.leaves": b"".join([*leaves, invented]),
        "proofs.txt": b"".join([*lines, more]),
    }
    found = codes(resealed(altered, sample.signer, events=len(leaves) + 1), sample.keys)
    assert found == ["event.altered"]


def test_another_policy_in_its_place_is_noticed(sample: Sample) -> None:
    name = next(name for name in sample.files if name.startswith("policies/"))
    for altered in (
        sample.files | {name: sample.files[name] + b"\n"},
        {key: data for key, data in sample.files.items() if key != name},
    ):
        assert codes(resealed(altered, sample.signer), sample.keys) == ["attached.altered"]


def test_evidence_that_no_event_names_is_noticed(sample: Sample) -> None:
    name = f"{'ab' * 32}.jpg"
    altered = dict(list(sample.files.items())[:-2]) | {f"evidence/{name}": b"a picture"}
    altered |= {each: sample.files[each] for each in BEHIND}
    assert codes(resealed(altered, sample.signer, evidence=[name]), sample.keys) == [
        "attached.altered"
    ]


def split(leaves: bytes) -> list[bytes]:
    found, at = [], 0
    while at < len(leaves):
        size = HEAD.size + sum(struct.unpack_from(">IIII", leaves, at + HEAD.size - 16))
        found.append(leaves[at : at + size])
        at += size
    return found
