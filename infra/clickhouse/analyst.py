"""Answers questions that people write in SQL, and lets them do nothing else."""

import re
from collections.abc import Iterator

from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError

from domain.errors import Invalid
from infra.clickhouse.engine import DATABASE, Engine
from projections.catalogue import TABLES

CATALOGUE = frozenset(
    f"system.{name}"
    for name in (
        "aggregate_function_combinators", "collations", "columns", "data_skipping_indices",
        "data_type_families", "databases", "dictionaries", "formats", "functions", "keywords",
        "one", "settings", "table_engines", "table_functions", "tables", "time_zones",
    )
) | {
    f"{schema}.{name}"
    for schema in ("information_schema", "INFORMATION_SCHEMA")
    for name in ("columns", "schemata", "tables", "views", "COLUMNS", "SCHEMATA", "TABLES", "VIEWS")
}  # fmt: skip
DATABASES = frozenset({"system", "default", "information_schema", "INFORMATION_SCHEMA", DATABASE})
INTERNAL = re.compile(r"\w+_v\d+(__beside)?|checkpoints|sink_\w+|dead_letters")


def _text(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


# What the catalogue shows of itself: the public views, whatever is asked about it.
_SHOWN = f"IN ({', '.join(map(repr, TABLES))})"
_ONLY = {
    "system.tables": f"database = '{DATABASE}' AND name {_SHOWN}",
    "system.columns": f"database = '{DATABASE}' AND table {_SHOWN}",
    "system.databases": f"name = '{DATABASE}'",
    "system.data_skipping_indices": "0",
    "system.dictionaries": "0",
}
_FILTERS = ", ".join(f"{_text(table)}: {_text(only)}" for table, only in _ONLY.items())
# In this order: nothing can be set any more once the last one is.
LIMITS = {
    "additional_table_filters": f"{{{_FILTERS}}}",
    "max_execution_time": 60,
    "max_result_rows": 10_000_000,
    "max_result_bytes": 4 << 30,
    "max_memory_usage": 4 << 30,
    "readonly": 1,
}
QUESTIONS = (
    "SelectWithUnionQuery", "SelectIntersectExceptQuery", "ShowTables", "ShowColumns",
    "ShowFunctions", "ShowCreateTableQuery", "ShowCreateViewQuery", "ExistsTableQuery",
    "ExistsViewQuery", "DescribeQuery",
)  # fmt: skip
TABLE_FUNCTIONS = frozenset({"numbers", "zeros", "values", "generate_series", "generateseries"})
# Ordinary functions that reach outside the tables, tell of the machine, or only burn time. They
# can also be passed by name, as in arrayMap(file, …), so no plain name may be one of these either.
REFUSED_FUNCTIONS = re.compile(
    r"file|sleep\w*|dict\w+|joinget\w*|getmacro|catboost\w*|ai[a-z]+|reversednsquery|logtrace|"
    r"showcertificate|filesystem\w+|hascolumnintable|getserver\w+|serveruuid|getclienthttpheader|"
    r"addressto\w+|zookeeper\w*|mergetreepart\w*|getmergetreesetting|eval\w*|naivebayes\w*",
    re.I,
)
FORMAT = re.compile(r"[A-Za-z][A-Za-z0-9]*")


class ClickHouseAnalyst:
    """``projections.reading.Analyst``: the engine parses the question, its tree is checked, and a
    client that can only read answers it. Neither alone would do: a read-only client still writes
    ``INTO OUTFILE``, and a tree does not limit time."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def ask(self, sql: str, output_format: str) -> bytes:
        question = sql.strip().removesuffix(";").rstrip()
        if not FORMAT.fullmatch(output_format):
            raise Invalid("query.refused", f"{output_format!r} is no output format")
        if not question or ";" in question:
            raise Invalid(
                "query.refused", "ask one question without semicolons (in a text: char(59))"
            )
        client: Client | None = None
        try:
            client = self._engine.connect(settings=LIMITS)
            check(_tree(client, question))
            return bytes(client.raw_query(question, fmt=output_format))
        except ClickHouseError as error:
            raise Invalid("query.failed", _told(error)) from error
        finally:
            if client is not None:
                client.close()


def check(tree: list[str]) -> None:
    """``tree``: the lines of EXPLAIN AST. Raises ``Invalid`` (``query.refused``)."""
    explained = tree[0].startswith("Explain ")
    tops = [line.strip() for line in tree[: 1 + explained]]
    top = tops[-1].split(" ")[0]
    if top not in QUESTIONS:
        raise Invalid("query.refused", "only SELECT, WITH, SHOW, DESCRIBE, EXISTS and EXPLAIN")
    objections = _named(tree) if top.startswith(("ShowCreate", "Exists")) else _inside(tree, tops)
    for reason in objections:
        raise Invalid("query.refused", reason)


def _named(tree: list[str]) -> Iterator[str]:
    """Of statements that name one table and nothing else."""
    nodes = [line.strip().partition(" ") for line in tree[1:]]
    name = ".".join(rest.strip("`") for _, _, rest in nodes)
    if any(node != "Identifier" for node, _, _ in nodes) or not _public(name):
        yield f"{name} is not a public table: there are {', '.join(TABLES)}"


def _inside(tree: list[str], tops: list[str]) -> Iterator[str]:
    # Where to write to and in which format are second children of the statement.
    if any("(children " in top and not top.endswith("(children 1)") for top in tops):
        yield "INTO OUTFILE and FORMAT are not allowed: choose the format beside the question"
    for above, line in zip(["", *tree], tree, strict=False):
        node, _, rest = line.strip().partition(" ")
        name = rest.partition(" (")[0].strip("`")
        if node == "Set":
            yield "SETTINGS are not allowed"
        elif node == "Function" and above.strip().startswith("TableExpression"):
            if name.lower() not in TABLE_FUNCTIONS:
                yield f"the table function {name} is not allowed: only {', '.join(TABLES)} are"
        elif node in ("Function", "Identifier") and REFUSED_FUNCTIONS.fullmatch(name):
            yield f"the function {name} is not allowed"
        elif node == "ColumnsApplyTransformer":
            yield "APPLY is not allowed: write the columns out"  # the tree hides what it applies
        elif node == "Literal" and tops[-1].startswith("Show"):
            yield "INTO OUTFILE is not allowed"
        elif (node == "TableIdentifier" and not _public(name)) or (
            node == "Identifier" and not tops[-1].startswith("Show") and _names_table(name)
        ):
            yield f"{name} is not a public table: there are {', '.join(TABLES)}"


def _public(name: str) -> bool:
    database, _, table = name.rpartition(".")
    if database in ("", DATABASE):
        return not INTERNAL.fullmatch(table)
    return name in CATALOGUE


def _names_table(identifier: str) -> bool:
    """A table that is not public, written like a column: x IN checkpoints reads it too."""
    first, *rest = identifier.split(".")
    if first in DATABASES and rest:
        return not _public(f"{first}.{rest[0]}")
    return bool(INTERNAL.fullmatch(first))


def _tree(client: Client, question: str) -> list[str]:
    # A question asked with a format would hand the format down to the statement explained.
    return str(client.command(f"EXPLAIN AST {question}")).split("\n")


def _told(error: ClickHouseError) -> str:
    """What the engine says, without its stack and its name for itself."""
    line = str(error).strip().splitlines()[0]
    return re.sub(r"^(.*server response: )?(Code: \d+\. )?(DB::Exception: )?", "", line)
