"""How the code is written, as far as a program can tell."""

import ast
import re
from pathlib import PurePath

import pytest

from tests.architecture.sources import PACKAGES, ROOT, VENDOR, python_files, tracked, tree

PRODUCT = python_files(*PACKAGES)
TESTS = python_files("tests")

BANNED_NAMES = {
    "utils", "util", "helpers", "helper", "common", "misc", "manager", "service", "base",
    "handler", "handlers", "processor", "data", "info",
}  # fmt: skip

# The edges: where whatever goes wrong must be told to somebody instead of ending the program.
EDGES = {
    "infra/clickhouse/shares.py": "a worker process hands its error to its parent",
    "infra/event_store/group_commit.py": "whoever waits for the group gets its error",
    "infra/commands/worker.py": "whatever Faust stumbles over, it is started again and told of",
    "infra/lasting.py": "the working thread hands its error to the main one",
    "streams/projector.py": "an event that a projection stumbles over is put aside and told of",
    "streams/following.py": "the follower's thread has nobody above it; it tells its state",
    "streams/reacting.py": "the reactor's thread has nobody above it; it tells its state",
}

# Each is written in two parts so that this file does not contain what it looks for.
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|X" r"XX)\b")
ELSEWHERE = {
    "a package registry": re.compile(
        r"py" r"pi\.org|python" r"hosted|npm" r"js\.(org|com)|crates" r"\.io|maven" r"\.org"
        r"|deb\.deb" r"ian|ghcr" r"\.io|docker" r"\.io"
    ),
    "a path of somebody's machine": re.compile(
        r"(?<![\w.}/-])/(work|root|tmp|farm)/|/home/[a-z]|[.]libr" r"ary/|[.][.]/sha" r"red"
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("files", "limit"), [(PRODUCT, 300), (TESTS, 400)], ids=["product", "tests"]
)
def test_a_module_fits_in_one_reading(files: list[str], limit: int) -> None:
    lengths = {path: len((ROOT / path).read_text("utf-8").splitlines()) for path in files}
    assert not {path: lines for path, lines in lengths.items() if lines > limit}


def test_a_function_fits_on_one_screen() -> None:
    wrong = [
        f"{path}:{node.lineno} {node.name}"
        for path in PRODUCT
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= 40
    ]
    assert not wrong


def test_a_module_is_named_after_what_it_is_about() -> None:
    wrong = [path for path in PRODUCT + TESTS if BANNED_NAMES & set(PurePath(path).parts)]
    wrong += [path for path in PRODUCT + TESTS if PurePath(path).stem in BANNED_NAMES]
    assert not wrong


def test_every_module_says_in_one_sentence_what_it_is() -> None:
    wrong = [
        path
        for path in PRODUCT + TESTS
        if tree(path).body
        and not (ast.get_docstring(tree(path)) or "").split("\n\n")[0].endswith((".", "?"))
    ]
    assert not wrong


def test_only_the_edges_catch_everything() -> None:
    found = {
        path
        for path in PRODUCT
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or {"Exception", "BaseException"} & _names(node.type))
        and not _raises_again(node)
    }
    assert not found - set(EDGES), "handle what can happen, or name the edge and its reason above"
    assert not set(EDGES) - found, "no longer an edge: take it off the list"


def _names(expression: ast.expr) -> set[str]:
    return {node.id for node in ast.walk(expression) if isinstance(node, ast.Name)}


def _raises_again(handler: ast.ExceptHandler) -> bool:
    """Tidying up on the way out, or naming what it was about, hides nothing."""
    return isinstance(handler.body[-1], ast.Raise)


def test_nothing_is_left_unfinished() -> None:
    assert not _lines_with(UNFINISHED)


@pytest.mark.parametrize("what", ELSEWHERE)
def test_no_file_names_a_place_outside_the_project(what: str) -> None:
    assert not _lines_with(ELSEWHERE[what])


def _lines_with(pattern: re.Pattern[str]) -> list[str]:
    found = []
    for path in tracked():
        if path.startswith(VENDOR):
            continue
        try:
            text = (ROOT / path).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [
            f"{path}:{number}: {line.strip()[:100]}"
            for number, line in enumerate(text.splitlines(), 1)
            if pattern.search(line)
        ]
    return found
