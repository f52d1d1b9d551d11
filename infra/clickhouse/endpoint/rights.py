"""What each account may do: the analyst asks about public tables, the sink keeps its database."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from domain.errors import Invalid
from infra.clickhouse.analyst import (
    CATALOGUE,
    DATABASES,
    REFUSED_FUNCTIONS,
    TABLE_FUNCTIONS,
    check,
)
from infra.clickhouse.endpoint.accounts import Role
from infra.clickhouse.endpoint.asking import Asked
from infra.clickhouse.endpoint.failures import ACCESS_DENIED, READONLY, Failure
from infra.clickhouse.endpoint.handles import Handle
from infra.clickhouse.endpoint.statements import Statement
from infra.clickhouse.engine import DATABASE

# Outside of quotation marks these words only ever mean files and disks.
_FILES = {"OUTFILE", "INFILE", "DISK", "STORAGE_POLICY"}
_CHANGES = {
    "AlterQuery", "CreateQuery", "DeleteQuery", "DropQuery", "OptimizeQuery", "Rename",
    "TruncateQuery",
}  # fmt: skip
_READS = {
    "CheckQuery", "DescribeQuery", "ExistsTableQuery", "ExistsViewQuery", "Explain",
    "SelectIntersectExceptQuery", "SelectWithUnionQuery", "ShowColumns", "ShowCreateTableQuery",
    "ShowCreateViewQuery", "ShowTables",
}  # fmt: skip
_ALTERING = re.compile(
    r"(ADD|DROP|MODIFY|MATERIALIZE|COMMENT|CLEAR|RENAME)_\w+|DELETE|UPDATE|RESET_SETTING"
)
_ENGINES = re.compile(r"(Replicated)?(Replacing|Summing|Aggregating)?MergeTree|Memory|Null")
_WATCHED = CATALOGUE | {
    f"system.{name}"
    for name in (
        "asynchronous_metrics", "detached_parts", "disks", "errors", "events", "merges", "metrics",
        "mutations", "parts", "parts_columns", "processes", "replicas",
    )
}  # fmt: skip
_IDENTIFIER_PARAM = re.compile(r"\{\s*(\w+)\s*:\s*Identifier\s*\}", re.I)
_PLAIN = re.compile(r"[\w.]+")
Known = tuple[Role, str, tuple[tuple[str, str], ...]]
# What was found harmless: the sink and the boards of analysts repeat themselves.
_PERMITTED: set[Known] = set()
_REMEMBERED = 2_000
_SHORT = 4_096


class Node(NamedTuple):
    depth: int
    kind: str
    name: str
    above: str  # the kind of the line before, which is its parent if that has children


def permit(asked: Asked, statement: Statement, handle: Handle) -> None:
    """Raises ``Failure`` (497) for what the account may not do."""
    if asked.reading_only and not statement.answers:
        raise Failure(
            READONLY,
            f"{asked.role}: Cannot execute query in readonly mode. For queries over HTTP, method "
            "GET implies readonly. You should use method POST for modifying queries",
        )
    if asked.role == "analyst" and statement.first == "INSERT":
        raise _denied(asked.role, "INSERT is for the sink")
    if found := _FILES & set(statement.words):
        raise _denied(asked.role, f"{sorted(found)[0]} is not allowed")
    for name in _IDENTIFIER_PARAM.findall(statement.text):
        if not _PLAIN.fullmatch(asked.params.get(name, "")):
            raise _denied(asked.role, f"the name in {name} is not a plain one")
    about_database = statement.words[1:2] == ("DATABASE",) and statement.first != "SHOW"
    if about_database and (statement.first, statement.words[-1]) != ("CREATE", DATABASE.upper()):
        raise _denied(asked.role, f"there is one database, {DATABASE}")
    if asked.role == "sink" and statement.first in ("SET", "INSERT", "SYSTEM"):
        return _permit_simple(asked, statement, handle)
    _permit_tree(asked.role, handle, statement.text, tuple(sorted(asked.params.items())))
    return None


def _permit_tree(
    role: Role, handle: Handle, text: str, params: tuple[tuple[str, str], ...]
) -> None:
    if (role, text, params) in _PERMITTED:
        return
    explained = handle.run(f"EXPLAIN AST {text}", "TSVRaw", dict(params)).decode()
    tree = explained.rstrip("\n").split("\n")
    if role == "analyst":
        try:
            check(tree)
        except Invalid as refusal:
            raise _denied(role, refusal.message) from refusal
    else:
        for reason in _objections(list(_nodes(tree))):
            raise _denied(role, reason)
    _remember((role, text, params))


def _permit_simple(asked: Asked, statement: Statement, handle: Handle) -> None:
    words = statement.words
    if statement.first == "SET":
        if not asked.session:
            raise Failure(READONLY, "SET needs a session: it would be forgotten at once")
        if any(w in ("READONLY", "FORMAT_SCHEMA_PATH") for w in words):
            raise _denied(asked.role, f"{words[1]} cannot be set")
    elif statement.first == "SYSTEM":
        if words[1:3] not in (("STOP", "MERGES"), ("START", "MERGES")):
            raise _denied(asked.role, "of SYSTEM only STOP MERGES and START MERGES")
    else:
        rows = statement.format and "SELECT" not in words
        text = statement.text + (" VALUES" if rows else "")
        _permit_tree(asked.role, handle, text, tuple(sorted(asked.params.items())))


def _objections(nodes: list[Node]) -> Iterator[str]:
    top = nodes[0].kind
    if top not in _CHANGES | _READS | {"InsertQuery"}:
        yield f"{top.removesuffix('Query')} statements are not allowed"
    if top in _CHANGES | {"InsertQuery"}:
        yield from _of_change(top, nodes)
    for node in nodes:
        if node.kind == "Function" and node.above.startswith("TableExpression"):
            if node.name.lower() not in TABLE_FUNCTIONS:
                yield f"the table function {node.name} is not allowed"
        elif node.kind in ("Function", "Identifier") and REFUSED_FUNCTIONS.fullmatch(node.name):
            yield f"the function {node.name} is not allowed"
        elif node.kind == "ColumnsApplyTransformer":
            yield "APPLY is not allowed: write the columns out"
        elif node.kind == "AlterCommand" and not _ALTERING.fullmatch(node.name):
            yield f"ALTER {node.name} is not allowed"
        elif node.kind == "Dictionary":
            yield "dictionaries are not allowed"
        elif node.kind == "TableIdentifier" and not _ours(node.name):
            yield f"{node.name} is not a table of {DATABASE}"
        elif node.kind == "Identifier" and "." in node.name:
            database, table = node.name.split(".")[:2]
            if database in DATABASES and not _ours(f"{database}.{table}"):
                yield f"{node.name} is not a table of {DATABASE}"


def _of_change(top: str, nodes: list[Node]) -> Iterator[str]:
    """What is changed is named in the children of the statement itself."""
    own = [node for node in nodes if node.depth == 1]
    names = [node.name for node in own if node.kind == "Identifier"]
    if any(node.kind == "Function" for node in own):
        yield f"the table function {own[0].name} is not allowed"
    if any(name.split(".")[0] in DATABASES - {DATABASE} for name in names):
        yield f"only tables of {DATABASE} can be changed"
    if top != "Rename" and len(names) == 2 and names[0] != DATABASE:
        yield f"only tables of {DATABASE} can be changed"
    if top == "DropQuery" and names == [DATABASE]:
        yield f"{DATABASE} cannot be dropped"
    for node in nodes:
        engine = node.kind == "Function" and node.above.startswith("Storage")
        if engine and not _ENGINES.fullmatch(node.name):
            yield f"the table engine {node.name} is not allowed"


def _ours(name: str) -> bool:
    database = name.rpartition(".")[0]
    return database in ("", DATABASE) or name in _WATCHED


def _nodes(tree: list[str]) -> Iterator[Node]:
    above = ""
    for line in tree:
        kind, _, rest = line.strip().partition(" ")
        name = rest.partition(" (")[0].strip("`")
        yield Node(len(line) - len(line.lstrip()), kind, name, above)
        above = line.strip()


def _denied(role: Role, reason: str) -> Failure:
    return Failure(ACCESS_DENIED, f"{role}: Not enough privileges: {reason}")


def _remember(known: Known) -> None:
    if len(known[1]) <= _SHORT:
        if len(_PERMITTED) >= _REMEMBERED:
            _PERMITTED.clear()
        _PERMITTED.add(known)
