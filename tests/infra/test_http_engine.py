"""The tables over HTTP: a server that comes and goes, and tables that are made and switched."""

from contextlib import closing
from pathlib import Path

import pytest

from domain.errors import Invalid
from infra.clickhouse.http_engine import HttpEngine
from infra.clickhouse.layout import CLUSTER, ONE_MACHINE
from infra.clickhouse.schema import beside, create, prepare, switch, tables_present
from infra.clickhouse.tables import ClickHouseTables
from projections.catalogue import PROJECTIONS
from streams.ports import TablesUnavailable
from tests.support.clickhouse import SINK, endpoint, http_engine

WORD = SINK.replace(" ", "%20")


def test_tables_are_built_beside_and_switched(tmp_path: Path) -> None:
    with http_engine(tmp_path) as engine:
        for projection in PROJECTIONS:
            create(engine, projection, beside(projection))
        switch(engine, PROJECTIONS, 5)
        assert ClickHouseTables(engine, PROJECTIONS).checkpoint() == 5
        with engine.client() as client:
            present = tables_present(client)
            assert client.query("SELECT count() FROM cases").result_rows == [(0,)]
        assert not [name for name in present if name.endswith("__beside")]
        assert prepare(engine) == []


def test_a_server_that_was_away_is_found_again(tmp_path: Path) -> None:
    with endpoint(tmp_path) as address:
        engine = HttpEngine(f"http://sink:{WORD}@{address}/duban")
        with engine.client() as client:
            assert client.command("SELECT 1") == 1
        assert engine.reachable()
    with pytest.raises(TablesUnavailable), engine.client() as client:
        client.command("SELECT 1")
    assert not engine.reachable()
    engine.close()


def test_nothing_is_asked_of_a_server_before_it_is_needed() -> None:
    with closing(HttpEngine("http://sink:x@127.0.0.1:9/duban")) as engine:
        assert engine.database == "duban"


def test_a_wrong_password_is_told(tmp_path: Path) -> None:
    with (
        endpoint(tmp_path) as address,
        closing(HttpEngine(f"http://sink:wrong@{address}/duban")) as engine,
        pytest.raises(TablesUnavailable, match="Authentication failed"),
        engine.client(),
    ):
        pass


@pytest.mark.parametrize(
    "url", ["", "127.0.0.1:8123", "clickhouse://h", "http://", "http://h/duban?cluster=x"]
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(Invalid, match="DATABASE"):
        HttpEngine(url)


def test_a_cluster_replicates_and_waits_for_a_majority() -> None:
    with closing(HttpEngine("http://sink:x@h/duban?replicated=1")) as engine:
        assert engine.layout is CLUSTER
    with closing(HttpEngine("http://h")) as engine:
        assert engine.layout is ONE_MACHINE
    made = CLUSTER.table("CREATE TABLE {table} () ENGINE = MergeTree SETTINGS {durable}", "x")
    assert made.startswith("CREATE TABLE x () ENGINE = ReplicatedMergeTree SETTINGS replicated_")
    assert CLUSTER.inserting == {"insert_quorum": "auto"}
