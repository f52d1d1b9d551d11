"""A verifier of a whole city finds what was altered behind the program's back, and says where."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from shutil import copytree

import pytest

from domain.errors import Conflict, Invalid, NotFound, Refused
from domain.registry import Registry
from infra.clocks import SystemClock
from infra.event_store.shares import SqliteAddress
from infra.event_store.store import SqliteEventStore
from infra.settings import Settings
from infra.transparency import checking
from infra.transparency.checking import Proven, check
from infra.transparency.files import FileLedger, FileTree
from infra.transparency.kept import Kept, keep
from infra.transparency.signing import MARK, Ed25519Signer, make_key, read_key
from projections.transparency.notes import COSIGNATURE, ED25519
from projections.transparency.trust import KeyEntry
from streams.proving import Outside
from tests.support.cities import synthetic
from tests.support.signed_logs import WITNESS, cosign


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A city whose log is signed and witnessed, without its read tables."""
    made = tmp_path_factory.mktemp("made")
    synthetic(made / "whole")
    data = made / "data"
    data.mkdir()
    (made / "whole" / "events.sqlite").rename(data / "events.sqlite")
    with closing(SqliteEventStore.open_read_only(data / "events.sqlite", Registry())) as store:
        key = make_key(data / "signing.key", f"city/{store.store_id()}", ED25519).key
    with opened(data) as kept:
        kept.ledger.keep_key(KeyEntry(str(key), 1))
        kept.ledger.keep_key(KeyEntry(str(WITNESS.key), 1))
        issued = kept.notary.issue()
        assert issued is not None
        cosign(kept.ledger, issued)
    return data


@pytest.fixture
def data(untouched: Path, tmp_path: Path) -> Path:
    return copytree(untouched, tmp_path / "data")


@contextmanager
def opened(data: Path) -> Iterator[Kept]:
    settings = Settings(data_dir=data)
    with (
        closing(SqliteEventStore.open(settings.events_file, SystemClock(), Registry())) as store,
        closing(keep(settings, store, store.store_id(), SystemClock())) as kept,
    ):
        yield kept


def checked(data: Path, outside: Outside | None = None) -> Proven:
    """As the verifier does, on the files as they lie there."""
    with closing(SqliteEventStore.open_read_only(data / "events.sqlite", Registry())) as store:
        tree = FileTree(data / "log", store.store_id(), writing=False)
        with closing(tree):
            return check(
                SqliteAddress(data / "events.sqlite"), store.last_position, tree,
                FileLedger(data / "log"), store.store_id(), outside or Outside(),
            )  # fmt: skip


def altered(data: Path, *statements: str) -> None:
    with closing(sqlite3.connect(data / "events.sqlite")) as store:
        store.execute("DROP TRIGGER events_are_never_updated")
        store.execute("DROP TRIGGER events_are_never_deleted")
        for statement in statements:
            store.execute(statement)
        store.commit()


def test_an_untouched_city_is_sound_and_the_line_says_what_vouches_for_it(data: Path) -> None:
    found = checked(data)
    assert found.wrong == []
    assert found.events == found.signed == found.cosigned > 100
    assert "1 signed checkpoints; signed up to" in found.line()


def test_worker_processes_come_to_the_same(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "PART", 150)
    assert checked(data).wrong == []


AT = 250
FIELDS = {
    "payload": f"UPDATE events SET data = CAST('{{\"x\":1}}' AS BLOB) WHERE pos = {AT}",
    "actor and when it happened": f"UPDATE events SET meta = CAST('{{}}' AS BLOB) WHERE pos = {AT}",
    "when it was recorded": f"UPDATE events SET recorded_at = recorded_at + 1 WHERE pos = {AT}",
    "its type": f"UPDATE events SET type = type % 3 + 1 WHERE pos = {AT}",
    "its stream": f"UPDATE events SET stream = 1, version = 999 WHERE pos = {AT}",
    "its version": f"UPDATE events SET version = version + 100 WHERE pos = {AT}",
    "the name of its stream": f"UPDATE streams SET name = name || 'x' WHERE id = "
    f"(SELECT stream FROM events WHERE pos = {AT})",
    "the name of its type": f"UPDATE types SET name = 'case.voided/1' WHERE id = "
    f"(SELECT type FROM events WHERE pos = {AT})",
    "its position": f"UPDATE events SET pos = 100000 WHERE pos = {AT}",
    "that it is there": f"DELETE FROM events WHERE pos = {AT}",
    "the newest": "DELETE FROM events WHERE pos = (SELECT max(pos) FROM events)",
    "the tail": "DELETE FROM events WHERE pos > 200",
}


@pytest.mark.parametrize("what", FIELDS)
def test_whatever_is_altered_of_an_event_is_found(what: str, data: Path) -> None:
    altered(data, FIELDS[what])
    found = checked(data)
    assert found.wrong
    assert found.cosigned == 0


def test_two_events_that_changed_places_are_found(data: Path) -> None:
    altered(
        data,
        "UPDATE events SET pos = -1 WHERE pos = 250",
        "UPDATE events SET pos = 250 WHERE pos = 251",
        "UPDATE events SET pos = 251 WHERE pos = -1",
    )
    assert checked(data).wrong[0].startswith("event 250 is not what was recorded there")


def test_who_also_makes_the_tree_anew_is_found_by_the_checkpoint(data: Path) -> None:
    altered(data, FIELDS["payload"])
    with opened(data) as kept:
        kept.notary.rebuild()
        with pytest.raises(Refused) as refused:
            kept.notary.issue()
    assert refused.value.code == "log.forked"
    (told,) = checked(data).wrong
    assert "is not of this history" in told


def test_who_signs_anew_without_the_witness_is_found(data: Path) -> None:
    """With the log's own key, and every trace of the earlier checkpoint gone."""
    seen = FileLedger(data / "log")
    (first,) = seen.issued()
    altered(data, FIELDS["payload"])
    (data / "log" / "checkpoints.jsonl").unlink()
    with opened(data) as kept:
        kept.notary.rebuild()
        kept.notary.issue()
    (told,) = checked(data).wrong  # the cosignature that is left is of another history
    assert "does not match the cosignature of audit.example" in told
    (data / "log" / "cosignatures.jsonl").unlink()
    assert checked(data).wrong == []  # nothing in the city itself tells any more
    (told,) = checked(data, Outside(witnesses=(WITNESS.key,))).wrong
    assert "no checkpoint is cosigned by the witness audit.example" in told
    (told,) = checked(data, Outside((("audit.seen", first.note),))).wrong
    assert told.startswith("the checkpoint in audit.seen is not of this history")


def test_another_key_than_the_one_you_were_given_is_not_the_log_s(data: Path) -> None:
    real = read_key(data / "signing.key", ED25519).key
    assert checked(data, Outside(log_keys=(real,))).wrong == []
    other = make_key(data / "other.key", real.name, ED25519).key
    (told, *_) = checked(data, Outside(log_keys=(other,))).wrong
    assert "is not signed by a key of this log" in told


def test_another_city_s_checkpoints_are_named(data: Path) -> None:
    with closing(sqlite3.connect(data / "events.sqlite")) as store:
        store.execute("UPDATE store SET value = 'ffff' WHERE key = 'id'")
        store.commit()
    assert any("and this is the store ffff" in said for said in checked(data).wrong)


def test_a_damaged_tree_beside_sound_events_is_no_alarm_about_them(data: Path) -> None:
    with (data / "log" / "tree.0").open("r+b") as file:
        file.seek(99 * 32)
        file.write(b"\0")
    assert checked(data).wrong == [
        "the kept tree is damaged at event 100, its root is not: run duban log rebuild"
    ]
    with opened(data) as kept:
        kept.notary.rebuild()
    assert checked(data).wrong == []


def test_a_private_key_is_for_its_owner_alone_and_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "log.key"
    made = make_key(path, "city/1", ED25519)
    assert path.stat().st_mode & 0o777 == 0o600
    read = read_key(path, ED25519)
    assert read.key == made.key
    assert isinstance(read, Ed25519Signer)
    assert path.read_text().strip().split("+", 4)[4] not in repr(read)
    with pytest.raises(Conflict) as refused:
        make_key(path, "city/1", ED25519)
    assert refused.value.code == "key.exists"
    path.chmod(0o640)
    with pytest.raises(Refused, match="chmod 600") as exposed:
        read_key(path, ED25519)
    assert exposed.value.code == "key.exposed"


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: "",
        lambda text: text[: len(text) // 2],
        lambda text: text.replace(MARK, ""),
        lambda text: text.replace("city", "town"),
        lambda text: text[:-6] + "AAAA=\n",
        lambda text: "\udcff",
    ],
)
def test_half_a_private_key_is_none(damage: Callable[[str], str], tmp_path: Path) -> None:
    path = tmp_path / "log.key"
    make_key(path, "city/1", ED25519)
    path.write_text(damage(path.read_text()), errors="surrogateescape")
    with pytest.raises(Invalid) as refused:
        read_key(path, ED25519)
    assert refused.value.code == "key.unreadable"
    assert str(path) in refused.value.message


def test_a_key_that_is_not_there_or_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFound) as refused:
        read_key(tmp_path / "none", ED25519)
    assert refused.value.code == "key.none"
    make_key(tmp_path / "w", "audit", COSIGNATURE)
    with pytest.raises(Invalid, match="another kind"):
        read_key(tmp_path / "w", ED25519)
    for name in ("", "a b", "a+b", "x" * 201):
        with pytest.raises(Invalid) as misnamed:
            make_key(tmp_path / "never", name, COSIGNATURE)
        assert misnamed.value.code == "key.name"
    with pytest.raises(Refused) as unusable:
        make_key(tmp_path / "w" / "below-a-file", "audit", COSIGNATURE)
    assert unusable.value.code == "key.unusable"
