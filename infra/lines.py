"""What the lines of a sink are made of, over whichever engine holds the tables."""

from collections.abc import Callable, Iterable

from domain.errors import Refused
from domain.messages import Envelope
from domain.ports import Clock
from domain.registry import Registry
from infra.clickhouse.engine import Engine
from infra.clickhouse.letters import ClickHouseLetters
from infra.clickhouse.progress import ClickHouseProgress
from infra.clickhouse.schema import make_bookkeeping, make_missing
from infra.clickhouse.tables import ClickHouseTables
from infra.tracing import Tracing, Untraced
from projections.catalogue import PROJECTIONS
from projections.rules import Rules
from streams.dead_letters import Source
from streams.ports import TablesUnavailable
from streams.projector import Projector
from streams.sink import ROWS, SECONDS, GuardedTables, Line
from streams.wire import Decoding
from streams.writing import Writing


class Lines:
    """``adopted`` brings the events of all policies from the event store: a line sees only those
    of its own partition. It may raise ``Refused``."""

    def __init__(
        self, engine: Engine, adopted: Callable[[], Iterable[Envelope]], clock: Clock,
        rows: int = ROWS, seconds: float = SECONDS, tracing: Tracing | None = None,
    ) -> None:  # fmt: skip
        self._tracing = tracing or Untraced()
        self._decoding = Decoding(Registry())
        self._tables = ClickHouseTables(engine, PROJECTIONS)
        self._letters = ClickHouseLetters(engine, clock)
        self.book = ClickHouseProgress(engine)
        self._rules = Rules((), lambda: _or_later(adopted))
        self._rows, self._seconds = rows, seconds

    def __call__(self, source: Source, require: Callable[[], None]) -> Line:
        tables = GuardedTables(self._tables, require)
        projector = Projector(PROJECTIONS, tables, self._rules, threads=0)
        intake = self._tracing.intake(projector, self._decoding, self._letters, source)
        return Line(source, intake, self.book, require, self._rows, self._seconds)

    def writing(self, require: Callable[[], None]) -> Writing:
        """What writes for several lines together."""
        return Writing(GuardedTables(self._tables, require))


def prepare_for_sinks(engine: Engine) -> None:
    """Makes the tables of a new city. Raises ``TablesUnavailable`` (another sink may be making
    them just now), and ``Refused`` (``tables.missing``) where some of them would lack what the
    sinks have already taken in."""
    make_bookkeeping(engine)
    missing = make_missing(engine, unless=ClickHouseProgress(engine).any())
    if missing:
        raise Refused(
            "tables.missing",
            f"the tables {', '.join(missing)} of this version are not there: build them from the "
            "event store with duban rebuild",
        )


def _or_later(adopted: Callable[[], Iterable[Envelope]]) -> list[Envelope]:
    try:
        return list(adopted())
    except Refused as refusal:
        raise TablesUnavailable(f"the policies cannot be read: {refusal.message}") from refusal
