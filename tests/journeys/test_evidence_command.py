"""Evidence by the command line: sent in, listed, got back, and every change or loss found."""

import hashlib
import json
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from infra.evidence.places import path_of
from tests.support.cities import synthetic
from tests.support.pictures import jpeg, pdf
from tests.support.program import duban


def done(*arguments: object) -> str:
    ran = duban(*arguments)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def refused(*arguments: object) -> str:
    ran: CompletedProcess[str] = duban(*arguments)
    assert ran.returncode == 1
    assert len(ran.stderr.strip().splitlines()) == 1, ran.stderr
    return ran.stderr


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("evidence") / "data"
    synthetic(folder)
    return folder


@pytest.fixture(scope="module")
def case(data: Path) -> str:
    asked = done("query", "SELECT min(case_id) AS c FROM cases", "--format", "JSONEachRow",
                 "--data", data)  # fmt: skip
    return str(json.loads(asked)["c"])


def test_files_are_sent_in_listed_got_back_and_watched(
    data: Path, case: str, tmp_path: Path
) -> None:
    photo, paper = tmp_path / "现场.jpg", tmp_path / "b.pdf"
    photo.write_bytes(jpeg(place=True))
    paper.write_bytes(pdf())
    digest = hashlib.sha256(photo.read_bytes()).hexdigest()
    said = ("--caption", "整改前", "--actor", "李督查", "--data", data)
    assert digest in done("evidence", "add", case, photo, paper, *said)
    assert "nothing to do" in duban("evidence", "add", case, photo, *said).stderr
    listed = done("evidence", "list", case, "--data", data).splitlines()
    assert len(listed) == 2
    assert digest in listed[0]
    assert "整改前" in listed[0]

    out = tmp_path / "out.jpg"
    done("evidence", "get", digest[:12], "-o", out, "--data", data)
    assert out.read_bytes() == photo.read_bytes()
    assert "there already" in refused("evidence", "get", digest, "-o", out, "--data", data)
    done("evidence", "get", digest, "--copy", "-o", tmp_path / "copy.jpg", "--data", data)
    assert b"OWNER" not in (tmp_path / "copy.jpg").read_bytes()
    assert "evidence.unknown" in refused("evidence", "get", "ab" * 32, "--data", data)
    assert "[evidence.unknown]" in refused("evidence", "get", "abc", "--data", data)

    page = tmp_path / "page.jpg"
    page.write_text("<svg onload='x'/>")
    assert "[evidence.active]" in refused("evidence", "add", case, page, *said)
    assert "cannot be read" in refused("evidence", "add", case, tmp_path / "none.jpg", *said)
    assert "4 evidence files" in done("evidence", "check", "--data", data)
    _change_and_lose(data, digest, photo.read_bytes())


def _change_and_lose(data: Path, digest: str, photo: bytes) -> None:
    """Each is found by both commands, which name the file, its case and its event."""
    file = data / "evidence" / path_of(digest)
    file.chmod(0o600)
    for wrong, spoil in (("changed", photo[:-1] + b"\xd8"), ("changed", b""), ("missing", None)):
        if spoil is None:
            file.unlink()
        else:
            file.write_bytes(spoil)
        for command in (("evidence", "check"), ("verify",))[: 1 if spoil is not None else 2]:
            ran = duban(*command, "--data", data)
            assert ran.returncode == 1
            (line,) = [each for each in ran.stdout.splitlines() if each.startswith("WRONG")]
            assert f"evidence {digest} of case" in line
            assert f"is {wrong} in {data / 'evidence'}" in line
    file.write_bytes(photo)
    stray = b"a text that no event refers to"
    name = hashlib.sha256(stray).hexdigest()
    left = data / "evidence" / path_of(name)
    left.parent.mkdir(exist_ok=True)
    left.write_bytes(stray)
    told = done("evidence", "check", "--data", data)
    assert "1 files that no event refers to" in told
    assert f"no event refers to {name}" in told
    assert "SOUND" in done("verify", "--data", data)
