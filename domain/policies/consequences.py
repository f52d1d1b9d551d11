"""What follows from rankings, lists and slips: money, list entries, proposals of accountability."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from domain.periods import PeriodKind
from domain.policies.header import Bilingual, Points, PolicyFile, Slug, Text, Words, listed

Money = Annotated[Decimal, Field(gt=0, max_digits=18, decimal_places=2)]
Action = Literal["reminder", "interview", "circulated_criticism", "veto", "referral"]
End = Literal["first", "last"]


class MoneyRule(Words):
    """The unit in the ``place``-th place from an end of the ranking pays or gets ``amount``."""

    id: Slug = Field(description="its name in explanations")
    title: Bilingual = Field(description="what it is called, zh and en")
    end: End = Field(alias="from", description="the end of the ranking places are counted from")
    place: int = Field(ge=1, le=1000, description="1 for the very first or very last")
    direction: Literal["deduction", "reward"] = Field(description="deduction or reward")
    amount: Money = Field(description="how much")
    basis: Text | None = Field(default=None, description="the article of the document")


class MoneyPolicy(PolicyFile):
    """Money between the city and its units (考核扣款/奖励), proposed from a published ranking.
    Never a statutory fine.

    Ties: units that share the places ``k … k+n`` from the end. ``heavier``: all of them get the
    amount of the heaviest of these places, and the places they fill are skipped. ``shared``: the
    amounts of these places are added and split equally, rounded half up to the cent. ``lighter``:
    all get the lightest of these amounts (nothing, where a place has none).
    """

    kind: Literal["money"] = Field(description="money")
    board: Slug = Field(description="id of the scoring or composite policy whose ranking counts")
    period: PeriodKind = Field(description="the kind of period whose ranking counts")
    peer_groups: Annotated[tuple[Text, ...], BeforeValidator(listed)] = Field(
        default=(), description="only rankings of these peer groups; left out: of all"
    )
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] = Field(description="ISO 4217 code")
    ties: Literal["heavier", "shared", "lighter"] = Field(
        description="what tied units get: heavier, shared or lighter"
    )
    ranked_at_least: int = Field(
        ge=2, description="with fewer units ranked nobody pays and nobody gets anything"
    )
    authority: Text = Field(description="who approves it")
    rules: tuple[MoneyRule, ...] = Field(min_length=1, max_length=100, description="the amounts")


class Take(Words):
    """So many units from an end of the ranking of a peer group."""

    peer_groups: Annotated[tuple[Text, ...], BeforeValidator(listed)] = Field(
        default=(), description="only rankings of these peer groups; left out: of all"
    )
    end: End = Field(alias="from", description="the end of the ranking: first or last")
    number: int = Field(ge=1, le=1000, description="how many places")
    below: Points | None = Field(default=None, description="only with fewer points than this")
    at_least: Points | None = Field(default=None, description="only with at least these points")


class ListRule(Words):
    """One list (红榜/黑榜) and who enters it."""

    id: Slug = Field(description="its name in explanations, such as black")
    title: Bilingual = Field(description="what it is called, zh and en")
    list: Literal["red", "black"] = Field(description="red (红榜) or black (黑榜)")
    take: tuple[Take, ...] = Field(min_length=1, max_length=100, description="who enters it")
    reason: Bilingual = Field(
        description="the sentence beside an entry; {place}, {points} and {period} may stand in it"
    )
    basis: Text | None = Field(default=None, description="the article of the document")


class ListingPolicy(PolicyFile):
    """Red and black lists from a published ranking. ``ties``: ``all`` lists everybody who shares
    the last place taken, ``none`` leaves all of them out."""

    kind: Literal["listing"] = Field(description="listing")
    board: Slug = Field(description="id of the scoring or composite policy whose ranking counts")
    period: PeriodKind = Field(description="the kind of period whose ranking counts")
    ties: Literal["all", "none"] = Field(description="who shares the last place: all or none")
    valid_days: int = Field(ge=1, le=3660, description="how many days an entry stays published")
    authority: Text = Field(description="who approves publication")
    lists: tuple[ListRule, ...] = Field(min_length=1, max_length=20, description="the lists")


class Counted(Words):
    """What is counted against a unit: published entries of a list, or issued slips of a colour, or
    places in published rankings, or carried-out actions."""

    list: Slug | None = Field(default=None, description="entries of this list rule's id")
    slip: Slug | None = Field(default=None, description="slips of this colour")
    action: Action | None = Field(default=None, description="actions of this kind")

    @model_validator(mode="after")
    def _one(self) -> "Counted":
        if sum(w is not None for w in (self.list, self.slip, self.action)) != 1:
            raise ValueError("write exactly one of list, slip and action")
        return self


class Window(Words):
    """Which of them count together: ``ever``; ``year`` (the calendar year of the city); ``rolling``
    (``days`` before the last one); ``consecutive``, whose meaning must be said in ``consecutive``:
    ``calendar_period`` (in periods of kind ``period`` that follow each other in the calendar),
    ``ranked_period`` (in periods that follow each other among those in which the unit was ranked)
    or ``sequence`` (no other slip of the unit in between)."""

    within: Literal["ever", "year", "rolling", "consecutive"] = Field(
        description="which count together: ever, year, rolling or consecutive"
    )
    days: int | None = Field(
        default=None, ge=1, le=3660, description="the days of a rolling window"
    )
    consecutive: Literal["calendar_period", "ranked_period", "sequence"] | None = Field(
        default=None, description="what follows what: calendar_period, ranked_period or sequence"
    )
    period: PeriodKind | None = Field(default=None, description="the kind of calendar period")

    @model_validator(mode="after")
    def _complete(self) -> "Window":
        if (self.within == "rolling") != (self.days is not None):
            raise ValueError("a rolling window, and no other, needs its 'days'")
        if (self.within == "consecutive") != (self.consecutive is not None):
            raise ValueError(
                "'within: consecutive', and nothing else, needs 'consecutive: calendar_period', "
                "'ranked_period' or 'sequence'"
            )
        if (self.consecutive == "calendar_period") != (self.period is not None):
            raise ValueError("'consecutive: calendar_period', and nothing else, needs its 'period'")
        return self


class AccountabilityRule(Words):
    """When a unit is counted for the ``times``-th time in the window, this action is proposed."""

    id: Slug = Field(description="its name in explanations")
    title: Bilingual = Field(description="what it is called, zh and en")
    count: Counted = Field(description="what is counted")
    times: int = Field(ge=1, le=100, description="at which number the action is proposed")
    window: Window = Field(description="which of them count together")
    after: Literal["go_on", "begin_anew"] = Field(
        description="after a proposal the count goes on (go_on) or begins anew (begin_anew)"
    )
    action: Action = Field(description="what is proposed")
    organ: Text = Field(description="who carries it out, or receives a referral")
    authority: Text = Field(description="who decides")
    reason: Bilingual = Field(
        description="the sentence of the proposal; {times} and {unit} may stand in it"
    )
    basis: Text | None = Field(default=None, description="the article of the document")


class AccountabilityPolicy(PolicyFile):
    """What is proposed, never decided: a named authority decides every proposal."""

    kind: Literal["accountability"] = Field(description="accountability")
    rules: tuple[AccountabilityRule, ...] = Field(
        min_length=1, max_length=100, description="the rules"
    )
