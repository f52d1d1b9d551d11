"""Every word of the pages stands in one table, in both languages, and none is there in vain."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import get_args
from zoneinfo import ZoneInfo

import pytest

from api.commands import COLLECTIONS
from api.pages.cases import LIGHTS, TOGETHER
from api.pages.desk import WAITING
from api.pages.figures import Figures
from api.pages.instruments import REGISTERS
from api.pages.language import LANGUAGES, Language, Words, chosen, load
from api.pages.overview import REACH
from api.pages.periods import KINDS
from api.pages.rendering import NAVIGATION
from api.pages.timeline import UNTOLD
from domain.access.events import Act, Channel
from domain.accountability.decide import Status as AccountabilityStatus
from domain.appeals.decide import Status as AppealStatus
from domain.appeals.events import Against
from domain.cases.events import ClockKind, Source
from domain.cases.state import Status
from domain.evidence.kinds import ALLOWED
from domain.inspections.events import Colour, Result
from domain.listings.decide import Status as ListingStatus
from domain.listings.events import ListName, SubjectKind
from domain.money.decide import Status as MoneyStatus
from domain.money.events import Direction
from domain.penalties.events import Decision
from domain.persons.registering import FIELDS
from domain.policies.consequences import Action
from domain.policies.kinds import KINDS as POLICY_KINDS
from domain.policies.measures import COUNTS, IndicatorPolicy
from domain.registry import EVENTS
from domain.supervision.state import Status as SlipStatus
from domain.units.events import UnitKind
from projections.backtesting.results import Kind as Changed
from projections.cases import CaseRow
from projections.histories import UNSAID
from projections.indicators import Dimension
from projections.inspections import InspectionRow
from projections.past.dossiers import Part
from projections.past.kinds import KINDS as PAST
from projections.search import Kind as Searched
from projections.standings import By
from projections.why import THINGS

API = Path(__file__).parents[2] / "api"
TABLE = load()
LITERAL = re.compile(r"\bt\(\s*[\"']([a-z_.0-9]+)[\"']")
# Commands that no page offers: programmes and importers give them.
UNOFFERED = {
    "unit.register", "unit.change", "unit.move", "unit.retire", "policy.adopt",
    "inspection.correct", "penalty.decide", "penalty.withdraw", "penalty.settle",
}  # fmt: skip
# Groups whose keys are put together from codes; each is checked against its codes below.
BY_CODE: dict[str, set[str]] = {
    "status": {*get_args(Status), *TOGETHER},
    "light": set(LIGHTS),
    "colour": set(get_args(Colour)),
    "result": set(get_args(Result)),
    "source": set(get_args(Source)),
    "kind": set(get_args(UnitKind)),
    "level": set(get_args(By)),
    "clock": set(get_args(ClockKind)),
    "limit": set(get_args(ClockKind)),
    "decision": set(get_args(Decision)),
    "event": {event.NAME for event in EVENTS},
    "period": set(KINDS),
    "month": {f"m{number}" for number in range(1, 13)},
    "nav": {key for _, key in NAVIGATION},
    "slip_status": set(get_args(SlipStatus)),
    "money_status": set(get_args(MoneyStatus)),
    "listing_status": set(get_args(ListingStatus)),
    "accountability_status": set(get_args(AccountabilityStatus)),
    "appeal_status": set(get_args(AppealStatus)),
    "bulletin_status": {"none", "composed", "approved", "published", "withdrawn"},
    "policy_kind": set(POLICY_KINDS),
    "changed": {"place", *get_args(Changed)},
    "dimension": set(get_args(Dimension)),
    "part": {"component", "event"},
    "cohort": set(get_args(IndicatorPolicy.model_fields["cohort"].annotation)),
    "count": set(COUNTS),
    "direction": set(get_args(Direction)),
    "list": set(get_args(ListName)),
    "subject_kind": set(get_args(SubjectKind)),
    "action": set(get_args(Action)),
    "against": set(get_args(Against)),
    "personal_data": {"none", "removed"},
    "media_type": set(ALLOWED),
    "do": {c.NAME for each in COLLECTIONS for c in each.commands} - UNOFFERED,
    "register": {*REGISTERS, "found", "empty"},
    "one": set(REGISTERS),
    "desk": {"new", "due", "overdue", *WAITING, "rankings", "until", "empty"},
    "subject": {"case", "inspection"},
    "thing": {*THINGS, "unit", "policy", "inspection"},
    "reading_act": set(get_args(Act)),
    "reading_way": set(get_args(Channel)),
    "person_field": set(FIELDS),
    "penalty_status": {"open", "decided", "withdrawn", "settled"},
    "room_kind": {*PAST, *get_args(Searched)},
    "place": {"past", "difference", "dossier", "proof", "pack", "own"},
    "took": {part for part in get_args(Part) if part},
    "role": {
        "lead",
        "assisting",
        "named",
        "previous",
        "owner",
        "authority",
        "ranked",
        "itself",
        "reporter",
        "subject",
        "actor",
    },
    "verdict": {"proven", "waiting", "altered", "broken"},
    "verdict_note": {"proven", "waiting", "altered", "broken"},
    "person_status": {"registered", "forgotten"},
    "inside": {"events", "papers", "evidence", "proofs", "verifier"},
}
# Groups that hold words for codes of which the city may have others of its own.
OPEN = {
    "slip_colour",
    "hands",
    "severity",
    "penalty_kind",
    "field",
    "refused",
    "refusal",
    "span",
    "read_kind",
    "room",
}


def _sources() -> Iterator[tuple[str, str]]:
    for folder, pattern in (("templates", "*.html"), ("pages", "*.py")):
        for path in sorted((API / folder).glob(pattern)):
            yield path.name, path.read_text(encoding="utf-8")


def test_every_text_is_there_in_every_language() -> None:
    assert not [key for key, texts in TABLE.items() if len(texts) != len(LANGUAGES)]


def test_no_chinese_text_was_left_in_english_or_the_other_way_round() -> None:
    chinese = re.compile("[一-鿿]")
    assert not [key for key, (_, en) in TABLE.items() if chinese.search(en) and key[:4] != "app."]
    same = [key for key, (zh, en) in TABLE.items() if zh == en]
    assert not same


def test_both_languages_are_told_the_same_values() -> None:
    holes = re.compile(r"\{(\w+)\}")
    wrong = [k for k, (zh, en) in TABLE.items() if set(holes.findall(zh)) != set(holes.findall(en))]
    assert not wrong


def test_every_text_that_a_page_asks_for_exists() -> None:
    missing = [
        f"{name}: {key}"
        for name, text in _sources()
        for key in LITERAL.findall(text)
        if key not in TABLE and not key.endswith((".", "_"))
    ]
    assert not missing


@pytest.mark.parametrize("group", sorted(BY_CODE))
def test_every_code_has_its_word_and_every_word_its_code(group: str) -> None:
    assert {key.partition(".")[2] for key in TABLE if key.startswith(f"{group}.")} == BY_CODE[group]


def test_every_field_of_what_has_a_page_has_a_name() -> None:
    rows = (CaseRow, InspectionRow, *(shown.kind.snapshot.row for shown in REGISTERS.values()))
    told = {name for row in rows for name in row.__struct_fields__}
    assert not [name for name in told - UNSAID - UNTOLD if f"field.{name}" not in TABLE]


def test_no_text_is_there_in_vain() -> None:
    asked = {key for _, text in _sources() for key in LITERAL.findall(text)}
    asked |= {f"overview.by_{step}" for step in REACH}
    code = "".join(text for _, text in _sources())
    idle = [
        key
        for key in TABLE
        if key not in asked
        and key.partition(".")[0] not in {*BY_CODE, *OPEN}
        and not re.search(f"[\"']{re.escape(key)}[\"']", code)
        and f'"{key.partition(".")[2]}"' not in code
    ]
    assert not idle


def test_no_template_says_a_word_of_its_own() -> None:
    letters = re.compile("[一-鿿]|[A-Za-z]{3,}")
    attributes = r"\{% macro follow.*?endmacro %\}|\{% block body_class %\}.*?endblock %\}"
    asked = re.compile(rf"{attributes}|\{{#.*?#\}}|\{{%.*?%\}}|\{{\{{.*?\}}\}}", re.DOTALL)
    marked = re.compile(r"<(kbd|style)[^>]*>.*?</\1>|<[^>]*>|&\w+;", re.DOTALL)
    said = {
        path.name: found
        for path in (API / "templates").glob("*.html")
        if (found := letters.findall(marked.sub(" ", asked.sub("", path.read_text("utf-8")))))
    }
    # A file format and the names of keys are the same word everywhere.
    assert {word for words in said.values() for word in words} == {"CSV"}


@pytest.mark.parametrize(
    ("asked", "remembered", "language"),
    [
        (None, None, "zh"),
        ("en", "zh", "en"),
        (None, "en", "en"),
        ("xx", "en", "en"),
        ("", "", "zh"),
    ],
)
def test_a_reader_gets_what_they_ask_for_else_what_they_chose_else_chinese(
    asked: str | None, remembered: str | None, language: Language
) -> None:
    assert chosen(asked, remembered) == language


def _figures(language: Language) -> Figures:
    return Figures(Words(TABLE, language), ZoneInfo("America/Toronto"))


def test_a_time_is_told_in_the_zone_of_the_city() -> None:
    moment = datetime(2012, 4, 12, 3, 30, 5, tzinfo=UTC)
    assert _figures("zh").moment(moment) == "2012-04-11 23:30"
    assert _figures("en").second(moment) == "11 Apr 2012 23:30:05"


def test_a_record_that_knows_only_the_day_is_told_as_a_day() -> None:
    midnight = datetime(2012, 4, 12, 4, 0, tzinfo=UTC)
    assert _figures("en").moment(midnight) == "12 Apr 2012"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1234567, "1,234,567"), (Decimal("-2.50"), "−2.5"), (Decimal("100"), "100"),
        (Decimal("0.00"), "0"), (None, "—"), (0.5, "0.5"),
    ],
)  # fmt: skip
def test_a_number_is_told_without_needless_decimals(value: float, text: str) -> None:
    assert _figures("zh").number(value) == text


def test_money_keeps_its_cents_and_its_currency() -> None:
    assert _figures("en").money(Decimal("42171"), "CAD") == "42,171.00 CAD"


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (timedelta(minutes=1), "1 minute"),
        (timedelta(hours=-3, minutes=-5), "3 hours 5 minutes"),
        (timedelta(days=2), "2 days"),
        (timedelta(days=400, hours=5), "400 days"),
        (timedelta(seconds=20), "less than a minute"),
    ],
)
def test_a_length_of_time_is_told_by_its_largest_units(span: timedelta, text: str) -> None:
    assert _figures("en").span(span) == text
