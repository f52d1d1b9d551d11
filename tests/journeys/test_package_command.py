"""Packages on the command line, in both modes: exported here, verified where nothing else is."""

from hashlib import sha256
from pathlib import Path

import pytest
from PIL import Image

from tests.support.cities import synthetic
from tests.support.packages import codes, files_in, put_together
from tests.support.program import duban


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    """Its directory, the public key of its log, and a case."""
    data = tmp_path_factory.mktemp("city")
    synthetic(data)
    key = duban("keys", "make", "--data", data).stdout.strip()
    sql = "SELECT case_id FROM cases ORDER BY version DESC, case_id LIMIT 1"
    asked = duban("query", sql, "--format", "TSV", "--data", data)
    return data, key, asked.stdout.split()[-1]


def test_a_case_is_exported_and_verifies_elsewhere(
    city: tuple[Path, str, str], tmp_path: Path
) -> None:
    data, key, case = city
    file = tmp_path / "case.zip"
    said = ("--actor", "auditor", "--purpose", "yearly audit")
    done = duban("case", "export", case, "-o", file, *said, "--data", data)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{file}: ")
    assert codes(file.read_bytes(), [key]) == []
    (tmp_path / "keys.txt").write_text(duban("keys", "list", "--data", data).stdout)
    for trusted in (("--key", key), ("--trust", tmp_path / "keys.txt")):
        found = duban("verify", file, *trusted, "--data", tmp_path / "no city")
        assert found.returncode == 0, found.stdout
        assert found.stdout.splitlines()[-1].startswith("SOUND: ")
    readers = duban("readers", "--data", data).stdout
    assert "auditor" in readers


def test_what_is_wrong_is_said_in_a_line(city: tuple[Path, str, str], tmp_path: Path) -> None:
    data, key, case = city
    file = tmp_path / "case.zip"
    assert duban("case", "export", case, "-o", file, "--data", data).returncode == 0
    bare = duban("verify", file)
    assert bare.returncode == 1
    assert "[key.none]" in bare.stdout
    assert f"in the package, believed by nobody: {key}" in bare.stdout
    package = file.read_bytes()
    at = package.index(files_in(package)["timeline.html"]) + 1000
    file.write_bytes(package[:at] + bytes([package[at] ^ 1]) + package[at + 1 :])
    found = duban("verify", file, "--key", key)
    assert (found.returncode, found.stdout) == (
        1, "WRONG: timeline.html was changed: it does not match its checksum [file.changed]\n",
    )  # fmt: skip
    missing = duban("verify", tmp_path / "none.zip", "--key", key)
    assert missing.returncode == 1
    assert "[package.none]" in missing.stderr


def test_files_of_evidence_go_along_and_a_swapped_one_is_named(
    city: tuple[Path, str, str], tmp_path: Path
) -> None:
    data, key, _ = city
    sql = "SELECT case_id FROM cases WHERE status IN ('filed', 'dispatched', 'claimed') LIMIT 1"
    case = duban("query", sql, "--format", "TSV", "--data", data).stdout.split()[-1]
    photo, file = tmp_path / "photo.jpg", tmp_path / "case.zip"
    Image.new("RGB", (64, 48), (120, 160, 90)).save(photo)
    sent = duban("evidence", "add", case, photo, "--actor", "inspector", "--data", data)
    assert sent.returncode == 0, sent.stderr
    assert duban("case", "export", case, "-o", file, "--data", data).returncode == 0
    files = files_in(file.read_bytes())
    digest = sha256(photo.read_bytes()).hexdigest()
    assert files[f"evidence/{digest}.jpg"] == photo.read_bytes()
    assert codes(file.read_bytes(), [key]) == []
    swapped = put_together(files | {f"evidence/{digest}.jpg": b"another picture"})
    assert codes(swapped, [key]) == ["file.changed"]
    bare = ("case", "export", case, "-o", file, "--without-evidence")
    done = duban(*bare, "--data", data)
    assert done.stderr == "duban: 1 files of evidence are not in it\n"
    assert not any(name.startswith("evidence/") for name in files_in(file.read_bytes()))
    assert codes(file.read_bytes(), [key]) == []


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("case", "export", "nobody"), "case.unknown"),
        (("referral", "export", "nobody"), "accountability.unknown"),
        (("case", "export", "{case}", "--with-persons"), "purpose.missing"),
        (("case", "export", "{case}", "--as-of", "2999-01-01"), "time.out_of_range"),
        (("case", "export", "{case}", "--as-of", "2150-01-01"), "as_of.future"),
        (("case", "export", "{case}", "-o", "/no/such/place/x.zip"), "package.unwritable"),
    ],
)
def test_bad_orders_are_refused_in_a_line(
    arguments: tuple[str, ...], code: str, city: tuple[Path, str, str], tmp_path: Path
) -> None:
    data, _, case = city
    asked = [part.replace("{case}", case) for part in arguments]
    done = duban(*asked, "--data", data)
    assert done.returncode == 1
    assert done.stderr.endswith(f"[{code}]\n"), done.stderr
