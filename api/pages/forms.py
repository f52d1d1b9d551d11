"""Commands as forms: a field for every word that a person says, and back from what was sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from api.pages.asked import moment_in
from api.pages.rendering import View
from domain.cases.events import ClockKind, Limit
from domain.errors import Invalid
from domain.messages import Command
from domain.reasons import Reason
from projections import unit_list
from projections.unit_list import UnitFilter

Widget = Literal["text", "area", "number", "choice", "unit", "yes", "moment", "hidden"]

# Names a unit of the register; "authority" only where it is decided in its name.
UNITS = frozenset({"unit", "owner", "about"})
IN_WHOSE_NAME = frozenset({"money.approve", "listing.approve", "accountability.decide"})
# Here it is not a problem that is described.
TO_PUBLISH = ("listing.review", "text")
# Not said in a form: files are sent by programmes, places by maps.
UNSAID = frozenset({"evidence", "place", "assisting", "inspection_id", "reporter", "sheet"})
LONG = 1000
SHORT_LIST = 100


@dataclass(frozen=True, slots=True)
class Field:
    """``options`` are the values to choose from, each with its word."""

    name: str
    label: str
    widget: Widget
    required: bool
    value: str = ""
    options: Sequence[tuple[str, str]] = ()


def fields_of(
    view: View, command: type[Command], given: Mapping[str, str], unasked: Sequence[str] = ()
) -> list[Field]:
    """What a form asks for, filled with what is known; ``unasked`` are sent along unseen."""
    found: list[Field] = []
    for name, info in command.model_fields.items():
        if name in UNSAID or name in command.FOUND:
            continue
        for field in _fields(view, command, name, info):
            value = given.get(field.name, "")
            widget: Widget = "hidden" if field.name in unasked and value else field.widget
            found.append(Field(field.name, field.label, widget, field.required, value,
                               field.options))  # fmt: skip
    return found


def _fields(view: View, command: type[Command], name: str, info: FieldInfo) -> list[Field]:
    label, required = _label(view, command, name), info.is_required()
    kind = _plain(info.annotation)
    if kind is Limit:
        clocks = [(clock, view.t(f"clock.{clock}")) for clock in get_args(ClockKind)]
        return [
            Field(f"{name}.amount", label, "number", required),
            Field(f"{name}.clock", _label(view, command, "clock"), "choice", required, "", clocks),
        ]
    if kind is Reason:
        # One language is enough for a person; which one, the rules of the thing say.
        return [
            Field(f"{name}.zh", view.t("form.in_chinese", what=label), "area", False),
            Field(f"{name}.en", view.t("form.in_english", what=label), "area", False),
        ]
    if get_origin(kind) is Literal:
        options = [(code, view.t.of(name, code)) for code in get_args(kind) if code]
        return [Field(name, label, "choice", required, "", options)]
    return [Field(name, label, _widget(command, name, kind, info), required)]


def _widget(command: type[Command], name: str, kind: Any, info: FieldInfo) -> Widget:
    if name in UNITS or (name == "authority" and command.NAME in IN_WHOSE_NAME):
        return "unit"
    if kind is bool:
        return "yes"
    if kind is datetime:
        return "moment"
    if kind is not str:
        return "number"
    most = next((each.max_length for each in info.metadata if hasattr(each, "max_length")), 0)
    return "area" if most >= LONG else "text"


def command_from(
    view: View, command: type[Command], sent: Mapping[str, str], key: Mapping[str, str]
) -> Command:
    """The command that a form asks for; ``key`` is the thing's id. Raises ``Invalid``
    (``form.incomplete``) with a sentence that names the fields."""
    words: dict[str, Any] = {}
    for name, info in command.model_fields.items():
        if name in UNSAID or name in command.FOUND or name in key:
            continue
        for field in _fields(view, command, name, info):
            value = _value(view, field, sent.get(field.name, "").strip())
            if value is not None:
                _put(words, field.name.split("."), value)
        if _plain(info.annotation) is Reason and name in words:
            words[name] = {"zh": "", "en": ""} | words[name]
    try:
        return command.model_validate({**words, **key})
    except ValidationError as error:
        raise Invalid("form.incomplete", _sentence(view, command, error)) from error


def units_offered(view: View) -> list[tuple[str, str]]:
    """Units that a form proposes by name: those above the grids and companies."""
    if view.offered is None:
        view.offered = _units_offered(view)
    return view.offered


def _units_offered(view: View) -> list[tuple[str, str]]:
    kinds = ("city", "department", "district", "street")
    reader = view.services.reader
    return [
        (unit.unit_id, unit.name)
        for kind in kinds
        for unit in unit_list.page(reader, UnitFilter(kind=kind), limit=SHORT_LIST).rows
        if not unit.retired
    ]


def _value(view: View, field: Field, text: str) -> Any:
    """``None`` for what was left empty."""
    if not text:
        return None
    match field.widget:
        case "unit":
            return _unit_id(view, text)
        case "moment":
            return moment_in(text, view.city.zone)
        case "yes":
            return True
    return text


def _unit_id(view: View, text: str) -> str:
    """The unit with this id or, if one alone is called so, with this name; else the text."""
    found = unit_list.page(view.services.reader, UnitFilter(words=text), limit=SHORT_LIST).rows
    if any(unit.unit_id == text for unit in found):
        return text
    called = [unit.unit_id for unit in found if unit.name == text]
    return called[0] if len(called) == 1 else text


def _put(words: dict[str, Any], path: list[str], value: Any) -> None:
    for step in path[:-1]:
        words = words.setdefault(step, {})
    words[path[-1]] = value


def _sentence(view: View, command: type[Command], error: ValidationError) -> str:
    missing: list[str] = []
    wrong: list[str] = []
    for fault in error.errors(include_url=False):
        name = str(fault["loc"][0]) if fault["loc"] else ""
        label = _label(view, command, name)
        if fault["type"] in ("missing", "string_too_short"):
            missing.append(label)
        else:
            wrong.append(f"{label}: {fault['msg']}")
    told = view.t("app.comma").join(dict.fromkeys(missing))
    sentences = [view.t("form.missing", what=told)] if missing else []
    return " ".join([*sentences, *dict.fromkeys(wrong)])


def _label(view: View, command: type[Command], name: str) -> str:
    if name == "authority" and command.NAME in IN_WHOSE_NAME:
        name = "in_whose_name"
    return view.t.of("field", "published_text" if (command.NAME, name) == TO_PUBLISH else name)


def _plain(annotation: Any) -> Any:
    """The type without ``None`` and without what only narrows it."""
    while True:
        if get_origin(annotation) in (Union, UnionType):
            annotation = next(a for a in get_args(annotation) if a is not type(None))
        elif hasattr(annotation, "__metadata__"):
            annotation = annotation.__origin__
        else:
            return annotation
