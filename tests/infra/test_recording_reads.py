"""The log of readers in PostgreSQL: many processes, and commands that only look."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Thread

import pytest

from domain.access.events import AccessRecorded
from domain.access.recording import Access, AccessLog
from domain.errors import Refused
from domain.messages import Envelope
from domain.registry import Registry
from infra.access.waiting import record_beside
from infra.clocks import SystemClock, new_id
from infra.event_store.postgres.store import PostgresEventStore
from infra.settings import Settings
from infra.vault.opening import open_vault

pytestmark = pytest.mark.services
EVENT = AccessRecorded(act="open", channel="cli", kind="cases", key="A1")


@pytest.fixture
def store(postgres: str) -> Iterator[PostgresEventStore]:
    with closing(PostgresEventStore.open(postgres, SystemClock(), Registry())) as opened:
        yield opened


def read(store: PostgresEventStore) -> list[Envelope]:
    return store.load_kind("access")


def test_a_command_that_only_looks_is_recorded_at_once(
    store: PostgresEventStore, postgres: str
) -> None:
    record_beside(Settings(mode="server", postgres=postgres), Access("li", EVENT))
    (envelope,) = read(store)
    assert (envelope.actor, envelope.event) == ("li", EVENT)


def test_replicas_never_stand_in_each_others_way(store: PostgresEventStore) -> None:
    logs = [AccessLog(store, SystemClock(), new_id) for _ in range(3)]

    def ask(log: AccessLog) -> None:
        for _ in range(20):
            log.record(Access("li", EVENT))

    threads = [Thread(target=ask, args=(log,)) for log in logs * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(read(store)) == 120
    assert len({envelope.stream_id for envelope in read(store)}) == 3


def test_a_replica_makes_no_key_of_its_own(
    store: PostgresEventStore, postgres: str, tmp_path: Path
) -> None:
    settings = Settings(mode="server", postgres=postgres, vault_key=tmp_path / "vault.key")
    with closing(open_vault(settings, store, store.store_id())) as vault:
        with pytest.raises(Refused) as refused:
            vault.put("p-1", {"name": "张三"})
        assert refused.value.code == "vault.no_key"
        vault.make_key()
        vault.put("p-1", {"name": "张三"})
    with closing(open_vault(settings, store, store.store_id())) as other:
        assert other.read("p-1") == {"name": "张三"}
        with pytest.raises(Refused, match="has its key"):
            other.make_key()
