"""From a mapping's name or file to a mapping that can be used, or to all that is wrong with it."""

import re
from collections.abc import Iterator, Sequence
from importlib import resources
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from domain.errors import Invalid, NotFound
from domain.policies.findings import nearest
from domain.policies.reading import Document, read
from infra.importing.checking import Finding, mapping_findings
from infra.importing.model import Mapping

SUFFIXES = (".yaml", ".yml")


def load_mapping(name_or_path: str | Path) -> Mapping:
    """A shipped mapping by its name, or any mapping by its file. Raises ``NotFound``
    (``mapping.unknown``) and ``Invalid`` (``mapping.invalid``) naming every error and its line."""
    path = Path(name_or_path)
    if path.suffix in SUFFIXES or path.parent != Path():
        return parse(_text(path))
    file = resources.files("infra") / "mappings" / f"{name_or_path}.yaml"
    if not file.is_file():
        hint = nearest(str(name_or_path), shipped())
        raise NotFound(
            "mapping.unknown",
            f"no mapping {str(name_or_path)!r} is shipped: {hint} (or name a .yaml file)",
        )
    return parse(file.read_text(encoding="utf-8"))


def shipped() -> list[str]:
    """The names of the mappings that come with the program."""
    folder = resources.files("infra") / "mappings"
    names = (file.name for file in folder.iterdir())
    return sorted(name.removesuffix(".yaml") for name in names if name.endswith(".yaml"))


def parse(text: str) -> Mapping:
    """Raises ``Invalid`` (``mapping.invalid``)."""
    document = _read(text)
    problems = {(p.mark, p.sentence) for p in document.problems}
    for finding in _findings(document.tree):
        problems.add((document.place(finding.path, finding.of_word), finding.sentence))
    if problems:
        lines = [f"line {mark.line}: {sentence}" for mark, sentence in sorted(problems)]
        raise Invalid("mapping.invalid", "the mapping cannot be used: " + "; ".join(lines))
    return Mapping.model_validate(document.tree)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise NotFound("mapping.unknown", f"there is no mapping file {path}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid("mapping.invalid", f"the mapping {path} cannot be read: {error}") from error


def _read(text: str) -> Document:
    try:
        return read(text)
    except Invalid as error:  # the reader speaks of policies, which are files of the same kind
        raise Invalid("mapping.invalid", error.message.replace("policy", "mapping")) from error


def _findings(tree: Any) -> Iterator[Finding]:
    try:
        yield from mapping_findings(Mapping.model_validate(tree))
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            yield _said(detail)


def _said(detail: Any) -> Finding:
    """A validation error as a sentence for somebody who writes mappings."""
    path = tuple(step for step in detail["loc"] if step != "[key]")
    word, value, context = path[-1] if path else "", detail["input"], detail.get("ctx", {})
    match detail["type"]:
        case "missing":
            about = _model_at(path).model_fields[str(word)].description
            return Finding(path, f"the word '{word}' is missing: {about}")
        case "extra_forbidden":
            words = list(_model_at(path).model_fields)
            return Finding(path, f"unknown word '{word}': {nearest(str(word), words)}", True)
        case "literal_error":
            allowed = re.findall(r"'([^']*)'", context["expected"])
            return Finding(path, f"unknown value '{value}': {nearest(str(value), allowed)}")
        case "value_error":
            return Finding(path, str(context["error"]))
        case "model_type" | "dict_type" | "model_attributes_type":
            return Finding(path, f"'{word}' needs words with values, not {_shown(value)}")
        case "tuple_type":
            return Finding(path, f"'{word}' needs a list, not {_shown(value)}")
        case "string_type":
            return Finding(path, f"'{word}' needs plain text, not {_shown(value)}")
    message = detail["msg"]
    return Finding(path, f"'{word}' cannot be {_shown(value)}: {message[0].lower()}{message[1:]}")


def _shown(value: Any) -> str:
    match value:
        case dict():
            return "words with values"
        case list() | tuple():
            return "a list"
    return f"'{value}'"


def _model_at(path: Sequence[str | int]) -> type[BaseModel]:
    """The model that the last word of the path belongs to."""
    model: type[BaseModel] = Mapping
    for step in path[:-1]:
        field = model.model_fields.get(str(step))
        model = (field and _model_in(field.annotation)) or model
    return model


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model in an annotation such as ``Test | None`` or ``dict[str, Column]``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((model for part in get_args(annotation) if (model := _model_in(part))), None)
