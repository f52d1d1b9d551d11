"""The library's own recorder tests over the log in PostgreSQL, and its errors."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from uuid import UUID, uuid4

import pytest
from eventsourcing.persistence import (
    AggregateRecorder,
    ApplicationRecorder,
    IntegrityError,
    OperationalError,
    StoredEvent,
)
from eventsourcing.tests import persistence as library

from infra.clocks import SystemClock
from infra.event_store.postgres.log import PostgresLog
from infra.event_store.postgres.recorder import PostgresAggregateRecorder, PostgresRecorder
from tests.support.postgres import Cluster

pytestmark = pytest.mark.services


class _InItsOwnDatabase(library.RecorderTestCase):
    """A new database for every test; ids as UUIDs, as the library has them by default."""

    originator_id: Callable[[str], UUID | str] = UUID
    cluster: Cluster

    @pytest.fixture(autouse=True)
    def _running(self, postgres_cluster: Cluster) -> None:
        self.cluster = postgres_cluster

    def open_log(self) -> PostgresLog:
        log = PostgresLog(self.cluster.database(), SystemClock())
        self.addCleanup(log.close)
        return log


class _NamedStreams(_InItsOwnDatabase):
    """Ids as our streams have them."""

    originator_id = str

    def new_originator_id(self) -> str:
        return f"case-{uuid4()}"


class TestAggregateRecorder(_InItsOwnDatabase, library.AggregateRecorderTestCase):
    def create_recorder(self) -> AggregateRecorder:
        return PostgresAggregateRecorder(self.open_log(), type(self).originator_id)


class TestAggregateRecorderOfNamedStreams(_NamedStreams, TestAggregateRecorder):
    pass


class TestApplicationRecorder(
    _InItsOwnDatabase, library.ApplicationRecorderTestCase[ApplicationRecorder]
):
    def create_recorder(self) -> ApplicationRecorder:
        return PostgresRecorder(self.open_log(), type(self).originator_id)

    def test_insert_subscribe(self) -> None:
        self.optional_test_insert_subscribe()


class TestApplicationRecorderOfNamedStreams(_NamedStreams, TestApplicationRecorder):
    pass


@pytest.fixture
def log(postgres: str) -> Iterator[PostgresLog]:
    with closing(PostgresLog(postgres, SystemClock())) as log:
        yield log


def test_a_subscription_is_woken_by_the_next_event_of_its_topics(
    log: PostgresLog, postgres: str
) -> None:
    """Also by one that another process stored: the other log knows nothing of the first."""
    with (
        PostgresRecorder(log).subscribe(topics=["b"]) as subscription,
        closing(PostgresLog(postgres, SystemClock())) as other,
        ThreadPoolExecutor(1) as pool,
    ):
        received = pool.submit(next, subscription)
        PostgresRecorder(other).insert_events(
            [StoredEvent("s", 1, "a", b""), StoredEvent("s", 2, "b", b"2")]
        )
        assert received.result(timeout=30).id == 2


def test_stopping_a_subscription_ends_its_waiting_reader(log: PostgresLog) -> None:
    subscription = PostgresRecorder(log).subscribe()
    with ThreadPoolExecutor(1) as pool:
        received = pool.submit(list, subscription)
        subscription.stop()
        assert received.result(timeout=30) == []


def test_the_recorder_speaks_the_errors_of_the_library(log: PostgresLog) -> None:
    recorder = PostgresRecorder(log)
    recorder.insert_events([StoredEvent("s", 2, "a", b"")])
    with pytest.raises(IntegrityError):
        recorder.insert_events([StoredEvent("s", 1, "a", b"")])
    log.close()
    with pytest.raises(OperationalError, match="closed"):
        recorder.insert_events([StoredEvent("s", 3, "a", b"")])
