"""Makes the read tables anew and compares them, where one process alone fills them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from infra.clickhouse.engine import Engine
from infra.clickhouse.rebuilding import rebuild
from infra.event_store.address import StoreAddress
from infra.event_store.store import SqliteEventStore
from infra.verifying import Findings, verify
from streams.following import Follower

Report = Callable[[int, int], None]


class Keeping(Protocol):
    """What an operator does with the read tables as a whole."""

    def rebuild(self, tables: Sequence[str], report: Report) -> list[str]:
        """Makes tables (none named: all) anew beside those that are shown, and switches. Answers
        with their names."""

    def verify(self, report: Report) -> Findings:
        """Derives everything again from the events and compares; nothing is changed."""


@dataclass(frozen=True, slots=True)
class OwnKeeping:
    """The follower of this process is not started, or stopped first."""

    engine: Engine
    store: SqliteEventStore
    address: StoreAddress
    follower: Follower

    def rebuild(self, tables: Sequence[str], report: Report) -> list[str]:
        return rebuild(self.engine, self.address, self.store.last_position(), tables, report)

    def verify(self, report: Report) -> Findings:
        self.follower.stop()
        rankings = self.store.load_kind("ranking")
        return verify(self.engine, self.address, self.follower.position, rankings, report)
