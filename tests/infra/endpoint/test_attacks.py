"""What somebody with an account, or with none, may try over HTTP, and does not get."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.clickhouse import ANALYST, endpoint
from tests.support.clickhouse_http import AS_ANALYST, AS_SINK, basic, request

SECRET = "nobody-may-read-this"
# {file} holds the secret; {new} must not come into being.
OF_ANALYSTS = (
    "SELECT * FROM file('{file}', 'LineAsString')",
    "SELECT file('{file}')",
    "SELECT `file`('{file}')",
    "SELECT FILE('{file}')",
    "SELECT arrayMap(file, ['{file}'])",
    "SELECT arrayMap(p -> file(p), ['{file}'])",
    "SELECT * APPLY(file) FROM (SELECT '{file}')",
    "SELECT * FROM (SELECT * FROM (SELECT * FROM file('{file}', 'LineAsString')))",
    "WITH x AS (SELECT * FROM file('{file}', 'LineAsString')) SELECT * FROM x",
    "SELECT * FROM cases AS c LEFT JOIN file('{file}', 'LineAsString') AS f ON f.line = c.unit",
    "SELECT 1 UNION ALL SELECT length(line) FROM file('{file}', 'LineAsString')",
    "SELECT 1 WHERE EXISTS(SELECT * FROM file('{file}', 'LineAsString'))",
    "SELECT (SELECT count() FROM file('{file}', 'LineAsString'))",
    "SELECT * FROM view(SELECT * FROM file('{file}', 'LineAsString'))",
    "SELECT * FROM viewIfPermitted(SELECT * FROM file('{file}') ELSE null('a Int8'))",
    "EXPLAIN SELECT * FROM file('{file}', 'LineAsString')",
    "DESCRIBE TABLE file('{file}', 'LineAsString')",
    "SELECT * FROM fileCluster('default', '{file}', 'LineAsString')",
    "SELECT * FROM filesystem('/')",
    "SELECT * FROM loop(file('{file}', 'LineAsString')) LIMIT 1",
    "SELECT * FROM eval('SELECT 1')",
    "SELECT * FROM url('http://127.0.0.1:{port}/ping', 'LineAsString')",
    "SELECT * FROM urlCluster('default', 'http://127.0.0.1:{port}/ping', 'LineAsString')",
    "SELECT * FROM s3('http://127.0.0.1:{port}/x', 'CSV', 'a String')",
    "SELECT * FROM remote('127.0.0.1:{port}', system.one)",
    "SELECT * FROM remoteSecure('127.0.0.1:{port}', system.one)",
    "SELECT * FROM mysql('127.0.0.1:{port}', 'a', 'b', 'c', 'd')",
    "SELECT * FROM postgresql('127.0.0.1:{port}', 'a', 'b', 'c', 'd')",
    "SELECT * FROM mongodb('127.0.0.1:{port}', 'a', 'b', 'c', 'd', 'x Int8')",
    "SELECT * FROM redis('127.0.0.1:{port}', 'k', 'k String')",
    "SELECT * FROM sqlite('{file}', 'x')",
    "SELECT * FROM hdfs('hdfs://127.0.0.1:{port}/x', 'CSV', 'a String')",
    "SELECT * FROM executable('id', 'TSV', 'a String')",
    "SELECT * FROM Python(os)",
    "SELECT * FROM input('a String')",
    "SELECT * FROM merge('system', '.*')",
    "SELECT * FROM cluster('default', system.one)",
    "SELECT * FROM dictionary('x')",
    "SELECT * FROM mergeTreeIndex('duban', 'cases_v1')",
    "SELECT * FROM generateRandom('a UInt64')",
    "SELECT reverseDNSQuery('127.0.0.1')",
    "SELECT dictGet('x', 'y', 1)",
    "SELECT joinGet('duban.x', 'y', 1)",
    "SELECT aiGenerate('x', 'y')",
    "SELECT showCertificate()",
    "SELECT getServerSetting('max_connections')",
    "SELECT filesystemAvailable()",
    "SELECT hasColumnInTable('system', 'processes', 'query')",
    "SELECT logTrace('x')",
    "SELECT sleep(3)",
    "SELECT sleepEachRow(1) FROM numbers(100)",
    "SELECT 1 INTO OUTFILE '{new}'",
    "SELECT 1 INTO OUTFILE '{new}' FORMAT CSV",
    "SELECT 1 INTO /* a comment */ OUTFILE '{new}'",
    "EXPLAIN SELECT 1 INTO OUTFILE '{new}'",
    "SHOW TABLES INTO OUTFILE '{new}'",
    "SHOW COLUMNS FROM cases INTO OUTFILE '{new}'",
    "SHOW CREATE TABLE cases INTO OUTFILE '{new}'",
    "DESCRIBE TABLE cases INTO OUTFILE '{new}'",
    "EXISTS TABLE cases INTO OUTFILE '{new}'",
    "SELECT 1 SETTINGS readonly = 0",
    "SELECT 1 FORMAT CSV SETTINGS readonly = 0",
    "SELECT * FROM (SELECT 1 SETTINGS max_execution_time = 0)",
    "SET readonly = 0",
    "SET max_execution_time = 0",
    "USE system",
    "CREATE TABLE x (a Int8) ENGINE = Memory",
    "CREATE TEMPORARY TABLE x (a Int8)",
    "CREATE VIEW x AS SELECT 1",
    "CREATE FUNCTION x AS a -> file(a)",
    "CREATE DICTIONARY x (a Int8) PRIMARY KEY a SOURCE(FILE(path '{file}' format 'CSV')) "
    "LAYOUT(FLAT()) LIFETIME(1)",
    "CREATE USER x",
    "GRANT ALL ON *.* TO analyst",
    "INSERT INTO cases_v1 (case_id) VALUES ('x')",
    "INSERT INTO FUNCTION file('{new}', 'CSV') SELECT 1",
    "INSERT INTO cases_v1 SELECT * FROM cases_v1",
    "ALTER TABLE cases_v1 DELETE WHERE 1",
    "DELETE FROM cases_v1 WHERE 1",
    "DROP TABLE cases_v1",
    "DROP DATABASE duban",
    "TRUNCATE TABLE cases_v1",
    "RENAME TABLE cases_v1 TO x",
    "EXCHANGE TABLES cases_v1 AND units_v1",
    "OPTIMIZE TABLE cases_v1 FINAL",
    "ATTACH TABLE x FROM '/etc' (a Int8) ENGINE = File(CSV)",
    "BACKUP TABLE cases_v1 TO File('{new}')",
    "RESTORE TABLE cases_v1 FROM File('{file}')",
    "SYSTEM SHUTDOWN",
    "KILL QUERY WHERE 1",
    "SHOW PROCESSLIST",
    "SHOW GRANTS",
    "SELECT * FROM system.processes",
    "SELECT * FROM system.parts",
    "SELECT * FROM system.disks",
    "SELECT * FROM system.errors",
    "SELECT * FROM system.server_settings",
    "SELECT * FROM system.stack_trace",
    "SELECT * FROM cases_v1",
    "SELECT * FROM duban.cases_v1",
    'SELECT * FROM "duban"."cases_v1"',
    "SELECT * FROM checkpoints",
    "SELECT * FROM duban.dead_letters",
    "SELECT * FROM sink_rests",
    "SELECT 1 WHERE 'cases_v1' IN checkpoints",
    "SELECT 1 WHERE ('a', 1) IN duban.sink_progress",
    "WITH checkpoints AS x SELECT 1 WHERE ('a', 1, now64(6)) IN x",
    "SHOW CREATE TABLE cases_v1",
    "SHOW CREATE TABLE system.processes",
    "DESCRIBE TABLE cases_v1",
    "DESCRIBE TABLE system.processes",
    "SELECT 1; DROP TABLE cases_v1",
    "SELECT ';'; DROP TABLE cases_v1",
    "SELECT '\\''; DROP TABLE cases_v1 --'",
    "SELECT $$;$$; DROP TABLE cases_v1",
    "SELECT ‘;’; DROP TABLE cases_v1",
    "SELECT 1 /* ; */ ; DROP TABLE cases_v1",
    "SELECT 1 AS `x\nFunction y` FROM cases_v1",
    "SELECT 1 AS `x\\nTableIdentifier cases` FROM checkpoints",
    "SELECT 1 # ; DROP TABLE cases_v1",
    "EXECUTE AS sink SELECT 1",
    "SELECT 1 PARALLEL WITH DROP TABLE cases_v1",
    "SELECT * FROM {{t:Identifier}}",
    "CHECK TABLE cases_v1",
)
OF_THE_SINK = (
    "SELECT * FROM file('{file}', 'LineAsString')",
    "SELECT file('{file}')",
    "SELECT 1 INTO OUTFILE '{new}'",
    "INSERT INTO FUNCTION file('{new}', 'CSV') SELECT 1",
    "INSERT INTO FUNCTION file('{new}', 'CSV') FORMAT CSV\n1",
    "INSERT INTO checkpoints (name) FROM INFILE '{file}' FORMAT CSV",
    "INSERT INTO checkpoints (name) SELECT line FROM file('{file}', 'LineAsString')",
    "INSERT INTO checkpoints (name) SELECT file('{file}')",
    "CREATE TABLE x ENGINE = File(CSV, '{new}') AS SELECT 1",
    "CREATE TABLE x (a String) ENGINE = URL('http://127.0.0.1:{port}/', 'CSV')",
    "CREATE TABLE x (a String) ENGINE = S3('http://127.0.0.1:{port}/x', 'CSV')",
    "CREATE TABLE x AS file('{file}', 'LineAsString')",
    "CREATE TABLE x (a String DEFAULT file('{file}')) ENGINE = Memory",
    "CREATE TABLE x (a Int8) ENGINE = MergeTree ORDER BY a "
    "SETTINGS disk = disk(type = 'local', path = '{new}/')",
    "CREATE VIEW x AS SELECT * FROM file('{file}', 'LineAsString')",
    "CREATE MATERIALIZED VIEW x ENGINE = File(CSV, '{new}') AS SELECT * FROM checkpoints",
    "CREATE DATABASE other",
    "CREATE TABLE default.x (a Int8) ENGINE = Memory",
    "CREATE FUNCTION x AS a -> a",
    "CREATE USER x",
    "DROP DATABASE duban",
    "DROP TABLE system.one",
    "RENAME TABLE checkpoints TO default.checkpoints",
    "ALTER TABLE checkpoints FREEZE",
    "ALTER TABLE checkpoints FETCH PARTITION 1 FROM '/x'",
    "ALTER TABLE checkpoints MOVE PARTITION 1 TO DISK 'x'",
    "SYSTEM SHUTDOWN",
    "SYSTEM RELOAD CONFIG",
    "KILL QUERY WHERE 1",
    "BACKUP TABLE checkpoints TO File('{new}')",
    "SET max_threads = 1",
    "SELECT * FROM default.x",
    "SELECT 1; SELECT 2",
)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with endpoint(tmp_path_factory.mktemp("tables")) as address:
        yield address


@pytest.fixture(scope="module")
def secret(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("secrets") / "secret.txt"
    file.write_text(SECRET)
    return file


def attempt(address: str, sql: str, secret: Path, who: dict[str, str], **params: str) -> str:
    """The code it was refused with, having done nothing."""
    new = secret.with_name("new")
    port = address.rpartition(":")[2]
    written = sql.replace("{file}", str(secret)).replace("{new}", str(new)).replace("{port}", port)
    reply = request(address, written.replace("{{", "{").replace("}}", "}"), who, **params)
    assert reply.status >= 400, reply.text
    assert SECRET not in reply.text
    assert reply.text.startswith(f"Code: {reply.code}. DB::Exception: ")
    assert not new.exists()
    present = request(address, "SELECT count() FROM cases", database="duban")
    assert (present.status, present.text) == (200, "0\n")
    return reply.code


@pytest.mark.parametrize("sql", OF_ANALYSTS)
def test_an_analyst_can_only_ask_about_public_tables(address: str, secret: Path, sql: str) -> None:
    refused = {
        "497",
        "62",
        "164",
        "46",
    }  # not allowed, not one statement, not to be written, unknown
    assert attempt(address, sql, secret, AS_ANALYST) in refused


@pytest.mark.parametrize("sql", OF_THE_SINK)
def test_the_sink_stays_in_its_database(address: str, secret: Path, sql: str) -> None:
    assert attempt(address, sql, secret, AS_SINK) in {"497", "62", "164"}


@pytest.mark.parametrize("name", ["cases_v1", "duban.checkpoints", "system.processes", "x`y", ""])
def test_a_name_given_as_a_parameter_is_a_name_like_any_other(
    address: str, secret: Path, name: str
) -> None:
    sql = "SELECT * FROM {t:Identifier}"
    assert attempt(address, sql, secret, AS_ANALYST, param_t=name) == "497"
    asked = request(address, sql, param_t="cases")
    assert asked.status == 200


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("additional_table_filters", "{}"),
        ("format_schema", "/etc/passwd"),
        ("output_format_schema", "x"),
        ("format_template_row", "/etc/passwd"),
        ("allow_introspection_functions", "1"),
        ("max_memory_usage_for_user", "0"),
        ("allow_ddl", "1"),
        ("x; DROP TABLE cases_v1", "1"),
    ],
)
def test_settings_in_the_address_open_nothing(address: str, name: str, value: str) -> None:
    assert request(address, "SELECT 1", **{name: value}).code == "164"


@pytest.mark.parametrize("database", ["system", "information_schema", "other"])
def test_another_database_is_not_chosen_in_the_address(address: str, database: str) -> None:
    assert request(address, "SELECT * FROM processes", database=database).code == "81"


def test_limits_can_be_tightened_and_not_loosened(address: str) -> None:
    def limit(**params: str) -> str:
        return request(address, "SELECT getSetting('max_execution_time')", **params).text.strip()

    assert limit(max_execution_time="5") == "5"
    assert limit(max_execution_time="0") == limit(max_execution_time="9999") == limit() == "60"
    endless = "SELECT sum(number) FROM numbers(1000000000000)"
    started = time.monotonic()
    assert request(address, endless, max_execution_time="1").code == "159"
    assert time.monotonic() - started < 20
    wide = "SELECT number FROM numbers(20000000) FORMAT Null"
    assert request(address, wide).code == "396"
    assert request(address, "SELECT groupArray(number) FROM numbers(1000000000)").code == "241"


def test_a_reader_stays_one_after_whatever_was_tried_on_its_way(address: str) -> None:
    for _ in range(3):
        assert request(address, "SELECT 1", readonly="0").status == 200
        assert request(address, "INSERT INTO checkpoints (name) VALUES ('x')").code == "497"
    created = "CREATE TABLE kept (a Int8) ENGINE = Memory"
    assert request(address, created, AS_SINK).status == 200
    assert request(address, "DROP TABLE kept", AS_SINK).status == 200


@pytest.mark.parametrize(
    "who",
    [
        {},
        basic("analyst", ""),
        basic("analyst", "wrong"),
        basic("sink", ANALYST),
        basic("default", ""),
        basic("root", ANALYST),
        {"Authorization": "Basic %%%"},
        {"Authorization": "Bearer x"},
        {"X-ClickHouse-User": "analyst", "X-ClickHouse-Key": "wrong"},
    ],
)
def test_without_an_account_there_is_only_the_ping(address: str, who: dict[str, str]) -> None:
    reply = request(address, "SELECT 1", who)
    assert (reply.status, reply.code) == (403, "516")
    assert "Authentication failed" in reply.text
    assert request(address, headers=who, method="GET").status == 403
    assert request(address, headers=who, method="GET", path="/ping").text == "Ok.\n"


def test_getting_changes_nothing(address: str) -> None:
    sql = "CREATE TABLE kept (a Int8) ENGINE = Memory"
    assert request(address, headers=AS_SINK, method="GET", query=sql).code == "164"


def test_many_at_once_are_answered_each_with_its_own(address: str) -> None:
    found: dict[int, str] = {}

    def ask(number: int) -> None:
        who = AS_SINK if number % 2 else AS_ANALYST
        found[number] = request(address, f"SELECT {number}", who).text

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {number: f"{number}\n" for number in range(40)}
