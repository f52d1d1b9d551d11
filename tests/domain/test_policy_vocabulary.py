"""The page of the policy vocabulary says what the program does, word for word."""

import re
from pathlib import Path
from typing import Any, get_args

import pytest

from domain.policies import header, model
from domain.policies.loading import check, load
from domain.policies.reading import read
from domain.policies.scoring import Fact
from domain.policies.words import (
    QUESTIONS,
    RECIPIENTS,
    SPOKEN,
    EventName,
    FactWord,
    Recipient,
    kind_of,
)
from domain.registry import EVENTS
from domain.units.events import UnitKind
from tests.support.policies import clause, text

FOLDER = Path(model.__file__).parent


def words_of(*models: type[Any]) -> set[str]:
    return {f.alias or name for m in models for name, f in m.model_fields.items()}


def choices(of: type[Any], word: str) -> set[str]:
    return set(get_args(of.model_fields[word].annotation))


ON_THE_PAGE: dict[str, set[str]] = {
    "The file": words_of(model.ScoringPolicy),
    "Texts in two languages": words_of(header.Bilingual),
    "Rounding": words_of(model.Rounding) | choices(model.Rounding, "mode"),
    "Places": {
        choice
        for word in ("ties", "eligibility", "order")
        for choice in choices(model.ScoringPolicy, word)
    },
    "Peer groups": words_of(model.PeerGroups) | choices(model.PeerGroups, "by"),
    "Kinds of units": set(get_args(UnitKind)),
    "A clause": words_of(model.Clause),
    "Events": set(get_args(EventName)),
    "Who gets the points": set(get_args(Recipient)),
    "What may be asked": set(get_args(FactWord)),
    "Operators": words_of(header.Condition),
    "Answers of closed lists": {a for q in QUESTIONS.values() for a in q.answers},
    "Points that follow a number": words_of(model.Reading),
}


def page() -> dict[str, dict[str, str]]:
    """Heading → word → example, of every table of the README."""
    tables: dict[str, dict[str, str]] = {}
    heading = ""
    for line in (FOLDER / "README.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            heading = line.lstrip("# ")
        elif row := re.fullmatch(r"\| `([^`]+)` \| .+ \| `([^`]+)` \|", line):
            assert row[1] not in tables.setdefault(heading, {}), f"{row[1]} stands twice"
            tables[heading][row[1]] = row[2]
    return tables


def test_the_page_documents_every_word_and_no_other() -> None:
    assert {heading: set(words) for heading, words in page().items()} == ON_THE_PAGE


@pytest.mark.parametrize("heading", ON_THE_PAGE)
def test_every_example_on_the_page_is_a_policy_and_uses_its_word(heading: str) -> None:
    for word, example in page()[heading].items():
        assert re.search(rf"(?<!\w){re.escape(word)}(?!\w)", example) or word == "any_of"
        said: Any = read(example).tree
        if example.startswith("{"):
            on = said.get("on", ["case.overdue"])
            event = on if isinstance(on, str) else on[0]
            to = RECIPIENTS[kind_of(event)][0]
            body = text(clause(**{"to": to, **said}))
        else:
            body = text(clause(id="example"), **said)
        assert not check(body), (word, check(body))


def test_the_example_file_on_the_page_can_be_adopted() -> None:
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    (body,) = re.findall(r"```yaml\n(.*?)```", readme, re.DOTALL)
    assert load(body).id == "riverside"


def test_the_vocabulary_fits_the_events_and_facts_there_are() -> None:
    assert set(get_args(EventName)) <= {event.NAME for event in EVENTS}
    assert all(hasattr(Fact, word) for word in QUESTIONS)
    assert set(QUESTIONS) == set(get_args(FactWord))
    assert {answer for q in QUESTIONS.values() for answer in q.answers} <= set(SPOKEN)
