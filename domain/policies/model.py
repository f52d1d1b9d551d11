"""A scoring policy as its file states it: plain data in a closed vocabulary."""

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag

from domain.policies.header import (
    Bilingual,
    Factor,
    Points,
    PolicyFile,
    Slug,
    Text,
    When,
    Words,
    listed,
)
from domain.policies.words import EventName, FactWord, Recipient
from domain.units.events import UnitKind


class Reading(Words):
    """Points that follow a number of the fact: (number − minus) × times."""

    read: FactWord = Field(description="which number of the fact")
    minus: Points = Field(default=Decimal(0), description="taken from the number")
    times: Factor = Field(default=Decimal(1), description="multiplies what is left")


def _how(value: Any) -> str:
    return "reading" if isinstance(value, dict | Reading) else "number"


class Clause(Words):
    """One rule: on these events, when this holds, so many points to these units."""

    id: Slug = Field(description="its name in entries and explanations")
    title: Bilingual = Field(description="what it is called, zh and en")
    on: Annotated[tuple[EventName, ...], BeforeValidator(listed)] = Field(
        min_length=1, description="the event or events that make it speak"
    )
    when: When = Field(default={}, description="what must hold")
    points: Annotated[
        Annotated[Points, Tag("number")] | Annotated[Reading, Tag("reading")], Discriminator(_how)
    ] = Field(description="how many points, negative for a deduction")
    to: Recipient = Field(description="who gets the points")
    reason: Bilingual = Field(description="the sentence on the unit's sheet, zh and en")
    basis: Text | None = Field(default=None, description="the article of the document")
    veto: bool = Field(
        default=False, description="true: one entry puts the unit last in the period (一票否决)"
    )


class Multiplier(Words):
    """A factor on the points of entries of which this holds: who found it may count double."""

    id: Slug = Field(description="its name in explanations")
    when: When = Field(min_length=1, description="what must hold")
    times: Factor = Field(gt=0, description="multiplies the points of the clauses")
    clauses: Annotated[tuple[Slug, ...], BeforeValidator(listed)] = Field(
        default=(), description="the clauses it is for; left out: all"
    )
    basis: Text | None = Field(default=None, description="the article of the document")


class PeerGroups(Words):
    """Who is compared with whom; ``kinds`` narrows to units of these kinds."""

    by: Literal["peer_group", "kind", "district", "parent", "all"] = Field(
        description="what peers have in common: peer_group, kind, district, parent or all"
    )
    kinds: Annotated[tuple[UnitKind, ...], BeforeValidator(listed), Field(min_length=1)] | None = (
        None
    )

    def name_for(
        self, *, kind: str, peer_group: str = "", district: str = "", parent: str = ""
    ) -> str | None:
        """The peer group of a unit with these properties; ``None``: it is not ranked at all."""
        if self.kinds is not None and kind not in self.kinds:
            return None
        names = {"peer_group": peer_group, "kind": kind, "district": district, "parent": parent}
        return names.get(self.by, "")


class Rounding(Words):
    decimals: int = Field(ge=0, le=4, description="how many decimals are shown")
    mode: Literal["half_up", "half_even"] = Field(description="half_up or half_even")


class Standard(Words):
    """Below this many points a unit fails the standard and is vetoed (一票否决)."""

    below: Points = Field(description="fewer points than this on the board")
    basis: Text | None = Field(default=None, description="the article of the document")


class Board(PolicyFile):
    """How marks become places: what scoring and composite policies have in common."""

    floor: Points | None = Field(default=None, description="the fewest points possible")
    ceiling: Points | None = Field(default=None, description="the most points possible")
    rounding: Rounding = Field(description="decimals and mode")
    ties: Literal["competition", "dense"] = Field(
        description="places after equal points: competition (1, 1, 3) or dense (1, 1, 2)"
    )
    eligibility: Literal["touched", "all"] = Field(
        description="who is ranked: touched (units with an entry in the period) or all"
    )
    peer_groups: PeerGroups = Field(description="who is compared with whom")
    order: Literal["high_first", "low_first"] = Field(description="high_first or low_first")
    standard: Standard | None = Field(
        default=None, description="the standard below which a unit is vetoed"
    )
    vetoed: Literal["last", "unranked"] = Field(
        default="last", description="where a vetoed unit stands: last or unranked"
    )


class ScoringPolicy(Board):
    """How facts become points, and points a ranking."""

    kind: Literal["scoring"] = Field(description="scoring")
    base: Points = Field(description="the points a unit starts a period with, such as 100")
    touched_by: Annotated[tuple[EventName, ...], BeforeValidator(listed)] = Field(
        default=("inspection.recorded",),
        description="events that count a unit as touched even if no clause gives points",
    )
    clauses: tuple[Clause, ...] = Field(min_length=1, max_length=1000, description="the rules")
    multipliers: tuple[Multiplier, ...] = Field(
        default=(), max_length=100, description="whose entries count double, or half"
    )
