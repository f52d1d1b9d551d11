"""The dictionary says what the engine says, and the README shows it."""

from pathlib import Path

import pytest

from domain.errors import NotFound
from infra.clickhouse.engine import ChdbEngine
from infra.clickhouse.schema import prepare
from projections.catalogue import TABLES
from projections.dictionary import columns, dictionary

README = Path(__file__).parents[2] / "projections" / "README.md"
MARK = "<!-- dictionary: printed by `duban tables` -->\n"


def test_every_column_of_every_table_has_its_meaning(tmp_path: Path) -> None:
    engine = ChdbEngine(tmp_path)
    prepare(engine)
    with engine.client() as client:
        for table in TABLES:
            found = client.query(
                "SELECT name, comment FROM system.columns WHERE database = 'duban' "
                "AND table = {table:String} ORDER BY position",
                parameters={"table": table},
            ).result_rows
            assert all(comment for _, comment in found), table
            assert [name for name, _ in found] == [column.name for column in columns(table)]
            said = [column.meaning.replace("\\|", "|") for column in columns(table)]
            assert [comment for _, comment in found] == said
    engine.close()


def test_the_readme_holds_the_dictionary() -> None:
    """To renew it: duban tables, behind the mark."""
    _, _, shown = README.read_text(encoding="utf-8").partition(MARK)
    assert shown.strip() == dictionary().strip()


def test_an_unknown_table_is_refused_with_those_there_are() -> None:
    with pytest.raises(NotFound) as refusal:
        dictionary(["nonsense"])
    assert refusal.value.code == "tables.unknown"
    assert "cases" in refusal.value.message
