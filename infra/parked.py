"""The parked events of a city in either mode, for those who decide about them."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from domain.errors import Refused
from infra.clickhouse.engine import ChdbEngine, Engine
from infra.clickhouse.http_engine import HttpEngine
from infra.clickhouse.letters import ClickHouseLetters
from infra.clickhouse.schema import make_bookkeeping
from infra.clocks import SystemClock
from infra.settings import Mode, Settings
from streams.ports import TablesUnavailable

ENGINES: Mapping[Mode, Callable[[Settings], Engine]] = {
    "embedded": lambda settings: ChdbEngine(settings.tables_dir),
    "server": lambda settings: HttpEngine(settings.clickhouse),
}


@contextmanager
def letters_of(settings: Settings) -> Iterator[ClickHouseLetters]:
    """Raises ``Refused`` (``tables.unavailable``, and in embedded mode ``data.in_use`` while
    another process has the city open)."""
    engine = ENGINES[settings.mode](settings)
    try:
        make_bookkeeping(engine)
        yield ClickHouseLetters(engine, SystemClock())
    except TablesUnavailable as error:
        raise Refused("tables.unavailable", f"the read tables cannot be asked: {error}") from error
    finally:
        engine.close()


def parked(settings: Settings) -> str:
    """For ``duban doctor``. Raises ``Refused`` (``letters.parked``) when there are some."""
    if settings.mode == "embedded" and not settings.tables_dir.exists():
        return "none"
    try:
        with letters_of(settings) as letters:
            count, streams = letters.counts()
    except Refused as refusal:
        if refusal.code != "data.in_use":
            raise
        return "the process that has the city open tells of them at /health"
    if count:
        raise Refused(
            "letters.parked",
            f"{count} events that hold back {streams} streams could not be taken in: see duban "
            "dead-letters list",
        )
    return "none"
