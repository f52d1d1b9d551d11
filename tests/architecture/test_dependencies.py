"""What others wrote is pinned by hash, named with a reason, and never fetched by address."""

import hashlib
import re
import sys
import tomllib
from importlib.metadata import packages_distributions

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.architecture.sources import PACKAGES, ROOT, VENDOR, imported, python_files, tracked

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
# What each lock must cover: set-up installs nothing that is not in it.
LOCKS = {
    "requirements.txt": PROJECT["dependencies"] + EXTRAS["build"],
    "requirements-test.txt": PROJECT["dependencies"] + EXTRAS["build"] + EXTRAS["test"],
}
# Parts of a declared package that are used under their own name.
PART_OF = {"starlette": "fastapi", "pydantic-core": "pydantic"}


def _pins(lock: str) -> dict[str, list[tuple[Version, int]]]:
    """Package → its pinned versions (one per environment marker) and how many hashes each has."""
    pins: dict[str, list[tuple[Version, int]]] = {}
    text = (ROOT / lock).read_text(encoding="utf-8")
    pin = r"^([a-z0-9.-]+)(?:\[.*\])?==(\S+).*((?:\n    --hash=.*)*)"
    for name, version, hashes in re.findall(pin, text, re.MULTILINE):
        found = len(re.findall(r"--hash=sha256:[0-9a-f]{64}\b", hashes))
        pins.setdefault(canonicalize_name(name), []).append((Version(version), found))
    assert len(re.findall(r"^\S.*==", text, re.MULTILINE)) == sum(map(len, pins.values()))
    return pins


@pytest.mark.parametrize("lock", LOCKS)
def test_every_requirement_is_locked_at_a_version_it_allows(lock: str) -> None:
    pins = _pins(lock)
    for requirement in map(Requirement, LOCKS[lock]):
        versions = [version for version, _ in pins.get(canonicalize_name(requirement.name), [])]
        assert versions, f"{requirement.name} is not in {lock}: run `make lock`"
        assert all(version in requirement.specifier for version in versions), requirement


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_has_hashes(lock: str) -> None:
    bare = [name for name, pinned in _pins(lock).items() for _, hashes in pinned if not hashes]
    assert not bare


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_address_and_no_index(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert not re.findall(r"://|^\s*--(?!hash)| @ |^-", text, re.MULTILINE)


def test_what_runs_is_the_same_version_as_what_was_tested() -> None:
    tested = _pins("requirements-test.txt")
    assert {name: tested.get(name) for name in _pins("requirements.txt")} == _pins(
        "requirements.txt"
    )


def test_every_dependency_says_why_it_is_there() -> None:
    lines = (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    declared = [line for line in lines if re.match(r'    "[a-z0-9-]+(\[.*\])?[><=~,.\d]*",', line)]
    assert len(declared) == len(LOCKS["requirements-test.txt"])
    assert not [line for line in declared if not re.search(r"# \w", line)]


@pytest.mark.parametrize(
    ("folders", "lock"),
    [(PACKAGES, "requirements.txt"), (("tests",), "requirements-test.txt")],
    ids=["product", "tests"],
)
def test_whatever_is_imported_is_declared(folders: tuple[str, ...], lock: str) -> None:
    declared = {canonicalize_name(Requirement(each).name) for each in LOCKS[lock]}
    owners = packages_distributions()
    ours = {*PACKAGES, "tests"}
    wrong = {
        f"{path} imports {top}"
        for path in python_files(*folders)
        for top in {name.split(".")[0] for name in imported(path)} - ours
        if top not in sys.stdlib_module_names
        and not declared
        & {
            PART_OF.get(canonicalize_name(owner), canonicalize_name(owner))
            for owner in owners.get(top, [])
        }
    }
    assert not wrong


def test_vendored_files_are_those_of_the_table() -> None:
    table = (ROOT / VENDOR / "README.md").read_text(encoding="utf-8")
    listed = dict(re.findall(r"^\| `(\S+)` \|.*\| `([0-9a-f]{64})` \|$", table, re.MULTILINE))
    present = {
        path.removeprefix(VENDOR): hashlib.sha256((ROOT / path).read_bytes()).hexdigest()
        for path in tracked()
        if path.startswith(VENDOR) and path.endswith((".js", ".css"))
    }
    assert present == listed


def test_vendored_files_bring_their_licences() -> None:
    licences = [path for path in tracked() if path.startswith(f"{VENDOR}licences/")]
    table = (ROOT / VENDOR / "README.md").read_text(encoding="utf-8")
    for file, version in re.findall(r"^\| `(\w+)\S*` \| \S+ \| (\S+) \|", table, re.MULTILINE):
        assert any(
            path.split("/")[-1].startswith(f"{file}-") and f"{version}.LICENSE" in path
            for path in licences
        ), f"no licence of {file} {version}"
