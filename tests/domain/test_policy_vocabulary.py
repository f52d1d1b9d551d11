"""The page of the policy vocabulary says what the program does, word for word."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple, get_args

import pytest

from domain.cases.events import ClockKind, Limit
from domain.periods import PeriodKind
from domain.policies import (
    composite,
    consequences,
    contradictions,
    header,
    measures,
    model,
    supervision,
)
from domain.policies.kinds import KINDS
from domain.policies.loading import check, load
from domain.policies.reading import read
from domain.policies.saying import words_in
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
from tests.support.policies import CLAUSE
from tests.support.policy_kinds import LADDER, named, put, sample, written

FOLDER = Path(model.__file__).parent
README = (FOLDER / "README.md").read_text(encoding="utf-8")


def words(*parts: type[Any], but: tuple[type[Any], ...] = ()) -> set[str]:
    return {w for part in parts for w in words_in(part)} - {w for p in but for w in words_in(p)}


def choices(of: type[Any], *asked: str) -> set[str]:
    found: set[str] = set()
    for word in asked:
        field = next(f for n, f in of.model_fields.items() if word in (n, f.alias))
        found |= set(get_args(field.annotation))
    return found


class Table(NamedTuple):
    """The words of a heading's table, and the file that its examples belong to: those in braces
    at ``place`` of a small policy of this kind, over the words of ``around``."""

    words: set[str]
    kind: str = "scoring"
    place: str = ""
    around: Mapping[str, Any] = MappingProxyType({})


PART = {"id": "part", "title": named("部分", "Part")}
RULE = {"id": "twice", "window": {"within": "year"}}
BAND_OF = {**PART, "indicator": "closing", "weight": 1}
BOARD = {"kind"} | words(composite.CompositePolicy, but=(model.Board,))

PAGE: dict[str, Table] = {
    "Every file": Table(words(header.PolicyFile) | {"kind"}),
    "Texts in two languages": Table(words(header.Bilingual)),
    "Periods": Table(set(get_args(PeriodKind)), "composite", "components.0", PART),
    "Limits and clocks": Table(
        words(Limit) | set(get_args(ClockKind)), "supervision", "ladders.0.steps.0.limit"
    ),
    "Boards": Table(words(model.Board, but=(header.PolicyFile,))),
    "The standard and the veto": Table(words(model.Standard) | choices(model.Board, "vetoed")),
    "Rounding": Table(words(model.Rounding) | choices(model.Rounding, "mode")),
    "Places": Table(choices(model.Board, "ties", "eligibility", "order")),
    "Peer groups": Table(words(model.PeerGroups) | choices(model.PeerGroups, "by")),
    "Kinds of units": Table(set(get_args(UnitKind))),
    "Scoring": Table({"kind"} | words(model.ScoringPolicy, but=(model.Board,))),
    "A clause": Table(words(model.Clause), "scoring", "clauses.0", CLAUSE),
    "Events": Table(set(get_args(EventName)), "scoring", "clauses.0", CLAUSE),
    "Who gets the points": Table(set(get_args(Recipient)), "scoring", "clauses.0", CLAUSE),
    "Points that follow a number": Table(words(model.Reading), "scoring", "clauses.0", CLAUSE),
    "A multiplier": Table(
        words(model.Multiplier), "scoring", "multipliers",
        {"id": "media", "when": {"source": "media"}, "times": 2},
    ),
    "What may be asked": Table(set(get_args(FactWord)), "scoring", "clauses.0", CLAUSE),
    "Operators": Table(words(header.Condition), "scoring", "clauses.0", CLAUSE),
    "Answers of closed lists": Table(
        {a for q in QUESTIONS.values() for a in q.answers}, "scoring", "clauses.0", CLAUSE
    ),
    "Composite": Table(BOARD | choices(composite.CompositePolicy, "missing"), "composite"),
    "A component": Table(
        words(composite.Component) | {"average", "sum"}, "composite", "components.0",
        {**PART, "weight": 1},
    ),
    "A band": Table(words(composite.Band), "composite", "components.0.band"),
    "Supervision": Table(
        {"kind"} | words(supervision.SupervisionPolicy, but=(header.PolicyFile,)), "supervision"
    ),
    "A ladder": Table(
        words(supervision.Ladder) | choices(supervision.Ladder, "escalate"), "supervision",
        "ladders.0", LADDER,
    ),
    "A step": Table(
        words(supervision.LadderStep), "supervision", "ladders.0.steps.0", LADDER["steps"][0]
    ),
    "A start": Table(
        words(supervision.Start) | set(get_args(supervision.StartEvent)), "supervision",
        "ladders.0.starts.0", LADDER["starts"][0],
    ),
    "A unit's colour": Table(
        words(supervision.UnitColour) | choices(supervision.UnitColour, "by"), "supervision",
        "unit_colour",
    ),
    "A band of colours": Table(
        words(supervision.ColourBand), "supervision", "unit_colour.bands"
    ),
    "Money": Table(
        {"kind"} | words(consequences.MoneyPolicy, but=(header.PolicyFile,))
        | choices(consequences.MoneyPolicy, "ties"), "money",
    ),
    "An amount of money": Table(
        words(consequences.MoneyRule) | choices(consequences.MoneyRule, "from", "direction"),
        "money", "rules.0", sample("money")["rules"][0],
    ),
    "Listing": Table(
        {"kind"} | words(consequences.ListingPolicy, but=(header.PolicyFile,))
        | choices(consequences.ListingPolicy, "ties"), "listing",
    ),
    "A list": Table(
        words(consequences.ListRule) | choices(consequences.ListRule, "list"), "listing",
        "lists.0", sample("listing")["lists"][0],
    ),
    "Who is taken": Table(words(consequences.Take), "listing", "lists.0.take.0"),
    "Accountability": Table(
        {"kind"} | words(consequences.AccountabilityPolicy, but=(header.PolicyFile,)),
        "accountability",
    ),
    "A rule of accountability": Table(
        words(consequences.AccountabilityRule)
        | choices(consequences.AccountabilityRule, "after"),
        "accountability", "rules.0", sample("accountability")["rules"][0],
    ),
    "What is counted": Table(words(consequences.Counted), "accountability", "rules.0.count"),
    "A window": Table(
        words(consequences.Window)
        | choices(consequences.Window, "within")
        | {"calendar_period", "ranked_period", "sequence"},
        "accountability", "rules.0.window",
    ),
    "Indicators": Table(
        {"kind"} | words(measures.IndicatorPolicy, but=(header.PolicyFile,)), "indicators"
    ),
    "The cohort": Table(choices(measures.IndicatorPolicy, "cohort"), "indicators"),
    "A rate": Table(
        words(measures.Rate), "indicators", "rates.0", sample("indicators")["rates"][0]
    ),
    "Counts": Table(
        set(measures.COUNTS), "indicators", "rates.0", sample("indicators")["rates"][0]
    ),
    "A target": Table(
        words(measures.Target), "indicators", "targets.0", sample("indicators")["targets"][0]
    ),
    "A grade": Table(words(measures.Grade), "indicators", "grades.0"),
    "Appeals": Table(
        {"kind"} | words(measures.AppealPolicy, but=(header.PolicyFile,)), "appeals"
    ),
    "A rule of appeals": Table(
        words(measures.AppealRule) | choices(measures.AppealRule, "against"), "appeals",
        "rules.0", sample("appeals")["rules"][0],
    ),
}  # fmt: skip


def tables() -> dict[str, dict[str, str]]:
    """Heading → word → example, of every table of the README."""
    found: dict[str, dict[str, str]] = {}
    heading = ""
    for line in README.splitlines():
        if line.startswith("#"):
            heading = line.lstrip("# ")
        elif row := re.fullmatch(r"\| `([^`]+)` \| .+ \| `([^`]+)` \|", line):
            assert row[1] not in found.setdefault(heading, {}), f"{row[1]} stands twice"
            found[heading][row[1]] = row[2]
    return found


def made_of(heading: str, said: Any, whole: bool) -> str:
    """A file of the heading's kind with the example in it."""
    table = PAGE[heading]
    if whole:
        tree = sample(table.kind, **said)
        if table.kind == "scoring" and "clauses" not in said:
            tree["clauses"][0]["id"] = "example"
        return written(tree)
    tree, part = sample(table.kind), {**table.around, **said}
    if table.place.startswith("clauses"):
        on = part["on"] if isinstance(part["on"], str) else part["on"][0]
        part = {**part, "to": said.get("to", RECIPIENTS[kind_of(on)][0])}
    SETTINGS.get(heading, lambda tree, part: None)(tree, part)
    many = table.place in ("multipliers", "unit_colour.bands")
    return written(put(tree, table.place, [part] if many else part))


def by_points(tree: Any, part: Any) -> None:
    tree["unit_colour"].update(by="points", board="example", period="month")


def of_slips(tree: Any, part: Any) -> None:
    if part.get("consecutive") == "sequence":
        put(tree, "rules.0.count", {"slip": "red"})


# What must stand around a part for its examples to mean anything.
SETTINGS: dict[str, Callable[[Any, Any], Any]] = {
    "Periods": lambda tree, part: put(tree, "periods", ["year"]),
    "A band": lambda tree, part: put(tree, "components.0", dict(BAND_OF)),
    "A band of colours": by_points,
    "A window": of_slips,
}


def test_the_page_documents_every_word_and_no_other() -> None:
    written_there = {heading: set(found) for heading, found in tables().items()}
    assert written_there == {heading: table.words for heading, table in PAGE.items()}


@pytest.mark.parametrize("heading", PAGE)
def test_every_example_on_the_page_is_a_policy_and_uses_its_word(heading: str) -> None:
    for word, example in tables()[heading].items():
        assert re.search(rf"(?<!\w){re.escape(word)}(?!\w)", example) or word == "any_of"
        said: Any = read(example if not example.startswith("{") else f"x: {example}").tree
        whole = not example.startswith("{")
        body = made_of(heading, said if whole else said["x"], whole)
        assert not check(body), (word, check(body))


def complete() -> dict[str, str]:
    """The complete files on the page, by kind."""
    bodies = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
    return {str(read(body).tree["kind"]): body for body in bodies}


def test_there_is_a_complete_file_of_every_kind_on_the_page() -> None:
    assert list(complete()) == [
        "scoring", "composite", "supervision", "money", "listing", "accountability", "indicators",
        "appeals",
    ]  # fmt: skip
    assert set(complete()) == set(KINDS)
    for body in complete().values():
        assert load(body).id.startswith("riverside")


def test_the_complete_files_on_the_page_make_one_city() -> None:
    city = [load(body) for body in complete().values()]
    assert [clash for policy in city for clash in contradictions.clashes(policy, city)] == []


def test_the_vocabulary_fits_the_events_and_facts_there_are() -> None:
    assert set(get_args(EventName)) <= {event.NAME for event in EVENTS}
    assert all(hasattr(Fact, word) for word in QUESTIONS)
    assert set(QUESTIONS) == set(get_args(FactWord))
    assert {answer for q in QUESTIONS.values() for answer in q.answers} <= set(SPOKEN)


def test_every_word_has_a_meaning_to_be_told_when_it_is_missing() -> None:
    for kind, policy in KINDS.items():
        for word, meaning in words_in(policy).items():
            assert meaning.meaning, f"{kind}.{word}"
