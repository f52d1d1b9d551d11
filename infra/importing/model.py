"""The mapping language: how the columns of a table become what the city knows."""

from decimal import Decimal
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from domain.cases.events import ClockKind, Source
from domain.inspections.events import Result

ColumnType = Literal["text", "integer", "decimal", "date", "datetime", "choice"]
Encoding = Literal["utf-8", "gb18030", "big5", "latin-1", "windows-1252"]
Normaliser = Literal["collapse_blanks", "upper_case", "lower_case", "slug"]
TerritoryKind = Literal["district", "street", "community", "grid"]
Status = Literal["open", "closed", "rejected", "void"]
Punctuality = Literal["on_time", "overdue"]
CourtOutcome = Literal["open", "fined", "suspended_sentence", "other", "withdrawn"]

# In choices: as the whole of the left side it stands for anything, at its end for any ending; on
# the right it keeps the cell's own text.
ANY = "*"


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _kept(value: Any) -> Any:
    return dict.fromkeys(value, ANY) if isinstance(value, list) else value


Text = Annotated[str, Field(min_length=1, max_length=2000)]
Texts = Annotated[tuple[Text, ...], BeforeValidator(_listed)]
Degrees = Annotated[Decimal, Field(gt=0, le=90)]


class Takes:
    """Marks a word whose value is the name of a declared column of one of these types. When
    ``answers`` are given, they are all that the column may give."""

    def __init__(self, *types: ColumnType, answers: Any = None) -> None:
        self.types = types
        self.answers = answers


TextColumn = Annotated[str, Takes("text", "integer", "choice")]
TextColumns = Annotated[Texts, Takes("text", "integer", "choice")]
NumberColumn = Annotated[str, Takes("decimal", "integer")]
MomentColumn = Annotated[str, Takes("date", "datetime")]


class Words(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Column(Words):
    """One column of the table, or one ``value`` for all rows."""

    column: str = Field(default="", description="the column's heading in the table")
    value: str = Field(default="", description="the same value for every row")
    type: ColumnType = "text"
    formats: Texts = Field(default=("iso",), min_length=1)
    choices: Annotated[dict[str, str], BeforeValidator(_kept)] = {}
    ignore: str = Field(default="", max_length=20, description="characters left out of numbers")
    normalise: Annotated[tuple[Normaliser, ...], BeforeValidator(_listed)] = ()
    empty: Texts = Field(default=(), description="texts that mean that nothing is written")
    default: str = Field(default="", description="what an empty cell stands for")
    optional: bool = Field(default=False, description="the table may lack this column")

    @model_validator(mode="after")
    def _one_origin(self) -> "Column":
        if bool(self.column) == bool(self.value):
            raise ValueError("a column has either 'column' or 'value'")
        if (self.type == "choice") != bool(self.choices):
            raise ValueError("'type: choice' and 'choices' belong together")
        return self


class City(Words):
    code: Annotated[str, Field(pattern="^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")] = Field(
        description="the city's id, in letters and digits"
    )
    name: Text = Field(description="the city's name")
    timezone: str = Field(description="an IANA name such as Asia/Shanghai")
    language: str = Field(default="", max_length=20)

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"'{name}' is no time zone: write one such as Asia/Shanghai") from None
        return name


class Grid(Words):
    """Cells of so many degrees, counted from 0° 0°."""

    latitude: Degrees = Field(description="height of a cell in degrees")
    longitude: Degrees = Field(description="width of a cell in degrees")


class Named(Words):
    """A territory whose code and name stand in columns."""

    code: TextColumn = Field(description="column with the territory's code")
    name: TextColumn = ""
    kind: TerritoryKind = Field(description="what kind of territory it is")


class Territory(Words):
    """Where something lies: ``grid`` or ``column``; with neither, the city itself."""

    grid: Grid | None = None
    column: Named | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> "Territory":
        if self.grid and self.column:
            raise ValueError("a territory is either a 'grid' or a 'column'")
        return self


class UnitWords(Words):
    """The unit that a row is about: inspected, or responsible."""

    code: TextColumn = Field(description="column with the unit's code")
    prefix: str = Field(default="", max_length=20, pattern="^[A-Za-z0-9_.-]*$")
    name: TextColumn = ""
    kind: Literal["company", "department", "district", "street", "community"] = Field(
        description="what kind of unit it is"
    )
    peer_group: TextColumn = ""
    address: TextColumn = ""
    latitude: NumberColumn = ""
    longitude: NumberColumn = ""
    parent: Territory = Territory()


class Test(Words):
    """Holds when the column's value is one of ``any_of`` or begins like one of ``starts_with``;
    without regard to capitals."""

    column: TextColumn = Field(description="the column to look at")
    any_of: Texts = ()
    starts_with: Texts = ()

    @model_validator(mode="after")
    def _asks(self) -> "Test":
        if not self.any_of and not self.starts_with:
            raise ValueError("a test needs 'any_of' or 'starts_with'")
        return self


class LimitWords(Words):
    amount: float = Field(gt=0, description="how many hours or days")
    clock: ClockKind = Field(description="the clock they are counted on")


class Findings(Words):
    """What a visit found, one row each; a row without ``text`` found nothing."""

    text: TextColumn = Field(description="column with the finding's text")
    compare: Annotated[tuple[Normaliser, ...], BeforeValidator(_listed)] = ()
    category: TextColumn = Field(description="column with the category of the cases")
    severity: TextColumn = ""
    action: TextColumn = ""
    standard: TextColumn = Field(description="column with the filing standard")
    recheck: Literal["open_cases", "none"] = "open_cases"
    on_the_spot: Test | None = None
    limit: LimitWords | None = None

    @property
    def builds_on_earlier_visits(self) -> bool:
        return self.recheck == "open_cases"


class PenaltyKind(Test):
    kind: Text = Field(description="what such a penalty is called")


class Penalties(Words):
    kinds: tuple[PenaltyKind, ...] = Field(min_length=1, description="what opens a penalty")
    otherwise: Text = Field(description="kind of a penalty that only outcome or amount tell of")
    currency: str = Field(pattern="^[A-Z]{3}$", description="ISO 4217, such as CNY")
    amount: NumberColumn = ""
    outcome: Annotated[str, Takes("choice", answers=CourtOutcome)] = ""
    note: TextColumn = ""


class Inspections(Words):
    """The table tells of visits: rows with the same ``id`` are one of them."""

    id: TextColumn = Field(description="column with the inspection's id")
    date: MomentColumn = Field(description="column with the day or moment of the visit")
    order: NumberColumn = ""
    source: Annotated[str, Takes("choice", "text", answers=Source)] = Field(
        description="column with the kind of visit"
    )
    result: Annotated[str, Takes("choice", "text", answers=Result)] = Field(
        description="column with the visit's result"
    )
    score: NumberColumn = ""
    closure: Test | None = None
    findings: Findings | None = None
    penalties: Penalties | None = None


class Place(Words):
    address: TextColumn = ""
    latitude: NumberColumn = ""
    longitude: NumberColumn = ""
    territory: Territory = Territory()

    @field_validator("territory")
    @classmethod
    def _of_a_place(cls, territory: Territory) -> Territory:
        if territory.column and territory.column.kind not in ("district", "grid"):
            raise ValueError("a place lies in a 'kind: district' or a 'kind: grid'")
        return territory


class Requests(Words):
    """The table tells of service requests: one row is one case."""

    id: TextColumn = Field(description="column with the request's id")
    opened: MomentColumn = Field(description="column with the moment it was made")
    target: MomentColumn = ""
    closed: MomentColumn = ""
    status: Annotated[str, Takes("choice", "text", answers=Status)] = ""
    outcome: Annotated[str, Takes("choice", answers=Punctuality)] = ""
    contradictions: Literal["reject", "use_dates"] = "reject"
    source: Annotated[str, Takes("choice", "text", answers=Source)] = Field(
        description="column with the way the request came in"
    )
    category: TextColumn = Field(description="column with what kind of problem it is")
    text: TextColumns = ()
    severity: TextColumn = ""
    standard: TextColumn = Field(description="column with the filing standard")
    note: TextColumn = ""
    place: Place = Place()


class Readings(Words):
    """The table tells of indicators and surveys: one row is one reading of a unit in a period."""

    indicator: TextColumn = Field(description="column with the name of the indicator or survey")
    period: TextColumn = Field(description="column with the period, such as 2026-Q1")
    date: MomentColumn = Field(description="column with the day it was read")
    value: NumberColumn = ""
    numerator: NumberColumn = ""
    denominator: NumberColumn = ""
    source: TextColumn = ""
    note: TextColumn = ""


class Mapping(Words):
    """A whole mapping file."""

    name: Annotated[str, Field(pattern="^[a-z0-9][a-z0-9-]{0,39}$")] = Field(
        description="a short name in small letters, digits and hyphens"
    )
    title: Text = Field(description="what the table is, in a few words")
    origin: str = Field(default="", max_length=2000, description="where it comes from, licence")
    city: City = Field(description="the city that the table is about")
    policy: str = ""
    actor: Text = Field(description="who did what the rows tell of")
    encoding: Encoding = "utf-8"
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    sheet: str = ""
    empty: Texts = ()
    columns: dict[str, Column] = Field(min_length=1, description="the columns that are used")
    unit: UnitWords = Field(description="the unit that a row is about")
    inspections: Inspections | None = None
    requests: Requests | None = None
    readings: Readings | None = None

    @field_validator("delimiter", mode="before")
    @classmethod
    def _tab(cls, value: Any) -> Any:
        return "\t" if value == "tab" else value

    @model_validator(mode="after")
    def _one_mode(self) -> "Mapping":
        if sum(mode is not None for mode in (self.inspections, self.requests, self.readings)) != 1:
            raise ValueError("a mapping has either 'inspections' or 'requests' or 'readings'")
        return self
