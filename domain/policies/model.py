"""A scoring policy as its file states it: plain data in a closed vocabulary."""

from datetime import UTC, datetime
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    PrivateAttr,
    Tag,
    field_validator,
    model_validator,
)

from domain.policies.words import EventName, FactWord, Recipient
from domain.units.events import UnitKind


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _moment(value: Any) -> Any:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError(f"'{value}' is not a date such as 2026-01-01") from None
    if not 1971 <= moment.year <= 2199:
        raise ValueError(f"'{value}' lies outside the years 1971 to 2199")
    return moment


Slug = Annotated[str, Field(pattern="^[a-z0-9][a-z0-9-]{0,63}$")]
Text = Annotated[str, Field(min_length=1, max_length=2000)]
Texts = Annotated[tuple[Text, ...], BeforeValidator(_listed), Field(min_length=1)]
Points = Annotated[Decimal, Field(max_digits=12, decimal_places=4)]
# Smaller, so that what a reading multiplies still fits the tables.
Factor = Annotated[Decimal, Field(max_digits=8, decimal_places=4)]


class Words(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Bilingual(Words):
    zh: Text = Field(description="the Chinese text")
    en: Text = Field(description="the English text")


class Condition(Words):
    """What an answer must be; all operators given must hold. A plain value or a list means
    ``any_of``. Texts are compared without regard to capitals."""

    any_of: Texts | None = None
    none_of: Texts | None = Field(default=None, alias="not")
    starts_with: Texts | None = None
    at_least: Points | None = None
    at_most: Points | None = None
    above: Points | None = None
    below: Points | None = None

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, value: Any) -> Any:
        return {"any_of": value} if isinstance(value, str | list) else value

    @property
    def operators(self) -> list[str]:
        return list(self.model_dump(exclude_none=True, by_alias=True))


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
    on: Annotated[tuple[EventName, ...], BeforeValidator(_listed)] = Field(
        min_length=1, description="the event or events that make it speak"
    )
    when: dict[FactWord, Condition] = Field(default={}, description="what must hold")
    points: Annotated[
        Annotated[Points, Tag("number")] | Annotated[Reading, Tag("reading")], Discriminator(_how)
    ] = Field(description="how many points, negative for a deduction")
    to: Recipient = Field(description="who gets the points")
    reason: Bilingual = Field(description="the sentence on the unit's sheet, zh and en")
    basis: Text | None = Field(default=None, description="the article of the document")


class PeerGroups(Words):
    """Who is compared with whom; ``kinds`` narrows to units of these kinds."""

    by: Literal["peer_group", "kind", "district", "parent", "all"] = Field(
        description="what peers have in common: peer_group, kind, district, parent or all"
    )
    kinds: Annotated[tuple[UnitKind, ...], BeforeValidator(_listed), Field(min_length=1)] | None = (
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


class ScoringPolicy(Words):
    """How facts become points, and points a ranking. Made by ``loading.load`` only, which also
    checks what the types cannot say and sets the digest."""

    id: Slug = Field(description="the policy's name, the same in all its versions")
    version: int = Field(ge=1, description="1 for the first text, more for every later one")
    kind: Literal["scoring"] = Field(description="scoring")
    city: Text = Field(description="the city it is for")
    timezone: Text = Field(description="the city's time zone, such as Asia/Shanghai")
    title: Bilingual = Field(description="what it is called, zh and en")
    issued_by: Text = Field(description="the authority that issued the document")
    document: Text = Field(description="name and number of the document")
    source: Text = Field(description="where the document can be read")
    effective_from: Annotated[datetime, BeforeValidator(_moment)] = Field(
        description="the first day it judges, such as 2026-01-01"
    )
    assumed: Annotated[tuple[Text, ...], BeforeValidator(_listed)] = Field(
        default=(), description="what no document says and somebody had to choose"
    )
    base: Points = Field(description="the points a unit starts a period with, such as 100")
    floor: Points | None = Field(default=None, description="the fewest points possible")
    ceiling: Points | None = Field(default=None, description="the most points possible")
    rounding: Rounding = Field(description="decimals and mode")
    ties: Literal["competition", "dense"] = Field(
        description="places after equal points: competition (1, 1, 3) or dense (1, 1, 2)"
    )
    eligibility: Literal["touched", "all"] = Field(
        description="who is ranked: touched (units with an entry in the period) or all"
    )
    touched_by: Annotated[tuple[EventName, ...], BeforeValidator(_listed)] = Field(
        default=("inspection.recorded",),
        description="events that count a unit as touched even if no clause gives points",
    )
    peer_groups: PeerGroups = Field(description="who is compared with whom")
    order: Literal["high_first", "low_first"] = Field(description="high_first or low_first")
    clauses: tuple[Clause, ...] = Field(min_length=1, max_length=1000, description="the rules")

    _digest: str = PrivateAttr(default="")

    @field_validator("timezone")
    @classmethod
    def _zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"'{name}' is no time zone: write one such as Asia/Shanghai") from None
        return name

    def model_post_init(self, context: Any) -> None:
        self._digest = (context or {}).get("digest", "")

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the file's text (NFC, line feeds)."""
        return self._digest

    @property
    def ref(self) -> str:
        """How entries and explanations name this text: ``id@version#first 12 of the digest``."""
        return f"{self.id}@{self.version}#{self.digest[:12]}"

    @property
    def starts_at(self) -> datetime:
        """The first moment it judges (UTC); a date means midnight in the city."""
        start = self.effective_from
        if start.tzinfo is None:
            start = start.replace(tzinfo=ZoneInfo(self.timezone))
        return start.astimezone(UTC)

    def __hash__(self) -> int:
        return hash(self.digest)
