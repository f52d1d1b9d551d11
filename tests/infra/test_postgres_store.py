"""What the store in PostgreSQL promises beyond the contract: guards, leaders, refusals, copies."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from shutil import copyfile

import psycopg
import pytest

from domain.cases.events import CaseFiled
from domain.errors import Conflict, Refused
from domain.registry import Registry
from infra.clocks import SystemClock
from infra.event_store.postgres import PostgresEventStore
from infra.event_store.postgres.checking import problems, server
from infra.event_store.postgres.connections import SCHEMA_VERSION
from infra.event_store.postgres.copying import copy_store
from infra.event_store.postgres.migrating import migrate, statements
from infra.event_store.postgres.shares import PostgresAddress
from infra.event_store.postgres.writer import APPEND, Lists
from infra.event_store.shares import SqliteAddress
from infra.event_store.store import SqliteEventStore
from infra.settings import Settings
from tests.contract.test_event_store import REPORTED, append, stored, stream
from tests.support.cities import synthetic
from tests.support.postgres import Cluster
from tests.support.program import duban

pytestmark = pytest.mark.services


@pytest.fixture
def store(postgres: str) -> Iterator[PostgresEventStore]:
    with closing(opened(postgres)) as store:
        yield store


def opened(conninfo: str) -> PostgresEventStore:
    return PostgresEventStore.open(conninfo, SystemClock(), Registry())


def refusal(call: Callable[[], object]) -> Refused:
    with pytest.raises(Refused) as caught:
        call()
    assert "\n" not in caught.value.message
    return caught.value


def execute(conninfo: str, *statements: str) -> None:
    with psycopg.connect(conninfo, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def fill(store: PostgresEventStore) -> None:
    appends = [
        append(f"c{i}", stream(f"case-{i}", 0, REPORTED, CaseFiled(standard="s"))) for i in range(9)
    ]
    stored(store, *appends)


@pytest.mark.parametrize("table", ["events", "streams", "types", "commands"])
@pytest.mark.parametrize("change", ["DELETE FROM {}", "TRUNCATE {}", "UPDATE {} SET {} = {}"])
def test_postgresql_itself_refuses_to_change_what_is_stored(
    store: PostgresEventStore, postgres: str, table: str, change: str
) -> None:
    fill(store)
    column = {"events": "data", "commands": "digest"}.get(table, "name")
    with pytest.raises(psycopg.errors.RestrictViolation, match="never changed"):
        execute(postgres, change.format(f"duban.{table}", column, column))
    assert store.last_position() == 18


def test_a_database_without_a_store_is_refused_until_it_is_migrated(
    postgres_cluster: Cluster,
) -> None:
    conninfo = postgres_cluster.database(prepared=False)
    assert refusal(lambda: opened(conninfo)).code == "store.unprepared"
    assert migrate(conninfo) == (0, SCHEMA_VERSION)
    opened(conninfo).close()
    assert migrate(conninfo) == (SCHEMA_VERSION, SCHEMA_VERSION)


def test_a_store_of_a_newer_schema_is_refused(postgres: str) -> None:
    execute(postgres, "UPDATE duban.store SET value = '99' WHERE key = 'schema'")
    assert refusal(lambda: opened(postgres)).code == "store.newer"
    assert refusal(lambda: migrate(postgres)).code == "store.newer"


def test_a_refusal_never_tells_the_password() -> None:
    error = refusal(lambda: opened("postgresql://duban:topsecret@127.0.0.1:1/duban"))
    assert error.code == "store.unavailable"
    assert "127.0.0.1:1/duban" in error.message
    assert "topsecret" not in error.message + repr(PostgresAddress("postgresql://u:topsecret@h/d"))


def test_a_database_or_a_user_that_is_not_there_is_said(postgres_cluster: Cluster) -> None:
    assert refusal(lambda: opened(postgres_cluster.conninfo("nowhere"))).code == "store.missing"
    stranger = postgres_cluster.database().replace("postgres@", "stranger@")
    assert refusal(lambda: opened(stranger)).code == "store.forbidden"


def test_looking_stores_nothing_and_sees_what_others_store(
    store: PostgresEventStore, postgres: str
) -> None:
    with closing(PostgresEventStore.open_read_only(postgres, Registry())) as looking:
        assert not looking.wait(0, 0.0)
        fill(store)
        assert looking.wait(0, 30.0)
        assert looking.last_position() == 18
        assert refusal(lambda: looking.append([append("x")])).code == "store.read_only"
        assert looking.store_id() == store.store_id()
    assert refusal(looking.last_position).code == "store.closed"


def test_an_append_is_durable_even_where_the_server_is_told_not_to_care(postgres: str) -> None:
    execute(postgres, f"ALTER DATABASE {postgres.rpartition('/')[2]} SET synchronous_commit = off")
    error = refusal(lambda: server(Settings(postgres=postgres)))
    assert "synchronous_commit = on" in error.message
    with psycopg.connect(postgres) as connection:
        connection.execute(APPEND, (0, *Lists([]).bindings()))
        assert connection.execute("SHOW synchronous_commit").fetchone() == ("on",)


def test_one_of_those_who_ask_leads_and_when_it_ends_another_may(
    store: PostgresEventStore, postgres: str
) -> None:
    with closing(opened(postgres)) as other:
        with store.leadership("relay") as first, other.leadership("relay") as second:
            assert (first, second) == (True, False)
            with other.leadership("reactions") as apart:
                assert apart
        with other.leadership("relay") as later:
            assert later


def test_a_sound_store_has_no_problems_and_what_was_altered_is_found(
    store: PostgresEventStore, postgres: str
) -> None:
    fill(store)
    assert problems(postgres) == []
    assert "18 events" in server(Settings(postgres=postgres))
    execute(
        postgres,
        "SET session_replication_role = replica",
        "DELETE FROM duban.events WHERE pos = 3",
        "UPDATE duban.events SET recorded_at = 1 WHERE pos = 7",
        "DELETE FROM duban.streams WHERE id = 5",
        "INSERT INTO duban.commands VALUES ('ghost', 'd', 100, 101)",
    )
    told = "\n".join(PostgresAddress(postgres).problems())
    for found in ("17 events at positions 1 to 18", "case-1 has 1 events", "event 7 is recorded",
                  "event 9 is of a stream", "the command ghost"):  # fmt: skip
        assert found in told


def test_shares_together_are_the_whole_log(store: PostgresEventStore, postgres: str) -> None:
    fill(store)
    whole = store.read_raw(0, 100)
    shared = []
    for number in range(3):
        with closing(PostgresAddress(postgres).open_share(number, 3, 16)) as share:
            shared += share.read_raw(0, 100)
    assert sorted(shared) == whole[:16]


def test_a_text_that_postgresql_cannot_hold_is_refused_as_such(store: PostgresEventStore) -> None:
    assert refusal(lambda: store.load("case-\0")).code == "store.unstorable"


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("city") / "data"
    synthetic(data)
    return data


@pytest.fixture
def data(city: Path, tmp_path: Path) -> Path:
    copyfile(city / "events.sqlite", tmp_path / "events.sqlite")
    return tmp_path


def test_a_copied_city_is_the_same_store_to_the_last_byte(data: Path, postgres: str) -> None:
    told: list[tuple[int, int]] = []
    settings = Settings(data_dir=data, postgres=postgres)
    copied = copy_store(settings, lambda done, total: told.append((done, total)))
    assert told[-1] == (2 * copied.events, 2 * copied.events)
    with (
        closing(SqliteEventStore.open_read_only(data / "events.sqlite", Registry())) as here,
        closing(opened(postgres)) as there,
    ):
        assert there.read_raw(0, 1_000_000) == here.read_raw(0, 1_000_000)
        assert there.read(0, 1_000_000) == here.read(0, 1_000_000)
        assert there.store_id() == here.store_id()
        events = there.read(0, 1_000_000)
        streams = sorted({event.stream_id for event in events})
        assert there.load_all(streams) == here.load_all(streams)
        command_ids = [r[0] for r in there._log.rows("SELECT command_id FROM duban.commands")]
        assert len(command_ids) == copied.commands > 0
        assert there.commands(command_ids) == here.commands(command_ids)
        stored(there, append("new", stream("case-new", 0, REPORTED)))
        assert there.last_position() == copied.events + 1
    assert problems(postgres) == SqliteAddress(data / "events.sqlite").problems() == []
    error = refusal(lambda: copy_store(settings))
    assert isinstance(error, Conflict)
    assert error.code == "copy.not_empty"


def test_a_copy_that_is_broken_off_leaves_the_target_empty(data: Path, postgres: str) -> None:
    def break_off(done: int, total: int) -> None:
        if done > total // 2:
            raise KeyboardInterrupt

    settings = Settings(data_dir=data, postgres=postgres)
    with pytest.raises(KeyboardInterrupt):
        copy_store(settings, break_off)
    with closing(opened(postgres)) as store:
        assert store.last_position() == 0
        assert store._log.rows("SELECT count(*) FROM duban.streams") == [(0,)]
    assert copy_store(settings).events > 0


def test_the_commands_say_what_they_did(
    data: Path, postgres_cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DUBAN_POSTGRES", postgres_cluster.database(prepared=False))
    unprepared = duban("copy-store", "--data", data)
    assert (unprepared.returncode, unprepared.stdout) == (1, "")
    assert "[store.unprepared]" in unprepared.stderr
    assert "made (schema 3)" in duban("migrate").stdout
    assert "up to date" in duban("migrate").stdout
    copied = duban("copy-store", "--data", data)
    assert copied.returncode == 0, copied.stderr
    assert "read back, they are the same" in copied.stdout
    assert "epoch" in duban("migrate", "--new-epoch").stdout
    assert "ok     postgresql" in duban("doctor", "--data", data).stdout


def test_the_printed_sql_makes_the_schema(postgres_cluster: Cluster) -> None:
    printed = duban("migrate", "--print")
    assert all(text in printed.stdout for text in statements())
