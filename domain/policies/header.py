"""What every policy file states, whatever it rules: who says so, where it is written, from when."""

from datetime import UTC, datetime
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    field_validator,
    model_validator,
)

from domain.policies.words import FactWord


def listed(value: Any) -> Any:
    """A single word may stand for a list of one."""
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
Texts = Annotated[tuple[Text, ...], BeforeValidator(listed), Field(min_length=1)]
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


When = dict[FactWord, Condition]


class PolicyFile(Words):
    """The head of a policy file. Made by ``loading.load`` only, which also checks what the types
    cannot say and sets the digest."""

    id: Slug = Field(description="the policy's name, the same in all its versions")
    version: int = Field(ge=1, description="1 for the first text, more for every later one")
    city: Text = Field(description="the city it is for")
    timezone: Text = Field(description="the city's time zone, such as Asia/Shanghai")
    title: Bilingual = Field(description="what it is called, zh and en")
    issued_by: Text = Field(description="the authority that issued the document")
    document: Text = Field(description="name and number of the document")
    source: Text = Field(description="where the document can be read")
    effective_from: Annotated[datetime, BeforeValidator(_moment)] = Field(
        description="the first day it judges, such as 2026-01-01"
    )
    assumed: Annotated[tuple[Text, ...], BeforeValidator(listed)] = Field(
        default=(), description="what no document says and somebody had to choose"
    )

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
