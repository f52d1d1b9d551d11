"""The wheel holds the five packages, with everything that lies in them, and nothing else."""

import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

from tests.architecture.sources import PACKAGES, ROOT, tracked


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[zipfile.ZipFile]:
    out = str(tmp_path_factory.mktemp("wheel"))
    (path,) = WheelBuilder(str(ROOT)).build(directory=out, versions=["standard"])
    with zipfile.ZipFile(path) as opened:
        yield opened


def _packed(wheel: zipfile.ZipFile) -> set[str]:
    return {name for name in wheel.namelist() if ".dist-info/" not in name}


def test_the_wheel_holds_exactly_the_five_packages(wheel: zipfile.ZipFile) -> None:
    assert {name.split("/")[0] for name in _packed(wheel)} == set(PACKAGES)


def test_every_committed_file_of_the_packages_is_in_the_wheel(wheel: zipfile.ZipFile) -> None:
    wanted = {
        path
        for path in tracked()
        if path.split("/")[0] in PACKAGES and not path.startswith("infra/setup/")
    }
    assert _packed(wheel) == wanted


def test_the_wheel_brings_its_data_files(wheel: zipfile.ZipFile) -> None:
    suffixes = {Path(name).suffix for name in _packed(wheel)}
    assert suffixes >= {".py", ".sql", ".yaml", ".html", ".css", ".js", ".gz"}


def test_the_wheel_offers_the_one_command(wheel: zipfile.ZipFile) -> None:
    (entry_points,) = [name for name in wheel.namelist() if name.endswith("/entry_points.txt")]
    text = wheel.read(entry_points).decode()
    assert text.split() == ["[console_scripts]", "duban", "=", "infra.cli:main"]


def test_the_command_starts_from_the_wheel_alone(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    wheel.extractall(tmp_path)
    program = f"""
import sys
sys.path = [{str(tmp_path)!r}] + [p for p in sys.path if p != {str(ROOT)!r}]
import infra.cli
assert infra.cli.__file__.startswith({str(tmp_path)!r}), infra.cli.__file__
sys.argv = ["duban", "--help"]
infra.cli.main()
"""
    run = subprocess.run(
        [sys.executable, "-P", "-c", program], cwd=tmp_path, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    assert "duban" in run.stdout
