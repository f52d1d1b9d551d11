"""In PostgreSQL the tree and what was signed are the same, whoever of several adds to them."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from domain.errors import Refused
from domain.registry import Registry
from infra.benches.append import case_appends
from infra.clocks import SystemClock
from infra.event_store.postgres.shares import PostgresAddress
from infra.event_store.postgres.store import PostgresEventStore
from infra.event_store.store import SqliteEventStore
from infra.settings import Settings
from infra.transparency.checking import Proven, check
from infra.transparency.kept import Kept, copy_ledger, keep, looked_at
from infra.transparency.signing import make_key
from projections.transparency.merkle import root_by_inclusion
from projections.transparency.notes import ED25519
from projections.transparency.tiles import MemoryTiles, TiledTree
from projections.transparency.trust import KeyEntry
from streams.notary import hashed
from streams.proving import Outside
from tests.support.memory_log import MemoryLog
from tests.support.signed_logs import KEYS, WITNESS, cosign, grown, in_files, notary

pytestmark = pytest.mark.services
EVENTS = 900


@pytest.fixture
def store(postgres: str) -> Iterator[PostgresEventStore]:
    with closing(PostgresEventStore.open(postgres, SystemClock(), Registry())) as store:
        store.append(case_appends(EVENTS // 3, 3))
        yield store


@pytest.fixture
def settings(postgres: str, tmp_path: Path) -> Settings:
    return Settings(mode="server", postgres=postgres, signing_key=tmp_path / "log.key")


@pytest.fixture
def kept(settings: Settings, store: PostgresEventStore) -> Iterator[Kept]:
    with closing(keep(settings, store, store.store_id(), SystemClock())) as kept:
        key = make_key(settings.key_file, f"city/{store.store_id()}", ED25519).key
        kept.ledger.keep_key(KeyEntry(str(key), 1))
        kept.ledger.keep_key(KeyEntry(str(WITNESS.key), 1))
        yield kept


def checked(settings: Settings, store: PostgresEventStore, kept: Kept) -> Proven:
    return check(
        PostgresAddress(settings.postgres), store.last_position, kept.tree, kept.ledger,
        store.store_id(), Outside(),
    )  # fmt: skip


def test_the_tree_is_that_of_the_events(kept: Kept, store: PostgresEventStore) -> None:
    events = store.read_raw(0, EVENTS)
    kept.notary.take(events[:5])
    kept.notary.take(events[5:300])
    kept.notary.take(events[290:])
    assert kept.notary.problem == ""
    tiles = MemoryTiles([hashed(event) for event in events])
    assert kept.tree.size() == EVENTS
    assert TiledTree(kept.tree, EVENTS).root() == TiledTree(tiles, EVENTS).root()
    found = kept.log.inclusion(700, EVENTS)
    assert root_by_inclusion(699, EVENTS, hashed(events[699]), found.hashes) == found.root
    assert kept.notary.rebuild() == EVENTS
    assert TiledTree(kept.tree, EVENTS).root() == found.root


def test_of_two_who_add_at_once_each_sees_what_the_other_added(
    kept: Kept, settings: Settings, store: PostgresEventStore
) -> None:
    with closing(keep(settings, store, store.store_id(), SystemClock())) as other:
        kept.notary.take(store.read_raw(0, 10))
        other.notary.take(store.read_raw(0, 20))
        kept.notary.take(store.read_raw(10, 20))
        assert "another process" in kept.notary.problem
        kept.notary.take(store.read_raw(10, 20))
        assert (kept.notary.problem, kept.tree.size()) == ("", 30)


def test_what_is_signed_is_kept_for_ever_and_read_by_others(
    kept: Kept, settings: Settings, store: PostgresEventStore
) -> None:
    issued = kept.notary.issue()
    assert issued is not None
    cosign(kept.ledger, issued)
    with looked_at(settings) as (log, ledger):
        assert list(ledger.issued()) == [issued]
        assert log.checkpoint() == kept.log.checkpoint(EVENTS)
        assert "audit.example" in log.checkpoint()
        assert len(log.keys()) == 2
    found = checked(settings, store, kept)
    assert (found.wrong, found.signed, found.cosigned) == ([], EVENTS, EVENTS)
    for table in ("checkpoints", "cosignatures", "log_keys"):
        with (
            psycopg.connect(settings.postgres) as connection,
            pytest.raises(psycopg.errors.RestrictViolation),
        ):
            connection.execute(f"DELETE FROM duban.{table}".encode())


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE duban.events SET recorded_at = recorded_at + 1 WHERE pos = 77",
        "UPDATE duban.events SET data = data || ' '::bytea WHERE pos = 77",
        "DELETE FROM duban.events WHERE pos = 77",
        "DELETE FROM duban.events WHERE pos > 800",
        "UPDATE duban.checkpoints SET note = replace(note, '900', '901')",
    ],
)
def test_whatever_is_altered_is_found(
    statement: str, kept: Kept, settings: Settings, store: PostgresEventStore
) -> None:
    kept.notary.issue()
    with psycopg.connect(settings.postgres) as connection:
        connection.execute("SET session_replication_role = replica")  # triggers rest
        connection.execute(statement.encode())
    assert checked(settings, store, kept).wrong


def test_a_relay_s_notary_follows_by_itself(kept: Kept, store: PostgresEventStore) -> None:
    with kept.following():
        for _ in range(100):
            if store.wait(10**9, 0.1) or (newest := kept.ledger.newest()) is not None:
                break
    assert newest is not None
    assert newest.size == kept.tree.size() == EVENTS


def test_what_was_signed_goes_along_when_a_city_moves_into_postgresql(
    postgres: str, tmp_path: Path
) -> None:
    log = MemoryLog()
    grown(log, 3)
    data = tmp_path / "data"
    SqliteEventStore.open(prepared(data), SystemClock(), Registry()).close()
    tree, ledger = in_files(data / "log")
    issued = notary(log, tree, ledger).issue()
    assert issued is not None
    cosign(ledger, issued)
    target = Settings(mode="server", postgres=postgres)
    for _ in range(2):  # once is enough
        copy_ledger(Settings(data_dir=data), target)
        with looked_at(target) as (_, copied):
            assert list(copied.issued()) == [issued]
            assert list(copied.cosignatures()) == list(ledger.cosignatures())
            assert list(copied.key_list()) == list(KEYS)


def prepared(data: Path) -> Path:
    data.mkdir()
    return data / "events.sqlite"


def test_a_store_that_is_away_is_said(kept: Kept, store: PostgresEventStore) -> None:
    def away() -> int:
        raise Refused("store.unavailable", "PostgreSQL is away")

    kept.tree.size = away  # type: ignore[method-assign]
    kept.notary.take(store.read_raw(0, 5))
    assert kept.notary.problem == "PostgreSQL is away"
