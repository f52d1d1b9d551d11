"""The guide to mappings names every word there is, and every example in it works."""

import re
from collections.abc import Iterator
from typing import Any, get_args

import pytest
import yaml
from pydantic import BaseModel

from infra.importing.loading import parse
from infra.importing.model import Mapping
from tests.support.importing import ROOT

GUIDE = (ROOT / "infra/mappings/README.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)
WHOLE = {"inspections": EXAMPLES[0], "requests": EXAMPLES[1], "readings": EXAMPLES[2]}


def words(model: type[BaseModel]) -> Iterator[str]:
    """Every word of the language and every value of a closed list."""
    for name, info in model.model_fields.items():
        yield name
        yield from parts(info.annotation)
        for mark in info.metadata:
            yield from parts(getattr(mark, "answers", None))


def parts(annotation: Any) -> Iterator[str]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield from words(annotation)
    for part in get_args(annotation):
        if isinstance(part, str):
            yield part
        else:
            yield from parts(part)


def merged(whole: Any, part: Any) -> Any:
    if isinstance(whole, dict) and isinstance(part, dict):
        return {**whole, **{key: merged(whole.get(key), value) for key, value in part.items()}}
    return part


@pytest.mark.parametrize("word", sorted(set(words(Mapping))))
def test_every_word_stands_in_the_guide(word: str) -> None:
    assert re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", GUIDE)


def keys(tree: Any) -> Iterator[str]:
    match tree:
        case dict():
            for key, value in tree.items():
                yield key
                yield from keys(value)
        case list():
            for item in tree:
                yield from keys(item)


def names(model: type[BaseModel]) -> set[str]:
    """The words alone, without the values they may have."""
    nested = (m for info in model.model_fields.values() for m in models(info.annotation))
    return set(model.model_fields).union(*(names(inner) for inner in nested))


def models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from models(part)


@pytest.mark.parametrize("word", sorted(names(Mapping)))
def test_every_word_has_an_example(word: str) -> None:
    trees = (yaml.load(example, yaml.BaseLoader) for example in EXAMPLES)
    assert any(word in keys(tree) for tree in trees)


@pytest.mark.parametrize("kind", WHOLE)
def test_the_whole_examples_load_as_they_stand(kind: str) -> None:
    assert getattr(parse(WHOLE[kind]), kind) is not None


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_every_example_loads(example: str) -> None:
    """A part of a mapping is put into the whole one of its kind, which stands first."""
    part = yaml.load(example, yaml.BaseLoader)
    kind = next((kind for kind in WHOLE if kind in part), "inspections")
    whole = yaml.load(WHOLE[kind], yaml.BaseLoader)
    for name in part.get("columns", ()):  # declared in another way than in the whole one
        whole["columns"].pop(name, None)
    parse(yaml.safe_dump(merged(whole, part), allow_unicode=True, sort_keys=False))
