"""Read tables behind ClickHouse's HTTP interface, on a free port of this machine."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from infra.clickhouse.endpoint.accounts import Accounts
from infra.clickhouse.endpoint.serving import serving
from infra.clickhouse.engine import ChdbEngine
from infra.clickhouse.http_engine import HttpEngine
from infra.clickhouse.schema import prepare
from infra.commands.listening import listen, shown

ANALYST, SINK = "an analyst's word", "a sink's word"


@contextmanager
def endpoint(directory: Path) -> Iterator[str]:
    """``host:port`` of the tables in a directory, which are made if they are not there."""
    with closing(ChdbEngine(directory)) as engine, listen("127.0.0.1", 0) as listener:
        prepare(engine)
        with serving(engine.path, Accounts({"analyst": ANALYST, "sink": SINK}), listener):
            yield shown(listener)


@contextmanager
def http_engine(directory: Path) -> Iterator[HttpEngine]:
    with endpoint(directory) as address:
        url = f"http://sink:{SINK.replace(' ', '%20')}@{address}/duban"
        with closing(HttpEngine(url)) as engine:
            yield engine
