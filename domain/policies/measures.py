"""Indicators as data (which counts make which rate), and what may be appealed until when."""

from typing import Annotated, Literal, get_args

from pydantic import BeforeValidator, Field

from domain.cases.events import Limit
from domain.policies.header import Bilingual, Points, PolicyFile, Slug, Text, Texts, Words, listed
from domain.policies.model import Rounding

# What is counted of the cases of a period (names after the digital city-management practice).
Count = Literal[
    "reported", "filed", "rejected", "voided", "dispatched", "due_to_handle", "handled",
    "handled_in_time", "overdue", "pending", "reworked_cases", "reworks", "suspended", "extended",
    "bounced", "due_to_close", "closed", "closed_in_time", "reopened",
]  # fmt: skip
COUNTS: tuple[Count, ...] = get_args(Count)


class Rate(Words):
    """numerator ÷ (denominator − excluding), in percent; "not applicable" when that is 0."""

    id: Slug = Field(description="its name in tables and explanations")
    title: Bilingual = Field(description="what it is called, zh and en")
    numerator: Count = Field(description="which count is divided")
    minus: Count | None = Field(default=None, description="taken from the numerator first")
    denominator: Count = Field(description="which count it is divided by")
    excluding: Annotated[tuple[Count, ...], BeforeValidator(listed)] = Field(
        default=(), description="counts taken from the denominator"
    )
    rounding: Rounding = Field(description="decimals and mode")
    at_least: Points | None = Field(default=None, description="the target: so much or more")
    at_most: Points | None = Field(default=None, description="the target: so much or less")
    basis: Text | None = Field(default=None, description="the article of the document")


class Target(Words):
    """A measured indicator (指标) with its target: readings are recorded under its id."""

    id: Slug = Field(description="the name under which readings are recorded")
    title: Bilingual = Field(description="what it is called, zh and en")
    unit_of_measure: Text = Field(description="%, g/m², …")
    at_least: Points | None = Field(default=None, description="the target: so much or more")
    at_most: Points | None = Field(default=None, description="the target: so much or less")


class Grade(Words):
    name: Text = Field(description="what the grade is called")
    at_least: Points = Field(description="from this mark on")


class IndicatorPolicy(PolicyFile):
    """``cohort`` says which cases belong to a period: those ``reported``, ``filed``,
    ``dispatched`` or ``due`` in it. ``components`` are classes that are 部件 (things); all others
    are 事件 (events)."""

    kind: Literal["indicators"] = Field(description="indicators")
    cohort: Literal["reported", "filed", "dispatched", "due"] = Field(
        description="which cases belong to a period: reported, filed, dispatched or due in it"
    )
    rates: tuple[Rate, ...] = Field(min_length=1, max_length=100, description="the rates")
    targets: tuple[Target, ...] = Field(default=(), max_length=500, description="measured targets")
    grades: tuple[Grade, ...] = Field(default=(), max_length=20, description="grades by mark")
    components: Texts | None = Field(
        default=None, description="categories (or their beginnings) that are things, not events"
    )


class AppealRule(Words):
    """What may be appealed, once, until when, and by when it is decided."""

    against: Literal["score_entry", "timeout", "list_entry", "money"] = Field(
        description="score_entry, timeout, list_entry or money"
    )
    within: Limit = Field(description="how long after it became known it may be appealed")
    decide_within: Limit = Field(description="how long the reviewer has")
    authority: Text = Field(description="who reviews it")
    basis: Text | None = Field(default=None, description="the article of the document")


class AppealPolicy(PolicyFile):
    kind: Literal["appeals"] = Field(description="appeals")
    rules: tuple[AppealRule, ...] = Field(min_length=1, max_length=4, description="the rules")
