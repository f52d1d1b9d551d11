"""Values of stored fields in words: codes translated, times local, units by their names."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from api.pages.happenings import page_of
from api.pages.rendering import View
from projections.dossiers import UnitName, names

# Fields whose values are codes of a group of texts.
CODES: Mapping[str, str] = {
    "status": "status",
    "suspended_in": "status",
    "source": "source",
    "severity": "severity",
    "clock": "clock",
    "kind": "kind",
    "result": "result",
    "colour": "colour",
    "direction": "direction",
    "list": "list",
    "subject_kind": "subject_kind",
    "action": "action",
    "against": "against",
}
UNITS = frozenset(
    {"unit", "about", "assisting", "district", "grid", "parent", "line", "approved_for",
     "decided_for"}
)  # fmt: skip
WIDE = frozenset(
    {"address", "note", "reason", "text", "demand", "grounds", "answer", "outcome", "package"}
)
# Fields that hold the id of a thing with a page.
NAMED: Mapping[str, str] = {"inspection_id": "inspection", "case_id": "case", "ranking": "ranking"}


@dataclass(frozen=True, slots=True)
class Fact:
    """A field for people; ``wide`` ones take a whole line."""

    label: str
    text: str
    href: str = ""
    wide: bool = False


class Telling:
    """Tells rows and changes for one reader; ``ids`` are the units whose names it needs, ``codes``
    the groups of texts for fields whose codes mean something else on this kind of thing, and
    ``labels`` what such a field is called there."""

    def __init__(
        self,
        view: View,
        ids: Iterable[str],
        codes: Mapping[str, str] | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> None:
        self.view = view
        self.labels = labels or {}
        self.codes = {**CODES, **(codes or {})}
        self.units: Mapping[str, UnitName] = names(view.services.reader, ids)

    def name(self, unit: str) -> str:
        return self.units[unit].name if unit in self.units else unit

    def label(self, field: str) -> str:
        return self.view.t.of("field", self.labels.get(field, field))

    def value(self, field: str, value: Any) -> str:
        """Empty for what says nothing."""
        match value:
            case None | "" | ():
                return ""
            case bool():
                return self.view.t("answer.yes" if value else "answer.no")
            case datetime():
                return self.view.f.moment(value)
            case list() | tuple():
                return self.view.t("app.comma").join(self.value(field, part) for part in value)
            case str() if field in UNITS:
                return self.name(value)
            case str() if field in self.codes:
                return self.view.t.of(self.codes[field], value)
            case float() if field in ("latitude", "longitude"):
                return f"{value:.5f}"
            case int() | float() | Decimal():
                return self.view.f.number(value)
        return str(value)

    def facts(self, row: Any, fields: Sequence[str]) -> list[Fact]:
        """Those fields of a row that say something, with a way to what they name."""
        return [
            Fact(self.label(field), told, self._way(field, value), field in WIDE)
            for field in fields
            if (value := getattr(row, field)) and (told := self.value(field, value))
        ]

    def _way(self, field: str, value: Any) -> str:
        if field in NAMED:
            return page_of(NAMED[field], value)
        return page_of("unit", value) if field in UNITS and value in self.units else ""


def units_in(rows: Iterable[Any]) -> set[str]:
    """The ids of all units that rows (or events) name."""
    found: set[str] = set()
    for row in rows:
        for field in UNITS:
            value = getattr(row, field, "")
            found.update((value,) if isinstance(value, str) else value or ())
    return found - {""}
