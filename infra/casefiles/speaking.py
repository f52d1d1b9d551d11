"""Events in words: what each field of a stored event says to the reader of a case file."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
import yaml

from api.pages.figures import Figures
from api.pages.language import Language, Table, Words, load
from api.pages.telling import CODES, UNITS
from domain.cases.events import Deadline
from domain.messages import Envelope, Event
from domain.reasons import Reason
from projections.dossiers import UnitName, names
from projections.histories import LATE
from projections.reading import Reader

# Told elsewhere, or for programs alone.
UNTOLD = frozenset({"body", "reason_en", "because", "policies", "digest", "checksum", "copy",
                    "thumbnail", "latitude", "longitude", "salt", "changed_at", "recorded_at",
                    "version", "position"})  # fmt: skip
LONGEST = 600
# What a code means depends on the kind of thing; no two kinds give one code two meanings here.
OTHER_CODES: Mapping[str, Sequence[str]] = {
    "colour": ("slip_colour",),
    "status": (
        "accountability_status", "bulletin_status", "slip_status", "money_status",
        "listing_status", "appeal_status", "penalty_status",
    ),
    "decision": ("accountability_status", "decision"),
}  # fmt: skip


class Told(NamedTuple):
    """An event for people. ``late``: how much later than it happened it was recorded."""

    position: int
    version: int
    about: str
    title: str
    actor: str
    cause: str
    occurred: str
    recorded: str
    late: str
    facts: list[tuple[str, str]]


@cache
def table() -> Table:
    """The texts of the pages, and those of case files."""
    text = (files("infra.casefiles") / "words.yaml").read_text(encoding="utf-8")
    own = {
        f"{group}.{name}": (str(spoken[0]), str(spoken[1]))
        for group, entries in yaml.safe_load(text).items()
        for name, spoken in entries.items()
    }
    return {**load(), **own}


@dataclass(frozen=True, slots=True)
class Speaking:
    """In one language, in the city's zone; ``units`` by id."""

    t: Words
    f: Figures
    units: Mapping[str, UnitName]

    def told(self, envelope: Envelope) -> Told:
        kind, _, key = envelope.stream_id.partition("-")
        event, delay = envelope.event, envelope.recorded_at - envelope.occurred_at
        late = self.t("paper.late", span=self.f.span(delay)) if delay > LATE else ""
        return Told(
            envelope.position, envelope.version, f"{self.t.of('thing', kind)} {self.name(key)}",
            self.t.of("event", event.NAME), envelope.actor, envelope.metadata.cause,
            self.f.second(envelope.occurred_at), self.f.second(envelope.recorded_at), late,
            self.facts(event),
        )  # fmt: skip

    def facts(self, row: Any) -> list[tuple[str, str]]:
        """The fields that say something."""
        said = ((field, self.value(field, getattr(row, field))) for field in row.__struct_fields__)
        return [(self.label(field), text) for field, text in said if text and field not in UNTOLD]

    def label(self, field: str) -> str:
        return self.t.of("field", field)

    def name(self, unit: str) -> str:
        return self.units[unit].name if unit in self.units else unit

    def value(self, field: str, value: Any) -> str:
        """Empty for what says nothing."""
        match value:
            case None | "" | () | [] | False:
                return ""
            case True:
                return self.t("answer.yes")
            case Deadline():
                return self.f.moment(value.due_at)
            case Reason():
                return value.zh if self.t.language == "zh" else value.en
            case datetime():
                return self.f.moment(value)
            case int() | float() | Decimal():
                return self.f.number(value)
            case str() if field in UNITS:
                return self.name(value)
            case str():
                return self._code(field, value)[:LONGEST]
            case list() | tuple() if not isinstance(value[0], str):
                return self.t("paper.items", n=self.f.number(len(value)))
            case list() | tuple():
                return self.t("app.comma").join(self.value(field, each) for each in value)
        parts = vars_of(value).items()
        said = (self.value(name, part) for name, part in parts if name not in UNTOLD)
        return " ".join(filter(None, said))

    def _code(self, field: str, value: str) -> str:
        """A code in words; whatever else is the city's own word."""
        groups = (CODES.get(field, ""), *OTHER_CODES.get(field, ()))
        said = (self.t.of(group, value) for group in groups)
        return next((words for words in said if words != value), value)


def vars_of(value: Any) -> Mapping[str, Any]:
    """The parts of a value that an event holds; of anything else its text."""
    if isinstance(value, msgspec.Struct):
        return msgspec.structs.asdict(value)
    named = getattr(value, "__dataclass_fields__", None)
    return {name: getattr(value, name) for name in named} if named else {"": str(value)}


def speaking(
    reader: Reader, events: Iterable[Event], ids: Iterable[str], zone: ZoneInfo, language: Language
) -> Speaking:
    """For these events: with the names of all units that they name, and of ``ids``."""
    wanted = set(ids)
    for event in events:
        for field in UNITS:
            named = getattr(event, field, "")
            wanted.update((named,) if isinstance(named, str) else named or ())
        place = getattr(event, "place", None)
        wanted.update(getattr(place, part, "") for part in ("grid", "district"))
    words = Words(table(), language)
    return Speaking(words, Figures(words, zone), names(reader, wanted))
