"""Which kind of table a file is, by the end of its name."""

from pathlib import Path

from domain.errors import Invalid
from infra.importing.delimited import DelimitedTable
from infra.importing.json_lines import JsonLinesTable
from infra.importing.model import Mapping
from infra.importing.tables import Table
from infra.importing.workbooks import WorkbookTable

CODECS = {"windows-1252": "cp1252"}


def codec(mapping: Mapping) -> str:
    """The encoding's name in Python."""
    return CODECS.get(mapping.encoding, mapping.encoding)


def table(path: Path, mapping: Mapping) -> Table:
    """Raises ``Invalid`` (``import.kind``) for a kind of file that cannot be read."""
    match [suffix.lower() for suffix in path.suffixes if suffix.lower() != ".gz"][-1:]:
        case [".csv" | ".tsv" | ".txt"]:
            return DelimitedTable(path, mapping.delimiter, codec(mapping))
        case [".jsonl" | ".ndjson"]:
            return JsonLinesTable(path)
        case [".xlsx"] if path.suffix.lower() == ".xlsx":
            return WorkbookTable(path, mapping.sheet)
    raise Invalid(
        "import.kind",
        f"{path.name} is no table that can be imported: give a .csv, .csv.gz, .jsonl, .jsonl.gz "
        "or .xlsx file",
    )
