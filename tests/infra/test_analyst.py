"""What people may ask of the tables, and what they may not do with a question."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from domain.errors import Invalid
from infra.clickhouse.analyst import ClickHouseAnalyst
from infra.clickhouse.engine import ChdbEngine
from infra.clickhouse.schema import prepare
from tests.support.clickhouse import http_engine

QUESTIONS = (
    "SELECT count() FROM cases",
    "select 1;",
    "WITH late AS (SELECT unit FROM cases WHERE overdue) SELECT unit, count() FROM late GROUP BY 1",
    "SELECT c.case_id FROM duban.cases AS c INNER JOIN units AS u ON u.unit_id = c.unit",
    "SELECT 1 UNION ALL SELECT 2",
    "SELECT unit FROM cases INTERSECT SELECT unit_id FROM units",
    "SELECT * FROM cases WHERE case_id IN (SELECT toString(number) FROM numbers(3))",
    "SELECT name, comment FROM system.columns WHERE table = 'cases'",
    "DESCRIBE TABLE scores",
    "SHOW TABLES",
    "SHOW CREATE TABLE cases",
    "EXISTS TABLE duban.units",
    "SELECT 1 WHERE 'x' IN (SELECT unit_id FROM units)",
    "WITH few AS (SELECT unit_id FROM units) SELECT 1 WHERE 'x' IN few",
    "SELECT duban.cases.status FROM duban.cases",
    "EXPLAIN SELECT count() FROM events",
    "SELECT 'INTO OUTFILE', \"status\" FROM cases -- a comment",
)
HOSTILE = (
    "INSERT INTO cases_v1 (case_id) VALUES ('x')",
    "DROP TABLE cases_v1",
    "DROP VIEW cases",
    "TRUNCATE TABLE cases_v1",
    "ALTER TABLE cases_v1 DELETE WHERE 1",
    "CREATE TABLE x (a Int8) ENGINE = Memory",
    "CREATE VIEW x AS SELECT 1",
    "RENAME TABLE cases_v1 TO x",
    "OPTIMIZE TABLE cases_v1",
    "SYSTEM SHUTDOWN",
    "KILL QUERY WHERE 1",
    "SET readonly = 0",
    "SELECT 1 SETTINGS readonly = 0",
    "SELECT * FROM (SELECT 1 SETTINGS max_execution_time = 0)",
    "SELECT 1 INTO OUTFILE '{file}'",
    "SELECT 1 INTO OUTFILE '{file}' FORMAT CSV",
    "EXPLAIN SELECT 1 INTO OUTFILE '{file}'",
    "SHOW TABLES INTO OUTFILE '{file}'",
    "SHOW TABLES LIKE 'x' INTO OUTFILE '{file}'",
    "SELECT 1 FORMAT CSV",
    "SELECT * FROM file('/etc/passwd', 'LineAsString')",
    "SELECT * FROM (SELECT * FROM file('/etc/passwd', 'LineAsString'))",
    "SELECT file('/etc/passwd')",
    "SELECT arrayMap(file, ['/etc/passwd'])",
    "SELECT arrayMap(`fi\\x6ce`, ['/etc/passwd'])",
    "SELECT arrayMap(path -> FILE(path), ['/etc/passwd'])",
    "SELECT * APPLY(file) FROM (SELECT '/etc/passwd')",
    "SELECT * APPLY(path -> file(path)) FROM (SELECT '/etc/passwd')",
    "SELECT COLUMNS('a') APPLY file FROM (SELECT '/etc/passwd' AS a)",
    "SELECT aiGenerate('x', 'y')",
    "SELECT * FROM url('http://127.0.0.1:1/', 'CSV', 'a String')",
    "SELECT * FROM remote('127.0.0.1', system.one)",
    "SELECT * FROM s3('http://127.0.0.1/x', 'CSV', 'a String')",
    "SELECT * FROM executable('id', 'TSV', 'a String')",
    "SELECT * FROM sqlite('/etc/passwd', 'x')",
    "SELECT * FROM merge('system', '.*')",
    "SELECT * FROM cluster('default', system.one)",
    "SELECT * FROM input('a String')",
    "SELECT * FROM Python(engine)",
    "SELECT * FROM view(SELECT * FROM file('/etc/passwd', 'LineAsString'))",
    "SELECT * FROM system.processes",
    "SELECT * FROM cases_v1",
    "SELECT * FROM duban.checkpoints",
    "SELECT 1 WHERE ('x', 1, now64(6)) IN checkpoints",
    "SELECT 1 WHERE ('x', 1, now64(6)) IN duban.checkpoints",
    "WITH checkpoints AS x SELECT 1 WHERE ('x', 1, now64(6)) IN x",
    "SHOW CREATE TABLE cases_v1",
    "SELECT sleep(3)",
    "SELECT dictGet('a.b', 'c', 1)",
    "SELECT 1; DROP TABLE cases_v1",
    "SELECT ';'; DROP TABLE cases_v1",
    "DESCRIBE TABLE file('/etc/passwd', 'LineAsString')",
    "ATTACH TABLE x",
    "BACKUP TABLE cases_v1 TO Disk('default', 'x')",
    "",
    ";",
)


@pytest.fixture(scope="module", params=["chdb", "http"])
def analyst(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ClickHouseAnalyst]:
    folder = tmp_path_factory.mktemp("tables")
    if request.param == "http":
        with http_engine(folder) as engine:
            yield ClickHouseAnalyst(engine)
        return
    with closing(ChdbEngine(folder)) as engine:
        prepare(engine)
        yield ClickHouseAnalyst(engine)


@pytest.mark.parametrize("sql", QUESTIONS)
def test_a_question_is_answered(analyst: ClickHouseAnalyst, sql: str) -> None:
    assert isinstance(analyst.ask(sql, "JSONEachRow"), bytes)


@pytest.mark.parametrize("sql", HOSTILE)
def test_anything_but_a_question_is_refused(
    analyst: ClickHouseAnalyst, sql: str, tmp_path: Path
) -> None:
    file = tmp_path / "written"
    with pytest.raises(Invalid) as refusal:
        analyst.ask(sql.replace("{file}", str(file)), "TSV")
    assert refusal.value.code in ("query.refused", "query.failed")
    assert not file.exists()
    assert analyst.ask("SELECT count() FROM cases", "TSV") == b"0\n"


@pytest.mark.parametrize(
    "name", ["CSV INTO OUTFILE 'x'", "", "TSV SETTINGS readonly=0", "Nonsense"]
)
def test_a_format_is_a_format(analyst: ClickHouseAnalyst, name: str) -> None:
    with pytest.raises(Invalid):
        analyst.ask("SELECT 1", name)


def test_a_mistake_is_told_in_the_words_of_the_engine(analyst: ClickHouseAnalyst) -> None:
    with pytest.raises(Invalid) as refusal:
        analyst.ask("SELECT no_such_column FROM cases", "TSV")
    assert refusal.value.code == "query.failed"
    assert "no_such_column" in refusal.value.message
    assert "\n" not in refusal.value.message
