"""Clients as they are: ClickHouse's own for Python, and what DBeaver, Grafana and others send."""

import asyncio
import io
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import clickhouse_connect
import pyarrow as pa
import pytest
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError, StreamFailureError

from infra.clickhouse.endpoint.packing import from_blocks
from projections.catalogue import TABLES
from tests.support.clickhouse import ANALYST, SINK, endpoint
from tests.support.clickhouse_http import AS_ANALYST, AS_SINK, request

PASSWORDS = {"analyst": ANALYST, "sink": SINK}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with endpoint(tmp_path_factory.mktemp("tables")) as address:
        yield address


@pytest.fixture(params=PASSWORDS)
def client(request: pytest.FixtureRequest, address: str) -> Iterator[Client]:
    host, _, port = address.partition(":")
    client = clickhouse_connect.get_client(
        host=host, port=int(port), username=request.param, password=PASSWORDS[request.param]
    )
    yield client
    client.close()


def test_the_python_client_asks_with_its_defaults(client: Client) -> None:
    assert client.ping()
    assert client.query("SELECT count() FROM cases").result_rows == [(0,)]
    assert client.query("SELECT * FROM cases LIMIT 0").column_names[0] == "case_id"
    asked = client.query(
        "SELECT {t:String}, {l:Array(UInt8)}, {d:DateTime64(6, 'UTC')}",
        parameters={"t": "it's\ta\\", "l": [1, 2], "d": datetime(2026, 1, 2, tzinfo=UTC)},
    )
    assert asked.result_rows[0][:2] == ("it's\ta\\", [1, 2])
    assert client.command("SELECT 1") == 1
    assert client.query("SELECT 1 WHERE 0").result_rows == []
    assert client.raw_query("SELECT 1 AS x", fmt="CSVWithNames") == b'"x"\n1\n'
    assert client.query_arrow("SELECT number FROM numbers(3)").num_rows == 3
    assert client.query("SHOW TABLES").result_rows
    assert len(client.query("SELECT number FROM numbers(300000)").result_rows) == 300_000


@pytest.mark.parametrize("compress", [False, "lz4", "zstd", "gzip"])
def test_the_python_client_packs_and_streams(address: str, compress: bool | str) -> None:
    host, _, port = address.partition(":")
    client = clickhouse_connect.get_client(
        host=host, port=int(port), username="analyst", password=ANALYST, compress=compress
    )
    with client.query_row_block_stream("SELECT number FROM numbers(1000000)") as stream:
        assert sum(map(len, stream)) == 1_000_000
    failing = "SELECT throwIf(number = 3000000) FROM numbers(4000000)"
    with (
        pytest.raises((DatabaseError, StreamFailureError), match="FUNCTION_THROW_IF"),
        client.query_row_block_stream(failing) as stream,
    ):
        assert sum(map(len, stream))
    with pytest.raises(DatabaseError) as refusal:
        client.query("SELECT * FROM file('/etc/passwd')")
    assert (refusal.value.code, refusal.value.name) == (497, "ACCESS_DENIED")
    client.close()


def test_the_python_client_writes_as_the_sink(address: str) -> None:
    host, _, port = address.partition(":")
    client = clickhouse_connect.get_client(
        host=host, port=int(port), username="sink", password=SINK, database="duban"
    )
    client.command("CREATE TABLE w (a UInt64, b String) ENGINE = MergeTree ORDER BY a")
    client.insert("w", [[1, "one"], [2, "two"]], column_names=["a", "b"])
    client.insert_arrow("w", pa.table({"a": pa.array([3], pa.uint64()), "b": ["three"]}))
    client.raw_insert("w", ["a", "b"], b"4,four\n", {"async_insert": 0}, "CSV")
    client.raw_insert("w", ["a", "b"], io.BytesIO(b"5,five\n"), {"async_insert": 0}, "CSV")
    client.command("ALTER TABLE w DELETE WHERE a = 1", settings={"mutations_sync": 1})
    found = client.query("SELECT a, b FROM w ORDER BY a").result_rows
    assert found == [(2, "two"), (3, "three"), (4, "four"), (5, "five")]
    client.command("DROP TABLE w SYNC")
    client.close()


def test_the_async_python_client_asks_many_at_once(address: str) -> None:
    async def ask() -> list[object]:
        host, _, port = address.partition(":")
        client = await clickhouse_connect.get_async_client(
            host=host, port=int(port), username="analyst", password=ANALYST,
            autogenerate_session_id=False,
        )  # fmt: skip
        answers = await asyncio.gather(*(client.query(f"SELECT {n}") for n in range(20)))
        await client.close()
        return [answer.result_rows[0][0] for answer in answers]

    with ThreadPoolExecutor(1) as own:  # the browser tests leave a loop running in this thread
        assert own.submit(asyncio.run, ask()).result() == list(range(20))


def test_dbeaver_finds_its_way(address: str) -> None:
    """The JDBC driver posts with ``compress=1`` and asks in RowBinaryWithNamesAndTypes."""

    def jdbc(sql: str) -> bytes:
        headers = AS_ANALYST | {"X-ClickHouse-Format": "RowBinaryWithNamesAndTypes"}
        reply = request(address, sql, headers, compress="1", database="default", session_id="jdbc")
        assert reply.status == 200, reply.text
        return from_blocks(io.BytesIO(reply.body)).read()

    assert b"version" in jdbc(
        "SELECT currentUser() AS user, timezone() AS timezone, version() AS version LIMIT 1"
    )
    databases = jdbc("SELECT name AS TABLE_SCHEM, null AS TABLE_CATALOG FROM system.databases")
    assert b"duban" in databases
    assert b"information_schema" not in databases
    tables = jdbc(
        "SELECT '' AS TABLE_CAT, t.database AS TABLE_SCHEM, t.name AS TABLE_NAME, "
        "CASE WHEN t.engine LIKE '%View' THEN 'VIEW' ELSE 'TABLE' END AS TABLE_TYPE, "
        "t.comment AS REMARKS FROM system.tables t JOIN system.databases d "
        "ON t.database = d.name WHERE t.database ILIKE 'duban' AND t.name LIKE '%' ORDER BY t.name"
    )
    assert all(table.encode() in tables for table in TABLES)
    assert b"cases_v" not in tables
    assert b"checkpoints" not in tables
    assert b"case_id" in jdbc(
        "SELECT table AS TABLE_NAME, name AS COLUMN_NAME, type AS TYPE_NAME, comment AS REMARKS "
        "FROM system.columns WHERE database LIKE 'duban' AND table LIKE 'cases' ORDER BY position"
    )
    jdbc("SELECT name, alias_to, case_insensitive FROM system.data_type_families")
    jdbc("SELECT name FROM system.table_engines ORDER BY name")
    jdbc("SELECT name FROM system.functions")
    jdbc("SELECT * FROM duban.cases LIMIT 200")
    assert b"CREATE VIEW" in jdbc("SHOW CREATE TABLE duban.cases")
    assert b"cases" in jdbc("SELECT table_name FROM information_schema.tables")


def test_grafana_finds_its_way(address: str) -> None:
    """Plugins ask by GET in JSON, or post in Native with LZ4 blocks."""

    def get(sql: str) -> list[dict[str, object]]:
        reply = request(
            address, headers=AS_ANALYST | {"Accept-Encoding": "gzip"}, method="GET",
            query=f"{sql} FORMAT JSON", add_http_cors_header="1", enable_http_compression="0",
        )  # fmt: skip
        assert reply.status == 200, reply.text
        return list(json.loads(reply.body)["data"])

    assert get("SHOW DATABASES") == [{"name": "duban"}]
    assert {row["name"] for row in get("SELECT name FROM system.tables")} == set(TABLES)
    assert get("SELECT name, type FROM system.columns WHERE table = 'scores'")
    assert (
        get(
            "SELECT toStartOfInterval(occurred_at, INTERVAL 1 day) AS time, sum(points) AS points "
            "FROM duban.scores WHERE occurred_at >= toDateTime(1760000000) "
            "GROUP BY time ORDER BY time"
        )
        == []
    )
    native = request(
        address, "SELECT displayName(), version(), revision(), timezone()", default_format="Native",
        compress="1", database="duban", max_execution_time="60", client_protocol_version="54460",
    )  # fmt: skip
    assert b"revision()" in from_blocks(io.BytesIO(native.body)).read()


def test_what_analysts_see_of_the_catalogue_is_public(address: str) -> None:
    for sql in (
        "SELECT name FROM system.tables",
        "SHOW TABLES",
        "SHOW TABLES FROM duban",
        "SELECT DISTINCT table FROM system.columns",
        "WITH x AS (SELECT * FROM system.tables) SELECT name FROM x",
        "SELECT table_name FROM information_schema.tables",
    ):
        assert set(request(address, sql).text.split()) == set(TABLES), sql
    assert request(address, "SHOW COLUMNS FROM cases_v1").text == ""
    assert "cases_v" in request(address, "SHOW TABLES", AS_SINK).text
