"""A composite policy: a board whose marks are put together from other boards, rates and surveys."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from domain.periods import PeriodKind
from domain.policies.header import Bilingual, Factor, Points, Slug, Text, Words, listed
from domain.policies.model import Board


class Band(Words):
    """How a rate in percent becomes a mark: ``full`` from ``from`` on, and ``per_point`` less for
    each percentage point below it (begun points in proportion), never under ``least``."""

    full: Points = Field(description="the mark at or above the target")
    target: Points = Field(alias="from", description="the rate in percent that earns it")
    per_point: Points = Field(ge=0, description="taken off for each percentage point below")
    least: Points = Field(default=Decimal(0), description="the lowest mark")


class Component(Words):
    """One part of a composite. Exactly one of ``board``, ``indicator`` and ``survey`` says where
    it comes from.

    ``board``: the points a unit has under another policy of the city, in the same period, or, with
    ``each``, in every period of that kind that ends in it, joined by ``join``. ``indicator``: a
    rate of the indicators policy in force, as percent, or as a mark by its ``band``. ``survey``:
    what was read of the unit in the period under that name (readings), joined by their average.
    """

    id: Slug = Field(description="its name in explanations")
    title: Bilingual = Field(description="what it is called, zh and en")
    weight: Factor = Field(description="multiplies the mark")
    board: Slug | None = Field(default=None, description="id of a scoring or composite policy")
    each: PeriodKind | None = Field(default=None, description="every period of this kind in it")
    join: Literal["average", "sum"] | None = Field(
        default=None, description="how those periods are joined: average or sum"
    )
    indicator: Slug | None = Field(default=None, description="id of a rate")
    survey: Slug | None = Field(default=None, description="name under which readings are recorded")
    band: Band | None = Field(default=None, description="how a rate or reading becomes a mark")
    basis: Text | None = Field(default=None, description="the article of the document")

    @model_validator(mode="after")
    def _one_origin(self) -> "Component":
        given = [w for w in ("board", "indicator", "survey") if getattr(self, w) is not None]
        if len(given) != 1:
            raise ValueError("write exactly one of board, indicator and survey")
        if (self.each is None) != (self.join is None):
            raise ValueError("'each' and 'join' belong together: write both or neither")
        if self.each is not None and self.board is None:
            raise ValueError("'each' joins periods of a board: it does not fit a rate or a survey")
        if self.band is not None and self.board is not None:
            raise ValueError("'band' is for rates and surveys; a board has points already")
        return self


class CompositePolicy(Board):
    """A unit's points are the sum of its components' marks times their weights."""

    kind: Literal["composite"] = Field(description="composite")
    periods: Annotated[tuple[PeriodKind, ...], BeforeValidator(listed)] = Field(
        min_length=1, description="the kinds of periods it ranks"
    )
    components: tuple[Component, ...] = Field(
        min_length=1, max_length=100, description="what the points are put together from"
    )
    missing: Literal["reweigh", "zero", "unranked"] = Field(
        description="a component without a mark: reweigh (the others count for it), zero, unranked"
    )
