"""``duban policy``: a city is a folder of files that is checked, read, adopted and listed."""

import shutil
from pathlib import Path

import pytest

from domain.policies import model
from domain.policies.loading import digest_of
from tests.support.policy_kinds import file
from tests.support.program import duban

PRESETS = Path(model.__file__).parent / "presets"


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("city") / "data"
    made = duban("simulate", "--city", "示例市", "--days", "1", "--seed", "7", "--data", data)
    assert made.returncode == 0, made.stderr
    return data


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(PRESETS / "qinhuangdao", tmp_path / "mine"))


def test_a_sound_folder_is_checked_alone_and_together(folder: Path) -> None:
    asked = duban("policy", "check", folder)
    assert asked.returncode == 0, asked.stderr
    assert "6 files are sound, alone and together" in asked.stdout
    assert (
        f"digest {digest_of((folder / 'money.yaml').read_text(encoding='utf-8'))}" in asked.stdout
    )


def test_a_folder_must_hold_the_boards_it_names_and_a_single_file_need_not(folder: Path) -> None:
    (folder / "composite.yaml").unlink()
    asked = duban("policy", "check", folder)
    assert asked.returncode == 1
    assert "names the board 'qinhuangdao-composite'" in asked.stderr
    assert "[policy.board_unknown]" in asked.stderr
    assert duban("policy", "check", folder / "money.yaml").returncode == 0


def test_files_that_contradict_each_other_are_told_once(tmp_path: Path) -> None:
    for name in ("one", "other"):
        (tmp_path / f"{name}.yaml").write_text(file("appeals", id=name), encoding="utf-8")
    asked = duban("policy", "check", tmp_path / "one.yaml", tmp_path / "other.yaml")
    assert asked.returncode == 1
    assert asked.stderr.count("[policy.contradiction]") == 1


def test_errors_of_any_kind_of_policy_are_told_with_their_lines(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(file("money", kind="mony", ties=None), encoding="utf-8")
    asked = duban("policy", "check", wrong)
    assert asked.returncode == 1
    assert "line 3, column 11: unknown value 'mony': did you mean 'money'?" in asked.stderr
    assert "the word 'ties' is missing" in asked.stderr
    assert "the policy file has 2 errors" in asked.stderr


def test_an_empty_folder_and_a_missing_file_are_told_clearly(tmp_path: Path) -> None:
    assert "[policy.no_files]" in duban("policy", "check", tmp_path).stderr
    assert "[policy.unreadable]" in duban("policy", "show", tmp_path / "no.yaml").stderr


def test_a_file_is_shown_as_prose_in_both_languages(folder: Path) -> None:
    chinese = duban("policy", "show", folder / "money.yaml")
    assert chinese.returncode == 0, chinese.stderr
    assert "第二条　首位〔first〕：第1名奖励1,000,000元。" in chinese.stdout
    english = duban("policy", "show", folder / "money.yaml", "--lang", "en")
    assert "reward of CNY 1,000,000" in english.stdout
    assert "Signed by: ____" in english.stdout


def test_a_city_is_adopted_shown_and_listed(city: Path, folder: Path) -> None:
    told = duban("policy", "adopt", folder, "--actor", "Li Wei", "--data", city)
    assert told.returncode == 0, told.stderr
    order = [line.split()[0] for line in told.stdout.splitlines()]
    assert order.index("qinhuangdao") < order.index("qinhuangdao-composite")
    assert order.index("qinhuangdao-composite") < order.index("qinhuangdao-money")
    again = duban("policy", "adopt", folder, "--actor", "Wang Fang", "--data", city)
    assert again.returncode == 0, again.stderr
    listed = duban("policy", "list", "--data", city).stdout.splitlines()
    assert listed[0].split("\t")[:5] == ["id", "version", "kind", "from", "now"]
    money = next(line.split("\t") for line in listed if line.startswith("qinhuangdao-money"))
    assert money[1:5] == ["1", "money", "2000-01-01", "in force"]
    by_id = duban("policy", "show", "qinhuangdao-money", "--data", city)
    assert by_id.stdout == duban("policy", "show", folder / "money.yaml").stdout
    for name in (money[5], "qinhuangdao-money@1"):
        assert duban("policy", "show", name, "--data", city).stdout == by_id.stdout
    missed = duban("policy", "show", "qinhuangdao-mony", "--data", city)
    assert "did you mean 'qinhuangdao-money'?" in missed.stderr
    assert "[policy.unknown]" in missed.stderr


def test_a_city_that_contradicts_itself_is_not_adopted_at_all(city: Path, tmp_path: Path) -> None:
    for name in ("one", "other"):
        (tmp_path / f"{name}.yaml").write_text(file("appeals", id=name), encoding="utf-8")
    (tmp_path / "accountability.yaml").write_text(file("accountability"), encoding="utf-8")
    told = duban("policy", "adopt", tmp_path, "--actor", "Li Wei", "--data", city)
    assert told.returncode == 1
    assert "[policy.contradiction]" in told.stderr
    assert "my-accountability" not in duban("policy", "list", "--data", city).stdout


def test_every_action_shows_its_examples() -> None:
    for action in ("check", "show", "adopt", "list", "backtest"):
        told = duban("policy", action, "--help")
        assert f"duban policy {action} " in told.stdout.partition("examples:")[2], action
