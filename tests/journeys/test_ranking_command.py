"""The rankings of a day from the command line: composed, approved, published, withdrawn."""

import re
from pathlib import Path

import pytest

from infra.cli import main
from tests.support.cities import synthetic

ID = "default:2026-03-13:street"


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("city") / "data"
    synthetic(data, days=8)
    return data


def test_two_people_bring_a_day_out(city: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def told(*words: str, actor: str = "") -> str:
        by = ["--actor", actor] if actor else []
        assert main(["ranking", *words, *by, "--data", str(city)]) == 0
        return capsys.readouterr().out

    def refused(*words: str, actor: str) -> str:
        assert main(["ranking", *words, "--actor", actor, "--data", str(city)]) == 1
        return capsys.readouterr().err.strip().rpartition(" ")[2]

    composed = told("compose", "default", "2026-03-13", actor="li")
    assert "default:2026-03-13:department: ranking.composed" in composed
    assert f"{ID}: ranking.composed" in composed
    shown = told("show", ID)
    assert "draft by li, waits for approval" in shown
    (checksum,) = re.findall("[0-9a-f]{64}", shown)
    assert refused("approve", ID, checksum, actor="li") == "[ranking.same_person]"
    assert refused("publish", ID, actor="li") == "[ranking.not_approved]"
    assert "ranking.approved" in told("approve", ID, checksum, actor="wang")
    assert "ranking.published" in told("publish", ID, actor="li")
    assert "there is nothing to correct" in told("compose", "default", "2026-03-13", actor="li")
    assert f"published; checksum {checksum}" in told("show", ID)
    withdrawn = told("withdraw", ID, "--reason", "wrong board", actor="wang")
    assert "ranking.withdrawn" in withdrawn
    assert f"{ID}\twithdrawn" in told("list", "2026-03-13")


def test_what_is_not_there_is_one_clear_line(
    city: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ranking", "show", "default:2026-03-13:palace", "--data", str(city)]) == 1
    assert "[ranking.unknown]" in capsys.readouterr().err
