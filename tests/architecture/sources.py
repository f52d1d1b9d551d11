"""The project's own files as the architecture tests see them: what git would commit."""

import ast
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("domain", "projections", "streams", "api", "infra")
VENDOR = "api/static/vendor/"


@cache
def tracked() -> tuple[str, ...]:
    """Paths of all files that are committed or are about to be, relative to the root."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return tuple(sorted(path for path in listed.split("\0") if (ROOT / path).is_file()))


def python_files(*folders: str) -> list[str]:
    return [path for path in tracked() if path.endswith(".py") and path.split("/")[0] in folders]


@cache
def tree(path: str) -> ast.Module:
    return ast.parse((ROOT / path).read_text(encoding="utf-8"), path)


def module_name(path: str) -> str:
    """``domain/cases/__init__.py`` → ``domain.cases``."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


@cache
def modules() -> dict[str, str]:
    """Dotted name → path of every module of the five packages."""
    return {module_name(path): path for path in python_files(*PACKAGES)}


def imported(path: str) -> set[str]:
    """Dotted names that a file imports; one of ours is given as the module it comes from."""
    names: set[str] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: write the import from the top folder"
            assert node.module is not None
            whole = {f"{node.module}.{alias.name}" for alias in node.names}
            found = whole & modules().keys()
            names |= found
            if len(found) < len(whole):
                names.add(node.module)
    return names
