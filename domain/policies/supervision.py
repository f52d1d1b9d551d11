"""A supervision policy: ladders of slips (督办单), how they start and climb, and units' colours."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from domain.cases.events import Limit
from domain.policies.header import Bilingual, Points, PolicyFile, Slug, Text, When, Words, listed

# What may start a slip: something that has happened to a case.
StartEvent = Literal[
    "case.overdue", "case.rework_ordered", "case.reopened", "case.returned", "case.dispatched",
    "case.ruled",
]  # fmt: skip


class LadderStep(Words):
    """One colour of a ladder: who issues it and how long the unit has to answer."""

    colour: Slug = Field(description="name of the colour, such as white")
    title: Bilingual = Field(description="what the slip is called, zh and en")
    limit: Limit = Field(description="how long the unit has from service on")
    authority: Text = Field(description="who issues it")


class Start(Words):
    """On this event, when this holds, a slip of this colour is proposed."""

    on: Annotated[tuple[StartEvent, ...], BeforeValidator(listed)] = Field(
        min_length=1, description="the event or events of a case that start a slip"
    )
    when: When = Field(default={}, description="what must hold of the case")
    colour: Slug = Field(description="the step it begins at")
    reason: Bilingual = Field(description="the sentence on the slip, zh and en")
    basis: Text | None = Field(default=None, description="the article of the document")


class Ladder(Words):
    """Steps from the mildest to the gravest. A case belongs to the one ladder whose ``when``
    holds of it; of several starts that fit an event the gravest counts."""

    id: Slug = Field(description="its name in explanations")
    title: Bilingual = Field(description="what it is called, zh and en")
    when: When = Field(default={}, description="the cases it is for; left out: all")
    steps: tuple[LadderStep, ...] = Field(min_length=1, max_length=20, description="the colours")
    starts: tuple[Start, ...] = Field(min_length=1, max_length=100, description="what starts slips")
    escalate: Literal["unless_excused", "always", "never"] = Field(
        description="a slip that is not met leads to the next colour: unless_excused, always, never"
    )

    def step(self, colour: str) -> LadderStep | None:
        return next((step for step in self.steps if step.colour == colour), None)


class ColourBand(Words):
    colour: Slug = Field(description="name of the colour")
    below: Points = Field(description="fewer points than this give it")


class UnitColour(Words):
    """What gives a unit its colour; ``otherwise`` is the colour when nothing does. By
    ``open_slips``: the gravest colour among its issued, unlifted slips. By ``latest_inspection``:
    the sign of its last visit. By ``points``: the first band that its points in the running
    ``period`` on ``board`` are below, gravest first."""

    by: Literal["open_slips", "latest_inspection", "points"] = Field(
        description="what gives a unit its colour: open_slips, latest_inspection or points"
    )
    otherwise: Slug = Field(description="the colour of a unit that nothing speaks against")
    board: Slug | None = Field(default=None, description="the board whose points count")
    period: Literal["week", "month", "quarter", "year"] | None = Field(
        default=None, description="the running period whose points count"
    )
    bands: tuple[ColourBand, ...] = Field(default=(), description="colours by points")


class SupervisionPolicy(PolicyFile):
    kind: Literal["supervision"] = Field(description="supervision")
    ladders: tuple[Ladder, ...] = Field(min_length=1, max_length=20, description="the ladders")
    unit_colour: UnitColour = Field(description="what gives a unit its colour")
