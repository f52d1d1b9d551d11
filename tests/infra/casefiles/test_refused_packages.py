"""What is wrong with a package is said in one sentence with a code that stays the same."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.casefiles.container import Container
from infra.casefiles.proving import ground_for
from infra.casefiles.verify import Wrong, key_of
from infra.transparency.signing import Signer, ed25519_signer
from projections.transparency.checkpoints import read_checkpoint
from projections.transparency.notes import ED25519, Note, Signature, encoded
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
from tests.support.signed_logs import LOG, WITNESS


class Sample:
    """A package with all that is needed to try what it is worth."""

    def __init__(self, package: bytes, key: str, signer: Signer) -> None:
        self.package, self.key, self.signer = package, key, signer
        self.files = files_in(package)
        self.checkpoint = self.files["checkpoint.txt"].decode()
        self.size = read_checkpoint(self.checkpoint)[1].size

    def refused(self, package: bytes) -> str:
        (code, sentence), *_ = sentences(package, [self.key])
        assert sentence
        assert "\n" not in sentence
        return code


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sample]:
    folder: Path = tmp_path_factory.mktemp("city")
    with witnessed_city(folder) as runtime:
        package = packed(runtime, "case", busiest(runtime))
        signer = ground_for(runtime.kept, runtime.settings, 1).signer
        yield Sample(package, log_key(runtime), signer)


def test_half_a_package_is_none(sample: Sample) -> None:
    size = len(sample.package)
    lengths = [1, 3, 4, 17, 29, 31, 100, *range(200, size, size // 200), size - 30, size - 1]
    for length in lengths:
        assert sample.refused(sample.package[:length]) in ("package.cut_off", "package.unreadable")
    without_end = {k: v for k, v in sample.files.items() if k not in BEHIND}
    assert sample.refused(put_together(without_end)) == "package.cut_off"


@pytest.mark.parametrize("junk", [b"", b"no zip at all", b"PK", bytes(100), b"%PDF-1.7\n" * 50])
def test_what_is_no_package_is_none(junk: bytes, sample: Sample) -> None:
    assert sample.refused(junk) in ("package.unreadable", "package.cut_off")


def test_nothing_can_stand_behind_or_before_it(sample: Sample) -> None:
    assert sample.refused(sample.package + b"\0") == "package.trailing"
    assert sample.refused(sample.package + sample.package) == "package.trailing"
    assert sample.refused(b"#!/bin/sh\n" + sample.package) == "package.unreadable"


def test_a_name_comes_once_and_leads_nowhere_else(sample: Sample) -> None:
    names = ("/etc/passwd", "../../etc/passwd", "a/../b", "a\\b", "a//b", "a b", "a/", "./a", "é")
    for name in names:
        raw = io.BytesIO()
        with zipfile.ZipFile(raw, "w") as archive:
            archive.writestr(zipfile.ZipInfo(name), b"x")
        assert sample.refused(raw.getvalue()) == "package.path"
    twice = io.BytesIO()
    container = Container(twice)
    for name, data in [*sample.files.items(), ("keys.txt", b"other keys")]:
        container.add(name, data)
    container.close()
    assert sample.refused(twice.getvalue()) == "package.duplicate"


def test_a_compressed_package_was_packed_by_somebody_else(sample: Sample) -> None:
    anew = io.BytesIO()
    with zipfile.ZipFile(anew, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sample.files.items():
            archive.writestr(name, data)
    assert sample.refused(anew.getvalue()) == "package.compressed"
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.json", bytes(50_000_000))
    assert len(bomb.getvalue()) < 100_000
    assert sample.refused(bomb.getvalue()) == "package.compressed"


def test_an_ordinary_zip_of_the_same_files_is_not_the_package(sample: Sample) -> None:
    anew = io.BytesIO()
    with zipfile.ZipFile(anew, "w") as archive:
        for name, data in sample.files.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 3, 1, 0, 0, 0)), data)
    assert sample.refused(anew.getvalue()) == "package.container"


def test_files_that_came_went_or_moved_are_named(sample: Sample) -> None:
    items = list(sample.files.items())
    more = [*items[:-2], ("more.txt", b"x"), *items[-2:]]
    assert sentences(put_together(dict(more)), [sample.key]) == [
        ("file.added", "more.txt was added")
    ]
    for name, _ in items[:-2]:
        less = {k: v for k, v in items if k != name}
        assert sentences(put_together(less), [sample.key])[0] == ("file.lost", f"{name} was lost")
    turned = [items[1], items[0], *items[2:]]
    assert sample.refused(put_together(dict(turned))) == "file.order"


def test_without_a_key_nothing_is_believed(sample: Sample) -> None:
    assert codes(sample.package, []) == ["key.none"]
    assert codes(sample.package, [str(WITNESS.key)]) == ["key.none"]
    with pytest.raises(Wrong, match="no public key") as refused:
        key_of("city+0000+AAAA")
    assert refused.value.args[0] == "key.unreadable"


def test_keys_inside_the_package_are_never_believed(sample: Sample) -> None:
    """Somebody signs everything anew with a key of their own and puts that key in."""
    theirs = ed25519_signer(sample.signer.key.name, ED25519, bytes(range(7, 39)))
    text = sample.checkpoint.rpartition("\n\n")[0] + "\n"
    note = str(Note(text, (Signature(theirs.key.name, theirs.key.id, theirs.sign(text.encode())),)))
    brought = f"{theirs.key}\n".encode()
    forged = sample.files | {"checkpoint.txt": note.encode(), "keys.txt": brought}
    assert codes(resealed(forged, theirs), [sample.key]) == ["key.unknown"]
    assert codes(resealed(forged, theirs), [str(theirs.key)]) == []


def test_a_package_of_another_city_is_told_by_its_log(sample: Sample) -> None:
    assert codes(sample.package, [str(LOG.key)]) == ["package.other_city"]


@pytest.mark.parametrize("how", ["rotated", "revoked"])
def test_what_a_key_signed_after_its_end_does_not_count(how: str, sample: Sample) -> None:
    over = f"{sample.key}  a log's key, {how} at {sample.size - 1} events"
    assert codes(sample.package, [over]) == [f"key.{how}"]


def test_a_rotated_key_still_vouches_for_what_came_before_a_revoked_one_for_no_seal(
    sample: Sample,
) -> None:
    assert codes(sample.package, [f"{sample.key}  rotated at {sample.size} events"]) == []
    revoked = f"{sample.key}  revoked at {sample.size} events"
    assert codes(sample.package, [revoked]) == ["key.revoked"]


def test_a_demanded_witness_must_have_signed(sample: Sample) -> None:
    assert codes(sample.package, [sample.key], [str(WITNESS.key)]) == []
    other = ed25519_signer("other.example", 4, bytes(range(9, 41)))
    found = sentences(sample.package, [sample.key], [str(other.key)])
    assert found == [("checkpoint.unwitnessed", "other.example did not cosign it")]
    alone = sample.checkpoint.splitlines(keepends=True)
    bare = "".join(line for line in alone if "audit.example" not in line)
    files = sample.files | {"checkpoint.txt": bare.encode()}
    assert codes(resealed(files, sample.signer), [sample.key], [str(WITNESS.key)]) == [
        "checkpoint.unwitnessed"
    ]


def test_a_cosignature_that_is_no_signature_counts_for_nothing(sample: Sample) -> None:
    lines = sample.checkpoint.splitlines(keepends=True)
    forged = str(Signature(WITNESS.key.name, WITNESS.key.id, bytes(72)))
    files = sample.files | {"checkpoint.txt": "".join([*lines[:-1], forged]).encode()}
    assert codes(resealed(files, sample.signer), [sample.key], [str(WITNESS.key)]) == [
        "checkpoint.unwitnessed"
    ]


def test_a_checkpoint_of_a_fork_is_told_from_the_one_that_was_seen(sample: Sample) -> None:
    assert codes(sample.package, [sample.key], seen=[sample.checkpoint]) == []
    lines = sample.checkpoint.split("\n")
    forked = "\n".join([*lines[:2], encoded(bytes(32)), *lines[3:]])
    assert codes(sample.package, [sample.key], seen=[forked]) == ["checkpoint.forked"]
    later = "\n".join([lines[0], str(sample.size + 1), *lines[2:]])
    assert codes(sample.package, [sample.key], seen=[later]) == ["checkpoint.incomparable"]


def test_a_checkpoint_of_another_size_than_the_manifest_says_is_refused(sample: Sample) -> None:
    altered = resealed(sample.files, sample.signer, size=sample.size - 1)
    assert codes(altered, [sample.key]) == ["checkpoint.other"]


def test_seals_and_checkpoints_that_their_key_did_not_sign_are_forged(sample: Sample) -> None:
    seal = sample.files["seal.txt"].decode()
    body, _, line = seal.rpartition("\n\n")
    key = sample.signer.key
    for name, text in (("seal", body), ("checkpoint", sample.checkpoint.rpartition("\n\n")[0])):
        note = f"{text}\n\n{Signature(key.name, key.id, bytes(64))}".encode()
        files = sample.files | {f"{name}.txt": note}
        made = put_together(files) if name == "seal" else resealed(files, sample.signer)
        assert codes(made, [sample.key]) == [f"{name}.forged"]
    assert line


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("manifest.json", b"{}"), ("manifest.json", b"[]"), ("manifest.json", b"\xff"),
        ("manifest.json", b"[" * 100_000), ("seal.txt", b""), ("seal.txt", b"\xff\xfe"),
    ],
)  # fmt: skip
def test_nonsense_in_the_place_of_a_file_is_refused(
    name: str, content: bytes, sample: Sample
) -> None:
    code = sample.refused(put_together(sample.files | {name: content}))
    assert code in ("package.unreadable", "manifest.changed")


@pytest.mark.parametrize(
    "name", ["events.leaves", "proofs.txt", "checkpoint.txt", "history.txt"]
)
@pytest.mark.parametrize("content", [b"", b"nonsense\n", bytes(64), b"\xff" * 90])
def test_nonsense_with_a_good_seal_is_refused_too(
    name: str, content: bytes, sample: Sample
) -> None:
    if (name, content) != ("history.txt", b""):
        assert codes(resealed(sample.files | {name: content}, sample.signer), [sample.key])
