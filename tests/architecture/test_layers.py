"""domain ← projections ← streams; api reads domain and projections; infra puts all together."""

import ast
from graphlib import CycleError, TopologicalSorter

import pytest

from tests.architecture.sources import PACKAGES, imported, modules, tree

MAY_IMPORT = {
    "domain": {"domain"},
    "projections": {"projections", "domain"},
    "streams": {"streams", "projections", "domain"},
    "api": {"api", "projections", "domain"},
    "infra": set(PACKAGES),
}

# What computes without touching the world: no files, sockets, clocks, randomness or logs
# (threading: for a lock).
PURE = {
    "__future__", "abc", "bisect", "calendar", "collections", "contextlib", "copy", "dataclasses",
    "datetime", "decimal", "difflib", "enum", "fractions", "functools", "graphlib", "hashlib",
    "heapq", "itertools", "json", "math", "operator", "re", "statistics", "string", "textwrap",
    "threading", "types", "typing", "unicodedata", "zoneinfo",
    "annotated_types", "msgspec", "pydantic", "pydantic_core",
}  # fmt: skip

# Where a technology may be named: everything else speaks through a port.
ONLY_IN = {
    "apsw": ("infra.",),
    "eventsourcing": ("infra.",),
    "psycopg": ("infra.",),
    "psycopg_pool": ("infra.",),
    "chdb": ("infra.",),
    "clickhouse_connect": ("infra.",),
    "kafka": ("infra.", "streams."),
    "faust": ("streams.",),
    "fastapi": ("api.",),
    "starlette": ("api.", "infra.clickhouse.endpoint."),
    "jinja2": ("api.", "infra."),
    "uvicorn": ("infra.",),
    "opentelemetry": ("infra.spans",),
    "rich": ("infra.",),
}


@pytest.mark.parametrize("package", PACKAGES)
def test_a_layer_imports_only_the_layers_below_it(package: str) -> None:
    wrong = [
        f"{path} imports {name}"
        for module, path in modules().items()
        if module.split(".")[0] == package
        for name in imported(path)
        if name.split(".")[0] in set(PACKAGES) - MAY_IMPORT[package]
    ]
    assert not wrong


def test_no_module_imports_itself_in_a_circle() -> None:
    graph = {name: imported(path) & modules().keys() for name, path in modules().items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail("import cycle: " + " → ".join(error.args[1]))


def test_the_product_never_imports_its_tests() -> None:
    wrong = [
        path
        for path in modules().values()
        for name in imported(path)
        if name.split(".")[0] == "tests"
    ]
    assert not wrong


def test_the_domain_imports_only_what_computes() -> None:
    wrong = []
    for module, path in modules().items():
        if module.split(".")[0] != "domain":
            continue
        allowed = PURE | {"domain"}
        if module.startswith("domain.policies"):
            allowed = allowed | {"yaml"}
        wrong += [
            f"{path} imports {name}" for name in imported(path) if name.split(".")[0] not in allowed
        ]
    assert not wrong


def test_the_domain_reads_no_clock_and_opens_no_file() -> None:
    wrong = []
    for module, path in modules().items():
        if module.split(".")[0] not in {"domain", "projections"}:
            continue
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and _touches_the_world(node.func):
                wrong.append(f"{path}:{node.lineno} {ast.unparse(node.func)}")
    assert not wrong


def _touches_the_world(called: ast.expr) -> bool:
    match called:
        case ast.Name(id="open" | "input" | "print"):
            return True
        case ast.Attribute(value=ast.Name(id="datetime" | "date"), attr="now" | "today" | "utcnow"):
            return True
    return False


@pytest.mark.parametrize("library", ONLY_IN)
def test_a_technology_is_named_only_by_its_adapters(library: str) -> None:
    wrong = [
        f"{path} imports {name}"
        for module, path in modules().items()
        for name in imported(path)
        if name.split(".")[0] == library and not module.startswith(ONLY_IN[library])
    ]
    assert not wrong
