"""What evidence must keep to, wherever its files lie."""

import hashlib
import io
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from obstore.store import MemoryStore

from domain.errors import Invalid, NotFound, Refused
from domain.evidence.ports import EvidenceStore, Stored
from infra.evidence.kept import SEALED, KeptEvidence
from infra.evidence.places import ObjectPlace, Place, path_of, place_at
from infra.settings import from_environment
from infra.vault.sealed import SealedVault
from infra.vault.sqlite import SqliteRows
from tests.support.object_storage import SECRET, bucket
from tests.support.pictures import archive, jpeg, mp4, pdf

NOBODY = "0" * 64


@dataclass
class Spot:
    """A place, and how somebody changes or loses a file behind its back."""

    place: Place
    change: Callable[[str, bytes], None]
    lose: Callable[[str], None]


@pytest.fixture(params=["directory", "memory", "s3"])
def spot(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Spot]:
    match request.param:
        case "directory":
            folder = tmp_path / "evidence"

            def change(digest: str, data: bytes) -> None:
                (folder / path_of(digest)).chmod(0o600)
                (folder / path_of(digest)).write_bytes(data)

            yield Spot(place_at("", folder), change, lambda d: (folder / path_of(d)).unlink())
        case "memory":
            kept = MemoryStore()
            yield Spot(
                ObjectPlace("memory", kept),
                lambda digest, data: kept.put(path_of(digest), data) and None,
                lambda digest: kept.delete(path_of(digest)),
            )
        case _:
            with bucket() as held:
                yield Spot(
                    place_at(held.address, tmp_path),
                    lambda d, data: held.files.update({f"evidence/{path_of(d)}": data}),
                    lambda d: held.files.pop(f"evidence/{path_of(d)}") and None,
                )


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[SealedVault]:
    opened = SealedVault(SqliteRows(tmp_path / "vault.sqlite"), tmp_path / "vault.key", "store-1")
    opened.put("p-1", {"name": "王小明"})
    yield opened
    opened.close()


@pytest.fixture
def store(spot: Spot, vault: SealedVault) -> EvidenceStore:
    return KeptEvidence(spot.place, vault)


def put(store: EvidenceStore, data: bytes, person: str = "") -> Stored:
    return store.put(store.examine(io.BytesIO(data)), person)


def test_a_file_lies_under_its_digest_and_is_read_as_it_came(store: EvidenceStore) -> None:
    photo = jpeg(place=True)
    stored = put(store, photo)
    assert stored.digest == hashlib.sha256(photo).hexdigest()
    assert store.open(stored.digest) == store.read(stored.digest) == photo
    assert b"OWNER" in photo
    assert b"OWNER" not in store.read(stored.copy)
    assert b"OWNER" not in store.read(stored.thumbnail)


def test_what_is_there_is_listed_by_its_digest(store: EvidenceStore) -> None:
    assert list(store.listed()) == []
    stored = put(store, jpeg())
    document = put(store, pdf())
    assert (document.copy, document.thumbnail) == ("", "")
    named = {stored.digest, stored.copy, stored.thumbnail, document.digest}
    found = {listed.digest: listed.size for listed in store.listed()}
    assert set(found) == named
    assert found[stored.digest] == len(jpeg())


def test_the_same_file_twice_is_one_file(store: EvidenceStore) -> None:
    assert put(store, jpeg()) == put(store, jpeg())
    assert len(list(store.listed())) == 3


def test_many_at_once_store_one_file(store: EvidenceStore) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: put(store, jpeg()), range(8)))
    assert len(found) == 1
    assert store.condition(found.pop().digest) == "intact"


def test_what_may_not_be_kept_leaves_nothing(store: EvidenceStore) -> None:
    for wrong in (b"", archive(), jpeg()[:-500]):
        with pytest.raises(Invalid):
            put(store, wrong)
    assert list(store.listed()) == []


def test_a_file_that_changes_while_it_is_read_is_not_kept(store: EvidenceStore) -> None:
    file = io.BytesIO(jpeg())
    examined = store.examine(file)
    file.seek(100)
    file.write(b"x")
    with pytest.raises(Invalid, match="changed while it was read"):
        store.put(examined)
    assert list(store.listed()) == []


def test_an_altered_file_is_found_and_never_shown(store: EvidenceStore, spot: Spot) -> None:
    digest = put(store, jpeg("red")).digest
    spot.change(digest, jpeg("blue"))
    assert store.condition(digest) == "changed"
    for reading in (store.open, store.read, store.stored):
        with pytest.raises(Refused) as refused:
            reading(digest)
        assert refused.value.code == "evidence.altered"


def test_an_altered_file_is_not_taken_for_the_one_that_is_sent_again(
    store: EvidenceStore, spot: Spot
) -> None:
    digest = put(store, jpeg()).digest
    spot.change(digest, b"something else")
    with pytest.raises(Refused) as refused:
        put(store, jpeg())
    assert refused.value.code == "evidence.altered"


def test_a_lost_file_is_missed(store: EvidenceStore, spot: Spot) -> None:
    digest = put(store, jpeg()).digest
    spot.lose(digest)
    assert store.condition(digest) == store.condition(NOBODY) == "missing"
    with pytest.raises(NotFound) as refused:
        store.open(digest)
    assert refused.value.code == "evidence.unknown"


def test_a_stored_file_is_known_again_with_its_copy(store: EvidenceStore, spot: Spot) -> None:
    stored = put(store, jpeg(place=True, zone="+08:00"))
    spot.lose(stored.copy)
    assert store.stored(stored.digest) == stored
    assert store.condition(stored.copy) == "intact"
    film = put(store, mp4())
    assert store.stored(film.digest) == film


def test_a_picture_of_a_person_is_sealed_with_all_that_is_made_of_it(
    store: EvidenceStore, vault: SealedVault
) -> None:
    photo = jpeg()
    stored = put(store, photo, "p-1")
    assert (stored.person, stored.media_type) == ("p-1", "image/jpeg")
    for digest in (stored.digest, stored.copy, stored.thumbnail):
        kept = store.open(digest)
        assert kept.startswith(SEALED + b"p-1\n")
        assert hashlib.sha256(kept).hexdigest() == digest
        assert b"JFIF" not in kept
        assert store.read(digest).startswith(b"\xff\xd8")
    assert store.read(stored.digest) == photo
    assert store.stored(stored.digest).person == "p-1"
    assert put(store, photo, "p-1").digest != stored.digest

    vault.forget("p-1")
    for digest in (stored.digest, stored.copy, stored.thumbnail):
        with pytest.raises(Refused) as refused:
            store.read(digest)
        assert refused.value.code == "person.erased"
        assert store.condition(digest) == "intact"


def test_a_sealed_picture_of_one_person_is_not_opened_as_that_of_another(
    store: EvidenceStore, vault: SealedVault, spot: Spot
) -> None:
    vault.put("p-2", {"name": "李明"})
    kept = store.open(put(store, jpeg(), "p-1").digest)
    moved = kept.replace(b"p-1\n", b"p-2\n", 1)
    digest = hashlib.sha256(moved).hexdigest()
    spot.place.put(digest, moved)
    with pytest.raises(Refused):
        store.read(digest)


def test_half_a_file_of_a_killed_process_is_no_file(tmp_path: Path, vault: SealedVault) -> None:
    store = KeptEvidence(place_at("", tmp_path / "evidence"), vault)
    digest = put(store, jpeg()).digest
    half = tmp_path / "evidence" / f"{path_of(NOBODY)}#1"
    half.parent.mkdir(parents=True)
    half.write_bytes(jpeg()[:100])
    assert store.condition(NOBODY) == "missing"
    assert NOBODY not in {listed.digest for listed in store.listed()}
    mode = (tmp_path / "evidence" / path_of(digest)).stat().st_mode
    assert mode & 0o777 == 0o400


def test_a_place_that_does_not_answer_says_so_without_its_secret(
    tmp_path: Path, vault: SealedVault
) -> None:
    with bucket() as held:
        store = KeptEvidence(place_at(held.address, tmp_path), vault)
        held.broken = True
        with pytest.raises(Refused) as refused:
            put(store, jpeg())
    assert refused.value.code == "store.evidence_unavailable"
    assert SECRET not in refused.value.message
    assert "\n" not in refused.value.message
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(Refused) as refused:
        put(KeptEvidence(place_at("", tmp_path / "file"), vault), jpeg())
    assert refused.value.code == "store.evidence_unavailable"


def test_a_wrong_key_for_the_bucket_is_refused(tmp_path: Path, vault: SealedVault) -> None:
    with bucket() as held:
        address = held.address.replace("key-of", "another-key-of")
        with pytest.raises(Refused) as refused:
            put(KeptEvidence(place_at(address, tmp_path), vault), jpeg())
        assert refused.value.code == "store.evidence_unavailable"
        assert held.files == {}


@pytest.mark.parametrize("address", ["s3+ftp://h/b", "s3+https://h", "s3+https:///b", "s3+"])
def test_an_address_without_a_bucket_is_refused(address: str, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="DUBAN_EVIDENCE"):
        place_at(address, tmp_path)


def test_the_place_is_read_from_the_environment_and_never_shown() -> None:
    settings = from_environment({"DUBAN_EVIDENCE": "s3+https://key:secret@host/bucket"})
    assert settings.evidence.startswith("s3+")
    assert "secret" not in repr(settings)
