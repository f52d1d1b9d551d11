"""Makes the read tables anew and compares them, while sinks fill them and people read them."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass

from domain.errors import Refused
from infra.clickhouse.engine import Engine
from infra.clickhouse.rebuilding import Further, build_beside, chosen_tables
from infra.clickhouse.schema import drop_beside, make_bookkeeping, switch
from infra.event_store.address import StoreAddress
from infra.event_store.postgres.store import PostgresEventStore
from infra.kafka.quieting import Quieting
from infra.verifying import Findings, altered_rankings, compare
from projections.catalogue import PROJECTIONS, TABLES
from streams.ports import TablesUnavailable

Report = Callable[[int, int], None]

LEAD = "tables"
NEAR = 2_000  # events: so many are taken in while nobody notices that the sinks rest
ROUNDS = 20
# A sink that was killed may leave rows beyond the place it had noted; its successor makes that
# good within seconds. A difference that is still there then is one.
LOOKS = 3
LOOK_AGAIN_SECONDS = 4.0


@dataclass(frozen=True, slots=True)
class SharedKeeping:
    """The long part is done beside, while the sinks go on; then they rest for a moment."""

    engine: Engine
    store: PostgresEventStore
    address: StoreAddress
    quieting: Quieting
    position: Callable[[], int]

    def rebuild(self, tables: Sequence[str], report: Report) -> list[str]:
        """All tables whichever are named: each partition's sink goes on where it was, and must
        find no table behind another."""
        chosen_tables(tables)
        with self._alone():
            make_bookkeeping(self.engine)
            until = self.store.last_position()
            build_beside(self.engine, self.address, until, report)
            try:
                self._follow_and_switch(until)
            finally:
                drop_beside(self.engine, PROJECTIONS)
        return list(TABLES)

    def verify(self, report: Report) -> Findings:
        wrong = self.address.problems() + altered_rankings(self.store.load_kind("ranking"))
        until = self.position()
        if wrong:  # nothing can be derived from events that are not all there
            return Findings(until, (), wrong)
        with self._alone():
            build_beside(self.engine, self.address, until, report)
            try:
                return self._follow_and_compare(until)
            finally:
                drop_beside(self.engine, PROJECTIONS)

    def _follow_and_switch(self, until: int) -> None:
        with closing(Further(self.engine, self.store, until)) as further:
            for _ in range(ROUNDS):
                if self.store.last_position() - further.position <= NEAR:
                    break
                further.go_on(self.store.last_position())
            with self.quieting.still() as stillness:
                # To the end of the log, and so beyond whatever a sink has written: even if this
                # is killed between two tables, no row is ahead of its facts.
                further.go_on(self.store.last_position())
                stillness.require()
                switch(self.engine, PROJECTIONS, further.position)
                stillness.require(margin=0)
                if further.position:
                    (last,) = self.store.read_raw(further.position - 1, 1)
                    self.quieting.place_sinks(stillness, last)

    def _follow_and_compare(self, until: int) -> Findings:
        with closing(Further(self.engine, self.store, until)) as further:
            for look in range(LOOKS):
                if look:
                    time.sleep(LOOK_AGAIN_SECONDS)
                with self.quieting.still() as stillness:
                    begun = time.monotonic()
                    further.go_on(stillness.furthest, stillness.holds)
                    compared, wrong = compare(self.engine)
                    stillness.require(margin=0)
                    rested = time.monotonic() - begun
                if not wrong:
                    break
        return Findings(until + further.taken, compared, wrong, rested)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with self.store.leadership(LEAD) as leads:
            if not leads:
                raise Refused(
                    "tables.busy", "another process rebuilds or verifies the tables: wait for it"
                )
            try:
                yield
            except TablesUnavailable as error:
                raise Refused("tables.unavailable", f"the read tables fail: {error}") from error
