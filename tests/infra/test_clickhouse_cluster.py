"""The statements for a real cluster, as far as an engine without one can tell."""

import re
from collections.abc import Iterator
from contextlib import closing

import pytest

from infra.clickhouse.cluster import Plan, cluster_statements
from infra.clickhouse.engine import ChdbEngine
from infra.clickhouse.tables import physical
from projections.catalogue import PROJECTIONS, TABLES

SUBTREES = (("chengguan-east", "district-east"), ("o'brien", "it's"))
PLANS = {
    "one shard": Plan(),
    "spread": Plan("city", shards=True),
    "by subtree": Plan(subtrees=SUBTREES),
}


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChdbEngine]:
    with closing(ChdbEngine(tmp_path_factory.mktemp("tables"))) as engine:
        yield engine


@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)
def test_every_statement_is_one_the_engine_can_parse(engine: ChdbEngine, plan: Plan) -> None:
    with engine.client() as client:
        for statement in cluster_statements(plan):
            why, _, sql = statement.partition("\n")
            assert re.fullmatch(r"-- \S.*[.1]", why), why
            assert client.command(f"EXPLAIN AST {sql}"), sql


def test_every_table_is_replicated_and_every_view_granted() -> None:
    text = "\n".join(cluster_statements())
    for projection in PROJECTIONS:
        assert f"CREATE TABLE IF NOT EXISTS duban.{physical(projection)} " in text
    assert not re.search(r"ENGINE = (Replacing)?MergeTree", text)
    assert text.count("ENGINE = ReplicatedReplacingMergeTree") == len(PROJECTIONS) + 4
    assert all(
        f"SELECT ON duban.{table}, SELECT ON duban.{table}_v* TO" in text for table in TABLES
    )
    assert "{table}" not in text
    assert "{durable}" not in text


def test_rows_of_a_stream_stay_on_one_shard() -> None:
    text = "\n".join(cluster_statements(PLANS["spread"]))
    assert "Distributed(city, duban, cases_v" in text
    assert "cityHash64(case_id))" in text


def test_a_subtree_s_user_does_not_blind_the_others() -> None:
    text = "\n".join(cluster_statements(PLANS["by subtree"]))
    assert "FOR SELECT USING 1 TO ALL EXCEPT `chengguan-east`, `o'brien`" in text
    assert "SELECT 'it\\'s' AS unit_id" in text
