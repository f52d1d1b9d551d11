"""Every bundled policy is in order, names its source and marks what is assumed."""

from datetime import datetime
from pathlib import Path

import pytest

from domain.policies import model
from domain.policies.composite import CompositePolicy
from domain.policies.consequences import AccountabilityPolicy, ListingPolicy, MoneyPolicy
from domain.policies.contradictions import clashes
from domain.policies.header import PolicyFile
from domain.policies.loading import digest_of, load
from domain.policies.measures import IndicatorPolicy
from infra.bundled import preset_folder

FOLDER = Path(model.__file__).parent / "presets"
FILES = sorted(FOLDER.glob("*/*.yaml"))
CITIES = sorted({path.parent.name for path in FILES})


def city(name: str) -> dict[str, PolicyFile]:
    """The policies of a folder by id."""
    loaded = [load(p.read_text(encoding="utf-8")) for p in FILES if p.parent.name == name]
    return {policy.id: policy for policy in loaded}


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_preset_is_in_order_and_marks_what_is_assumed(path: Path) -> None:
    preset = load(path.read_text(encoding="utf-8"))
    name = path.parent.name
    assert preset.id == (name if path.stem == "scoring" else f"{name}-{path.stem}")
    assert preset.effective_from == datetime(2000, 1, 1)  # noqa: DTZ001 - midnight in the city
    assert preset.assumed
    assert preset.issued_by
    assert preset.source


def test_there_is_a_preset_for_each_practice_that_cities_publish() -> None:
    assert CITIES == [
        "changzhou", "default", "jiangmen", "jinhua", "longchang", "qinhuangdao", "sanming",
        "shenyang", "suqian", "tianmen", "tongchuan", "toronto", "zhangjiagang",
    ]  # fmt: skip


@pytest.mark.parametrize("name", CITIES)
def test_the_policies_of_a_city_refer_to_each_other_only(name: str) -> None:
    policies = city(name)
    boards = {i for i, p in policies.items() if isinstance(p, model.Board)}
    rates: set[str] = set()
    lists: set[str] = set()
    for policy in policies.values():
        if isinstance(policy, IndicatorPolicy):
            rates |= {rate.id for rate in policy.rates}
        if isinstance(policy, ListingPolicy):
            lists |= {rule.id for rule in policy.lists}
    for policy in policies.values():
        match policy:
            case MoneyPolicy() | ListingPolicy():
                assert policy.board in boards
            case CompositePolicy():
                assert {c.board for c in policy.components if c.board} <= boards
                assert {c.indicator for c in policy.components if c.indicator} <= rates
            case AccountabilityPolicy():
                assert {rule.count.list for rule in policy.rules if rule.count.list} <= lists
            case _:
                pass


@pytest.mark.parametrize("name", CITIES)
def test_the_policies_of_a_city_are_adopted_in_the_order_they_come_in(name: str) -> None:
    known: list[PolicyFile] = []
    for text in preset_folder(name).values():
        assert list(clashes(load(text), known)) == []
        known.append(load(text))


@pytest.mark.parametrize("name", CITIES)
def test_a_city_has_one_zone_and_one_name(name: str) -> None:
    assert len({(policy.city, policy.timezone) for policy in city(name).values()}) == 1


def test_the_page_of_the_presets_names_every_city_and_file() -> None:
    page = (FOLDER / "README.md").read_text(encoding="utf-8").splitlines()
    rows = {row.split("|")[1].strip(" `"): row for row in page if row.startswith("| `")}
    assert sorted(rows) == CITIES
    for path in FILES:
        files = rows[path.parent.name].split("|")[3].replace(" ", "").split(",")
        assert path.stem in files


def test_texts_that_cities_have_adopted_already_stay_to_the_letter() -> None:
    digests = {
        name: digest_of((FOLDER / name / "scoring.yaml").read_text(encoding="utf-8"))[:12]
        for name in ("default", "toronto")
    }
    assert digests == {"default": "5297f7f7fe2e", "toronto": "2567c03aa540"}
